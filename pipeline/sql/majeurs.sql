-- une ligne : un territoire à un recensement, ses habitants de 18 ans et plus ; clé : territoire, millesime
select
  territoire,
  millesime,
  sum(effectif) filter (where tableau = 'sexe') as majeurs,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Agriculteur') as agriculteurs,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Artisan-commerçant') as artisans,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Cadre') as cadres,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Profession intermédiaire') as intermediaires,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Employé') as employes,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Ouvrier') as ouvriers,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Retraité') as retraites,
  sum(effectif) filter (where tableau = 'csp' and modalite = 'Inactif') as inactifs,
  sum(effectif) filter (where tableau = 'csp' and modalite not in ('Retraité', 'Inactif')) as en_emploi
from brut.isee_majeurs
group by
  territoire,
  millesime
