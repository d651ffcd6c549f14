-- une ligne : la commune ou un quartier à un recensement, depuis qu'ils donnent les quartiers à l'un de ceux-là ; clé : territoire, millesime
-- a quartier is set against the rest of its commune: both are read in one census
with
lieux as (
  select
    territoire,
    role
  from socle.territoires
  where role in ('etude', 'quartier')
),
recensements as (
  select millesime
  from socle.population
  join lieux using (territoire)
  where pop is not null
  group by millesime
  -- as long as none did, the commune's own
  qualify bool_or(role = 'quartier') = bool_or(bool_or(role = 'quartier')) over (order by millesime)
)
select
  territoire,
  millesime,
  pop as habitants,
  pop - pop_0_19 as habitants_20_plus
from recensements
cross join lieux
left join socle.population using (territoire, millesime)
