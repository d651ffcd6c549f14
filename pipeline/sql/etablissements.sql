-- une ligne : un territoire à la fin d'une année, ses établissements actifs ; clé : territoire, millesime
select
  territoire,
  millesime,
  etablissements,
  etablissements_agriculture,
  etablissements_industrie,
  etablissements_construction,
  etablissements_commerce,
  etablissements_services_publics,
  etablissements_1_9,
  etablissements_10_plus
from brut.insee_etablissements
semi join socle.territoires using (territoire)
