-- une ligne : un motif de demande d'hébergement non pourvue et un exercice ; clé : territoire, millesime, motif_non_pourvue
select
  commune as territoire,
  millesime,
  motif_non_pourvue,
  sum(non_pourvues) as non_pourvues_motif,
  sum(sum(non_pourvues)) over (partition by commune, millesime) as non_pourvues_motif_ensemble
from socle.hebergement_demandes
where motif_non_pourvue is not null and non_pourvues > 0
group by
  commune,
  millesime,
  motif_non_pourvue
