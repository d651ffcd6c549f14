-- une ligne : un ménage dont les ressources ont été relevées dans l'exercice ; clé : territoire, millesime, menage
with
situations as (
  -- a day and a consumption unit; the last situation of the year
  select
    year(date_situation)::integer as millesime,
    menage,
    max_by((ressources - charges) / 30.4 / unites_consommation, date_situation) as reste
  from brut.ccas_ressources
  group by
    year(date_situation),
    menage
)
select
  territoire,
  millesime,
  menage,
  -- nobody lives on less than nothing: what is owed beyond the income counts for zero
  greatest(0, reste) as reste
from situations
join socle.territoires on role = 'etude'
