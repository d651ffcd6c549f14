-- une ligne : un territoire et une période entre deux recensements, ce qui fait changer sa population ; clé : territoire, millesime
with
periodes as (
  -- INSEE compares over five years, and over six from 2019 on: the survey of 2021 was put off
  select
    territoire,
    millesime,
    naissances,
    deces,
    case when millesime >= 2019 then 6 else 5 end as annees
  from brut.insee_rp_serie
  where millesime >= 2011
    and naissances is not null
    and deces is not null
)
select
  territoire,
  periodes.millesime,
  naissances,
  deces,
  fin.pop as habitants,
  debut.pop as habitants_avant,
  -- the mean population, each year of the period: what a rate a year is a part of
  annees * (fin.pop + debut.pop) / 2 as annees_vecues
from periodes
join socle.population fin using (territoire, millesime)
join socle.population debut
  on debut.territoire = periodes.territoire
  and debut.millesime = periodes.millesime - annees
