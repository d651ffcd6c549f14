-- une ligne : un statut d'occupation du logement des ménages demandeurs et un exercice ; clé : territoire, millesime, statut_occupation
with
demandeurs as (
  select distinct
    commune as territoire,
    millesime,
    menage
  from socle.aides_demandes
),
statuts as (
  -- as it was known by the end of the year
  select
    territoire,
    millesime,
    menage,
    max_by(statut_occupation, date_maj) as statut_occupation
  from demandeurs
  join brut.ccas_menages using (menage)
  where statut_occupation is not null and year(date_maj) <= millesime
  group by
    territoire,
    millesime,
    menage
)
select
  territoire,
  millesime,
  statut_occupation,
  count(*) as menages_statut,
  sum(count(*)) over (partition by territoire, millesime) as menages_statut_ensemble
from statuts
group by
  territoire,
  millesime,
  statut_occupation
