-- une ligne : un besoin principal relevé en maraude et un exercice ; clé : territoire, millesime, besoin
select
  territoires.territoire,
  year(date_maraude)::integer as millesime,
  besoin,
  count(*) as maraudes,
  sum(count(*)) over (partition by territoires.territoire, year(date_maraude)) as maraudes_ensemble
from brut.ccas_maraudes
join socle.territoires territoires on role = 'etude'
where besoin is not null
group by
  territoires.territoire,
  year(date_maraude),
  besoin
