-- une ligne : une suite donnée aux signalements et un exercice ; clé : territoire, millesime, suite
with
observes as (
  -- what was reported shortly before the last one taken up: of it, the quick outcomes alone would count
  select max(date_prise_en_charge) - interval 90 day as jusqu_au
  from brut.ccas_signalements
),
suites as (
  select
    territoires.territoire,
    year(date_signalement)::integer as millesime,
    suite,
    count(*) filter (where date_signalement <= coalesce(jusqu_au, date_signalement)) as signalements_suite
  from brut.ccas_signalements
  cross join observes
  join socle.territoires territoires on role = 'etude'
  where suite is not null
  group by
    territoires.territoire,
    year(date_signalement),
    suite
)
select
  *,
  sum(signalements_suite) over exercice as signalements_suite_ensemble
from suites
window exercice as (partition by territoire, millesime)
-- a year of which nothing is old enough has its outcomes, none of them counted
qualify signalements_suite > 0 or sum(signalements_suite) over exercice = 0
