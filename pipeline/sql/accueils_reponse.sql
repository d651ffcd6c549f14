-- une ligne : une réponse donnée et un exercice d'accueil ; clé : territoire, millesime, reponse
select
  territoires.territoire,
  year(date_accueil)::integer as millesime,
  reponse,
  count(*) as accueils,
  sum(count(*)) over (partition by territoires.territoire, year(date_accueil)) as accueils_ensemble
from brut.ccas_accueils
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_accueil),
  reponse
