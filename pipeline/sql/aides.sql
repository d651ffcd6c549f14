-- une ligne : un exercice, l'activité d'aide de la commune ; clé : territoire, millesime
with
presences as (
  select
    menage,
    millesime,
    min(date_demande) as premiere,
    lag(max(date_demande)) over (partition by menage order by millesime) as precedente
  from socle.aides_demandes
  group by
    menage,
    millesime
),
menages as (
  select
    commune as territoire,
    millesime,
    menage,
    -- the same year looked back on for every request, however long the deposits
    any_value(coalesce(precedente < premiere - interval 1 year, true)) as nouveau,
    count(*) as demandes,
    count(*) filter (where accordee) as accords,
    count(*) filter (where decision = 'refus') as refus_aide,
    count(jours) as delais_connus,
    coalesce(sum(jours), 0) as jours_attente,
    count(*) filter (where jours > 30) as delais_plus_30,
    sum(montant) as montant
  from socle.aides_demandes
  join presences using (menage, millesime)
  group by
    commune,
    millesime,
    menage
),
exercices as (
  select
    territoire,
    millesime,
    count(*) as menages,
    count(*) filter (where demandes >= 3) as menages_3_plus,
    count(*) filter (where nouveau) as menages_nouveaux,
    sum(demandes) as demandes,
    sum(accords) as accords,
    sum(refus_aide) as refus_aide,
    sum(delais_connus) as delais_connus,
    sum(jours_attente) as jours_attente,
    sum(delais_plus_30) as delais_plus_30,
    sum(montant) as montant,
    count(*) filter (where montant > 0) as menages_payes,
    -- what one household brings goes together: the squares and products that its variance is made of
    sum(demandes ** 2) as demandes_carres,
    count(*) filter (where accords + refus_aide > 0) as menages_decision,
    sum(accords ** 2) as accords_carres,
    sum(accords * (accords + refus_aide)) as accords_decisions,
    sum((accords + refus_aide) ** 2) as decisions_carres,
    count(*) filter (where delais_connus > 0) as menages_delai,
    sum(delais_plus_30 ** 2) as retards_carres,
    sum(delais_plus_30 * delais_connus) as retards_delais,
    sum(jours_attente ** 2) as jours_carres,
    sum(jours_attente * delais_connus) as jours_delais,
    sum(delais_connus ** 2) as delais_carres,
    sum(montant ** 2) as montant_carres,
    max(montant) as montant_premier,
    coalesce(max(montant, 2)[2], 0) as montant_deuxieme
  from menages
  group by
    territoire,
    millesime
)
select
  * exclude (menages_nouveaux),
  -- nobody is new in the first year deposited
  case when millesime > min(millesime) over () then menages_nouveaux end as menages_nouveaux
from exercices
