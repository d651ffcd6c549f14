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
ensembles as (
  select
    territoire,
    millesime,
    menage,
    sum(demandes) as demandes_menage
  from menages
  group by
    territoire,
    millesime,
    menage
),
exercices as (
  select
    territoire,
    millesime,
    count(*) as menages_ensemble,
    sum(demandes_menage ** 2) as demandes_ensemble_carres
  from ensembles
  group by
    territoire,
    millesime
),
motifs as (
  select
    territoire,
    millesime,
    motif,
    sum(demandes) as demandes,
    sum(demandes ** 2) as demandes_carres,
    sum(demandes * demandes_menage) as demandes_produits,
    sum(montant) as montant,
    count(*) filter (where montant > 0) as menages_payes,
    max(montant) as montant_premier,
    coalesce(max(montant, 2)[2], 0) as montant_deuxieme
  from menages
  join ensembles using (territoire, millesime, menage)
  group by
    territoire,
    millesime,
    motif
)
select
  *,
  sum(demandes) over (partition by territoire, millesime) as demandes_ensemble
from motifs
join exercices using (territoire, millesime)
