-- une ligne : un territoire à un recensement qui donne les âges, ses habitants les plus âgés ; clé : territoire, millesime
select
  territoire,
  millesime,
  age_75_plus as habitants_75_plus,
  -- where the bands of age stop short of 75, one says 70 and over, and nothing else
  case when age_75_plus is null then pop_70_plus end as habitants_70_plus
from socle.population
where coalesce(pop_70_plus, age_75_plus) is not null
