-- une ligne : un motif de refus d'une aide et un exercice de séances ; clé : territoire, millesime, motif_refus
select
  commune as territoire,
  millesime,
  motif_refus,
  count(*) as refus_motives,
  sum(count(*)) over (partition by commune, millesime) as refus_motives_ensemble
from socle.commissions_dossiers
where decision = 'refus' and motif_refus is not null
group by
  commune,
  millesime,
  motif_refus
