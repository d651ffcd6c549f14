-- une ligne : un exercice, les passages et appels reçus par le CCAS ; clé : territoire, millesime
select
  territoires.territoire,
  year(date_accueil)::integer as millesime,
  count(*) as accueils,
  count(*) filter (where reponse = 'orientation' or orientation is not null) as accueils_orientes
from brut.ccas_accueils
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_accueil)
