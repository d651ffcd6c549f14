-- une ligne : un territoire et une période entre deux recensements, ce qui fait changer sa population ; clé : territoire, millesime
with
recensements as (
  select
    territoire,
    millesime,
    pop as habitants,
    lag(pop) over (partition by territoire order by millesime) as habitants_avant,
    lag(millesime) over (partition by territoire order by millesime) as millesime_avant
  from socle.population
  where pop is not null
)
select
  territoire,
  millesime,
  naissances,
  deces,
  habitants,
  habitants_avant,
  -- the mean population, each year of the period: what a rate a year is a part of
  (millesime - millesime_avant) * (habitants + habitants_avant) / 2 as annees_vecues
from brut.insee_rp_serie
join recensements using (territoire, millesime)
where naissances is not null
  and deces is not null
  and millesime - millesime_avant between 5 and 9
