-- une ligne : une situation d'emploi des demandeurs et un exercice, dans la commune ; clé : territoire, millesime, situation_emploi
with
demandeurs as (
  select distinct
    commune as territoire,
    millesime,
    personne
  from socle.aides_demandes
),
situations as (
  -- as it was known by the end of the year
  select
    territoire,
    millesime,
    personne,
    max_by(situation_emploi, (date_maj, menage)) as situation_emploi
  from demandeurs
  join brut.ccas_personnes using (personne)
  where situation_emploi is not null and year(date_maj) <= millesime
  group by
    territoire,
    millesime,
    personne
)
select
  territoire,
  millesime,
  situation_emploi,
  count(*) as demandeurs_situation,
  sum(count(*)) over (partition by territoire, millesime) as demandeurs_situation_ensemble
from situations
group by
  territoire,
  millesime,
  situation_emploi
