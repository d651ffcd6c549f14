-- une ligne : un exercice, les accompagnements sociaux du CCAS ; clé : territoire, millesime
select
  commune as territoire,
  millesime,
  count(distinct menage) as menages_accompagnes,
  count(*) filter (where entre) as accompagnements_ouverts,
  count(*) filter (where sorti) as accompagnements_clos,
  count(*) filter (where not sorti) as accompagnements_en_cours,
  count(motif_sortie) as sorties_motivees,
  count(*) filter (where motif_sortie = 'objectif_atteint') as objectifs_atteints,
  round(coalesce(sum(mois), 0)) as mois_accompagnement
from socle.accompagnements_suivis
group by
  commune,
  millesime
