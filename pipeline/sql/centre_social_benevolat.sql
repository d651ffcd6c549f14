-- une ligne : un exercice, les bénévoles du centre social ; clé : territoire, millesime
select
  territoires.territoire,
  exercice::integer as millesime,
  count(*) as benevoles,
  round(sum(heures)) as heures_benevoles
from brut.centre_social_benevoles
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  exercice
