-- une ligne : un territoire et une année, ses naissances et ses décès ; clé : territoire, millesime
-- the population is that of the last census known by then
with
evenements as (
  select
    territoire,
    millesime,
    naissances,
    deces
  from brut.insee_naissances
  full join brut.insee_deces using (territoire, millesime)
  semi join socle.territoires using (territoire)
)
select
  e.territoire,
  e.millesime,
  e.naissances,
  e.deces,
  p.pop
from evenements e
asof left join socle.recensements p on p.territoire = e.territoire and p.millesime <= e.millesime
