-- une ligne : un exercice, ce qui reste pour vivre aux ménages dont les ressources ont été relevées ; clé : territoire, millesime
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
  territoires.territoire,
  millesime,
  count(*) as menages_ressources,
  -- nobody lives on less than nothing: what is owed beyond the income counts for zero
  sum(greatest(0, reste)) as reste_a_vivre,
  greatest(0, max(reste)) as reste_a_vivre_premier,
  greatest(0, coalesce(max(reste, 2)[2], 0)) as reste_a_vivre_deuxieme,
  count(*) filter (where reste <= 0) as menages_sans_reste,
  case when count(*) >= 10 then median(greatest(0, reste)) end as reste_a_vivre_median
from situations
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  millesime
