-- une ligne : un exercice, sa nuit de comptage la mieux remplie ; clé : territoire, millesime
with
nuits as (
  select
    territoires.territoire,
    year(date_comptage)::integer as millesime,
    ccas_comptages.*
  from brut.ccas_comptages
  join socle.territoires territoires on role = 'etude'
  where perimetre is distinct from 'autre'
  -- a count is a minimum: of the nights of a year, the highest is the nearest
  qualify row_number() over (
    partition by territoires.territoire, year(date_comptage)
    order by personnes_rencontrees desc, date_comptage desc
  ) = 1
)
select
  territoire,
  millesime,
  personnes_rencontrees as comptees,
  equipes,
  case when dont_femmes is null then 0 else personnes_rencontrees end as comptees_sexe_connu,
  coalesce(dont_femmes, 0) as comptees_femmes,
  case when dont_mineurs is null then 0 else personnes_rencontrees end as comptees_age_connu,
  coalesce(dont_mineurs, 0) as comptees_mineurs,
  case when dont_isolees is null then 0 else personnes_rencontrees end as comptees_isolement_connu,
  coalesce(dont_isolees, 0) as comptees_isolees,
  familles as familles_comptees
from nuits
