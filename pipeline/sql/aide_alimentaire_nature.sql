-- une ligne : une nature d'aide alimentaire et un exercice ; clé : territoire, millesime, nature
select
  territoires.territoire,
  year(date_remise)::integer as millesime,
  nature,
  count(*) as remises,
  sum(count(*)) over (partition by territoires.territoire, year(date_remise)) as remises_ensemble
from brut.ccas_aide_alimentaire
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_remise),
  nature
