-- une ligne : un exercice de domiciliation de la commune, et son état au 31 décembre ; clé : territoire, millesime
with
etude as (
  select territoire
  from socle.territoires
  where role = 'etude'
),
bornes as (
  -- requests answered the year after, elections begun the year after: neither opens a year of its own
  select
    coalesce(min(year(date_debut)), min(year(date_demande))) as premier,
    max(year(date_demande)) as dernier
  from brut.ccas_domiciliations
),
exercices as (
  select unnest(generate_series(premier, dernier))::integer as millesime
  from bornes
),
demandes as (
  select
    year(date_demande)::integer as millesime,
    count(*) as demandes,
    count(*) filter (where decision = 'refus') as refus
  from brut.ccas_domiciliations
  group by year(date_demande)
),
entrees as (
  select
    millesime_debut as millesime,
    count(*) as delivrees,
    count(*) filter (where nature = 'premiere') as premieres,
    count(*) filter (where nature = 'renouvellement') as renouvellements,
    count(*) filter (where nature = 'transfert') as transferts,
    count(jours) as delais_connus,
    coalesce(sum(jours), 0) as jours_attente,
    count(jours) filter (where plus_de_2_mois) as delais_plus_2_mois
  from socle.domiciliation_elections
  group by millesime_debut
),
sorties as (
  select
    millesime_sortie as millesime,
    count(*) filter (where sortie = 'radiation') as radiations,
    count(*) filter (where sortie = 'remplacement') as remplacements,
    count(*) filter (where sortie = 'expiration') as expirations
  from socle.domiciliation_elections
  group by millesime_sortie
),
-- what is known of nobody is missing, and not zero
etats as (
  select
    millesime,
    count(election) as en_cours,
    count(election) + coalesce(sum(ayants_droit), 0) as personnes,
    coalesce(sum(ayants_droit), 0) as ayants_droit,
    coalesce(sum(ayants_droit) filter (where ayants_droit_mineurs is not null), 0) as ayants_droit_connus,
    coalesce(sum(ayants_droit_mineurs), case when count(election) = 0 then 0 end) as ayants_droit_mineurs,
    count(situation) as situations_connues,
    case
      when count(situation) > 0 or count(election) = 0 then count(*) filter (where situation = 'isole')
    end as isoles,
    case
      when count(situation) > 0 or count(election) = 0 then count(*) filter (where situation = 'couple')
    end as couples,
    case
      when count(situation) > 0 or count(election) = 0 then count(*) filter (where situation = 'famille')
    end as familles,
    count(sexe) as sexes_connus,
    case
      when count(sexe) > 0 or count(election) = 0 then count(*) filter (where sexe = 'femmes')
    end as femmes,
    count(age) as ages_connus,
    case
      when count(age) > 0 or count(election) = 0 then count(*) filter (where age < 25)
    end as moins_25,
    count(date_premiere) as anciennetes_connues,
    case
      when count(date_premiere) > 0 or count(election) = 0
      then count(*) filter (where date_premiere <= make_date(millesime, 12, 31) - interval 1 year)
    end as un_an_et_plus,
    round(coalesce(sum(make_date(millesime, 12, 31) - date_premiere), 0) / 30.4375) as mois_domiciliation
  from exercices
  left join socle.domiciliation_elections
    on date_debut <= make_date(millesime, 12, 31)
    and date_sortie > make_date(millesime, 12, 31)
  group by millesime
)
select
  territoire,
  millesime,
  coalesce(demandes, 0) as demandes,
  coalesce(refus, 0) as refus,
  coalesce(delivrees, 0) as delivrees,
  coalesce(premieres, 0) as premieres,
  coalesce(renouvellements, 0) as renouvellements,
  coalesce(transferts, 0) as transferts,
  coalesce(delais_connus, 0) as delais_connus,
  coalesce(jours_attente, 0) as jours_attente,
  coalesce(delais_plus_2_mois, 0) as delais_plus_2_mois,
  coalesce(radiations, 0) as radiations,
  coalesce(remplacements, 0) as remplacements,
  coalesce(expirations, 0) as expirations,
  en_cours,
  personnes,
  ayants_droit,
  ayants_droit_connus,
  ayants_droit_mineurs,
  situations_connues,
  isoles,
  couples,
  familles,
  sexes_connus,
  femmes,
  ages_connus,
  moins_25,
  anciennetes_connues,
  un_an_et_plus,
  mois_domiciliation
from etats
cross join etude
left join demandes using (millesime)
left join entrees using (millesime)
left join sorties using (millesime)
