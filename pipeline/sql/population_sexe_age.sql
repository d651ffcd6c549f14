-- une ligne : une tranche d'âge d'un sexe, d'un territoire à un recensement ; clé : territoire, millesime, sexe, age_min
with
tranches as (
  select
    territoire,
    millesime,
    sexe,
    age_min,
    age_max,
    population,
    1 as priorite
  from brut.isee_population_age
  union all
  select
    territoire,
    millesime,
    sexe,
    age_min,
    age_max,
    population,
    2 as priorite
  from brut.isee_population_quartier
),
sources as (
  select
    territoire,
    millesime,
    min(priorite) as priorite
  from tranches
  group by
    territoire,
    millesime
)
select
  territoire,
  millesime,
  sexe,
  age_min,
  age_max,
  population
from tranches
join sources using (territoire, millesime, priorite)
semi join socle.territoires using (territoire)
