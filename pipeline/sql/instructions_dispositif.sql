-- une ligne : un dispositif d'aide légale et un exercice ; clé : territoire, millesime, dispositif
select
  territoires.territoire,
  year(date_depot)::integer as millesime,
  dispositif,
  count(*) as dossiers_legaux,
  sum(count(*)) over (partition by territoires.territoire, year(date_depot)) as dossiers_legaux_ensemble,
  count(*) filter (where issue in ('accord', 'refus')) as reponses_connues,
  count(*) filter (where issue = 'accord') as droits_ouverts
from brut.ccas_instructions
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_depot),
  dispositif
