-- une ligne : une tranche d'âge d'un sexe, d'un lieu (de l'édition ou non), à un recensement ; clé : lieu, millesime, sexe, age_min
select
  territoire as lieu,
  niveau,
  millesime,
  sexe,
  age_min,
  age_max,
  population
from brut.isee_population_quartier
