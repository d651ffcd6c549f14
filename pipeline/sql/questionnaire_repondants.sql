-- une ligne : une année de réponse, ceux qui ont répondu au questionnaire ; clé : territoire, millesime
select
  territoires.territoire,
  year(date_reponse)::integer as millesime,
  count(distinct repondant) filter (where type_repondant = 'habitant') as habitants_repondants,
  count(distinct repondant) filter (where type_repondant = 'partenaire') as partenaires_repondants
from brut.ccas_questionnaire
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_reponse)
