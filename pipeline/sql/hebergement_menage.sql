-- une ligne : un type de ménage qui demande un hébergement et un exercice ; clé : territoire, millesime, type_menage
select
  commune as territoire,
  millesime,
  type_menage,
  sum(demandes) as demandes_menage,
  sum(sum(demandes)) over (partition by commune, millesime) as demandes_menage_ensemble,
  coalesce(sum(demandes) filter (where non_pourvues is not null), 0) as demandes_menage_repondues,
  coalesce(sum(non_pourvues), 0) as non_pourvues_menage
from socle.hebergement_demandes
where type_menage is not null
group by
  commune,
  millesime,
  type_menage
