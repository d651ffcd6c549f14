-- une ligne : un exercice, ce qui reste pour vivre aux ménages dont les ressources ont été relevées ; clé : territoire, millesime
select
  territoire,
  millesime,
  count(*) as menages_ressources,
  sum(reste) as reste_a_vivre,
  max(reste) as reste_a_vivre_premier,
  coalesce(max(reste, 2)[2], 0) as reste_a_vivre_deuxieme,
  count(*) filter (where reste = 0) as menages_sans_reste,
  case when count(*) >= 10 then median(reste) end as reste_a_vivre_median
from socle.ressources_menages
group by
  territoire,
  millesime
