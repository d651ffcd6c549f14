-- une ligne : un territoire, ses habitants au dernier recensement qui donne les âges ; clé : territoire
with
derniers as (
  select
    territoire,
    max(millesime) as millesime
  from socle.population
  where coalesce(pop_70_plus, age_75_plus) is not null
  group by territoire
)
select
  territoire,
  pop as habitants,
  age_75_plus as habitants_75_plus,
  -- where the bands of age stop short of 75, one says 70 and over, and nothing else
  case when age_75_plus is null then pop_70_plus end as habitants_70_plus
from socle.population
semi join derniers using (territoire, millesime)
