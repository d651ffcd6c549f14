-- une ligne : un territoire à la fin d'une année, ses établissements actifs ; clé : territoire, millesime
select
  e.territoire,
  e.millesime,
  e.etablissements,
  e.etablissements_agriculture,
  e.etablissements_industrie,
  e.etablissements_construction,
  e.etablissements_commerce,
  e.etablissements_services_publics,
  e.etablissements_1_9,
  e.etablissements_10_plus,
  p.pop
from brut.insee_etablissements e
asof left join brut.insee_rp_population p on p.territoire = e.territoire and p.millesime <= e.millesime
semi join socle.territoires t on t.territoire = e.territoire
