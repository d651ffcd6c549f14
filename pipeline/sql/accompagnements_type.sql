-- une ligne : un type d'accompagnement et un exercice ; clé : territoire, millesime, type_accompagnement
select
  commune as territoire,
  millesime,
  type_accompagnement,
  count(*) as accompagnements,
  sum(count(*)) over (partition by commune, millesime) as accompagnements_ensemble
from socle.accompagnements_suivis
group by
  commune,
  millesime,
  type_accompagnement
