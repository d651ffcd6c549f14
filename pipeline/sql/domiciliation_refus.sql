-- une ligne : un motif de refus d'élection de domicile et un exercice, dans la commune ; clé : territoire, millesime, motif_refus
with
refus as (
  select
    -- the law dates the answer, extracts date the request
    year(date_demande)::integer as millesime,
    coalesce(motif_refus, 'non_precise') as motif_refus,
    count(*) as refus
  from brut.ccas_domiciliations
  where decision = 'refus'
  group by
    year(date_demande),
    coalesce(motif_refus, 'non_precise')
)
select
  territoire,
  millesime,
  motif_refus,
  r.refus,
  d.refus as refus_ensemble
from refus r
join socle.domiciliation d using (millesime)
