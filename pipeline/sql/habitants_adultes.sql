-- une ligne : un territoire, ses habitants de 20 ans et plus au dernier recensement qui les connaît ; clé : territoire
select
  territoire,
  max_by(pop - pop_0_19, millesime) as habitants_20_plus
from socle.population
where pop_0_19 is not null
group by territoire
