-- une ligne : un canal et un exercice d'accueil ; clé : territoire, millesime, canal
select
  territoires.territoire,
  year(date_accueil)::integer as millesime,
  canal,
  count(*) as accueils,
  sum(count(*)) over (partition by territoires.territoire, year(date_accueil)) as accueils_ensemble
from brut.ccas_accueils
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_accueil),
  canal
