-- une ligne : un auteur de signalement et un exercice ; clé : territoire, millesime, origine
select
  territoires.territoire,
  year(date_signalement)::integer as millesime,
  origine,
  count(*) as signalements_origine,
  sum(count(*)) over (partition by territoires.territoire, year(date_signalement)) as signalements_origine_ensemble
from brut.ccas_signalements
join socle.territoires territoires on role = 'etude'
where origine is not null
group by
  territoires.territoire,
  year(date_signalement),
  origine
