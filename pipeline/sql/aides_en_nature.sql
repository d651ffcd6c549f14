-- une ligne : un motif de demande et un exercice, la forme des aides accordées ; clé : territoire, millesime, motif
select
  commune as territoire,
  millesime,
  motif,
  count(*) as aides_de_forme_connue,
  count(*) filter (where forme in ('bon', 'tiers_paye')) as aides_en_nature
from socle.attributions
where not est_pret and forme <> 'Forme non précisée'
group by
  commune,
  millesime,
  motif
