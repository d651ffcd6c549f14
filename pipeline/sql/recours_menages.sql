-- une ligne : un territoire (commune ou quartier) et un exercice, les ménages qui y demandent une aide ; clé : territoire, millesime
with
habitants as (
  -- a household is what lives in a main residence
  select
    territoire,
    millesime,
    residences_principales as menages_recenses
  from socle.logements
  where residences_principales is not null
)
select
  recours.territoire,
  recours.millesime,
  menages,
  menages_recenses
from socle.recours
asof left join habitants on habitants.territoire = recours.territoire and habitants.millesime <= recours.millesime
