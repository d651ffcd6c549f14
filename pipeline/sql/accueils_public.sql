-- une ligne : un public reçu et un exercice d'accueil ; clé : territoire, millesime, public
select
  territoires.territoire,
  year(date_accueil)::integer as millesime,
  public,
  count(*) as accueils,
  sum(count(*)) over (partition by territoires.territoire, year(date_accueil)) as accueils_ensemble
from brut.ccas_accueils
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_accueil),
  public
