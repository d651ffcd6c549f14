-- une ligne : un motif de sortie d'accompagnement et un exercice ; clé : territoire, millesime, motif_sortie
select
  commune as territoire,
  millesime,
  motif_sortie,
  count(*) as sorties_motivees,
  sum(count(*)) over (partition by commune, millesime) as sorties_motivees_ensemble
from socle.accompagnements_suivis
where motif_sortie is not null
group by
  commune,
  millesime,
  motif_sortie
