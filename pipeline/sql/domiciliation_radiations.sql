-- une ligne : un motif de radiation d'élection de domicile et un exercice, dans la commune ; clé : territoire, millesime, motif_radiation
with
radiations as (
  select
    millesime_sortie as millesime,
    motif_radiation,
    count(*) as radiations
  from socle.domiciliation_elections
  where sortie = 'radiation'
  group by
    millesime_sortie,
    motif_radiation
)
select
  territoire,
  millesime,
  motif_radiation,
  r.radiations,
  d.radiations as radiations_ensemble
from radiations r
join socle.domiciliation d using (millesime)
