-- une ligne : un type de partenaire vers qui le CCAS oriente et un exercice ; clé : territoire, millesime, orientation
select
  territoires.territoire,
  year(date_accueil)::integer as millesime,
  orientation,
  count(*) as orientations,
  sum(count(*)) over (partition by territoires.territoire, year(date_accueil)) as orientations_ensemble
from brut.ccas_accueils
join socle.territoires territoires on role = 'etude'
where orientation is not null
group by
  territoires.territoire,
  year(date_accueil),
  orientation
