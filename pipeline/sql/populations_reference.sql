-- une ligne : un territoire et une année, ses populations de référence ; clé : territoire, millesime
select
  territoire,
  millesime,
  coalesce(population_municipale, population_historique) as population_municipale,
  population_comptee_a_part,
  population_totale,
  population_sans_doubles_comptes
from brut.insee_populations_reference
full join brut.insee_populations_historiques using (territoire, millesime)
semi join socle.territoires using (territoire)
