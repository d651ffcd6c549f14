-- une ligne : un territoire (commune ou quartier) et un exercice, son activité d'aide ; clé : territoire, millesime
with
exercices as (
  select distinct millesime
  from socle.aides_demandes
),
grille as (
  select
    territoire,
    millesime
  from socle.territoires
  cross join exercices
  where role in ('etude', 'quartier')
),
premieres as (
  select
    menage,
    min(millesime) as premier_exercice
  from socle.aides_demandes
  group by menage
),
menages as (
  select
    commune,
    quartier_menage as quartier,
    millesime,
    menage,
    any_value(premier_exercice) = millesime as nouveau,
    count(*) as demandes,
    count(*) filter (where accordee) as accords,
    count(*) filter (where decision = 'refus') as refus,
    count(jours) as delais_connus,
    sum(jours) as jours_attente,
    count(*) filter (where jours > 30) as delais_plus_30,
    sum(montant) as montant
  from socle.aides_demandes
  join premieres using (menage)
  group by
    commune,
    quartier_menage,
    millesime,
    menage
),
lieux as (
  select
    commune as territoire,
    *
  from menages
  union all
  select
    quartier as territoire,
    *
  from menages
  where quartier is not null
),
activite as (
  select
    territoire,
    millesime,
    count(*) as menages,
    count(*) filter (where demandes >= 3) as menages_3_plus,
    count(*) filter (where nouveau) as menages_nouveaux,
    sum(demandes) as demandes,
    sum(accords) as accords,
    sum(refus) as refus,
    sum(delais_connus) as delais_connus,
    sum(jours_attente) as jours_attente,
    sum(delais_plus_30) as delais_plus_30,
    sum(montant) as montant,
    count(*) filter (where montant > 0) as menages_payes,
    max(montant) as montant_premier,
    max(montant, 2)[2] as montant_deuxieme
  from lieux
  group by
    territoire,
    millesime
),
demandeurs as (
  select
    commune as territoire,
    millesime,
    personne
  from socle.aides_demandes
  union
  select
    quartier_personne as territoire,
    millesime,
    personne
  from socle.aides_demandes
  where quartier_personne is not null
),
personnes as (
  select
    territoire,
    millesime,
    count(*) as personnes
  from demandeurs
  group by
    territoire,
    millesime
)
select
  territoire,
  millesime,
  coalesce(personnes, 0) as personnes,
  coalesce(menages, 0) as menages,
  coalesce(menages_3_plus, 0) as menages_3_plus,
  case when millesime > min(millesime) over () then coalesce(menages_nouveaux, 0) end as menages_nouveaux,
  coalesce(demandes, 0) as demandes,
  coalesce(accords, 0) as accords,
  coalesce(refus, 0) as refus,
  coalesce(delais_connus, 0) as delais_connus,
  coalesce(jours_attente, 0) as jours_attente,
  coalesce(delais_plus_30, 0) as delais_plus_30,
  coalesce(montant, 0) as montant,
  coalesce(menages_payes, 0) as menages_payes,
  coalesce(montant_premier, 0) as montant_premier,
  coalesce(montant_deuxieme, 0) as montant_deuxieme,
  habitants_20_plus
from grille
left join activite using (territoire, millesime)
left join personnes using (territoire, millesime)
left join socle.habitants_adultes using (territoire)
