-- une ligne : une suite donnée aux signalements et un exercice ; clé : territoire, millesime, suite
select
  territoires.territoire,
  year(date_signalement)::integer as millesime,
  suite,
  count(*) as signalements_suite,
  sum(count(*)) over (partition by territoires.territoire, year(date_signalement)) as signalements_suite_ensemble
from brut.ccas_signalements
join socle.territoires territoires on role = 'etude'
where suite is not null
group by
  territoires.territoire,
  year(date_signalement),
  suite
