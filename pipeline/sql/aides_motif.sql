-- une ligne : un motif de demande et un exercice, dans la commune ; clé : territoire, millesime, motif
with
menages as (
  select
    commune as territoire,
    millesime,
    motif,
    menage,
    count(*) as demandes,
    sum(montant) as montant
  from socle.aides_demandes
  group by
    commune,
    millesime,
    motif,
    menage
),
motifs as (
  select
    territoire,
    millesime,
    motif,
    sum(demandes) as demandes,
    sum(montant) as montant,
    count(*) filter (where montant > 0) as menages_payes,
    max(montant) as montant_premier,
    coalesce(max(montant, 2)[2], 0) as montant_deuxieme
  from menages
  group by
    territoire,
    millesime,
    motif
)
select
  *,
  sum(demandes) over (partition by territoire, millesime) as demandes_ensemble
from motifs
