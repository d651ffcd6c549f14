-- une ligne : un territoire et un quatrième trimestre, ses demandeurs d'emploi inscrits ; clé : territoire, millesime
select
  d.territoire,
  d.millesime,
  d.demandeurs_abc,
  d.demandeurs_a,
  d.demandeurs_abc_femmes,
  d.demandeurs_abc_hommes,
  d.demandeurs_abc_moins_25,
  d.demandeurs_abc_25_49,
  d.demandeurs_abc_50_plus,
  a.actifs_15_64
from brut.dares_demandeurs d
asof left join brut.insee_rp_activite a on a.territoire = d.territoire and a.millesime <= d.millesime
semi join socle.territoires t on t.territoire = d.territoire
