-- une ligne : un exercice budgétaire, et les habitants du dernier recensement connu alors ; clé : territoire, millesime
select
  b.territoire,
  b.millesime,
  b.budget_execute,
  p.pop as habitants
from socle.budget b
asof left join (select territoire, millesime, pop from socle.population where pop is not null) p
  on p.territoire = b.territoire and p.millesime <= b.millesime
