-- une ligne : un territoire au 31 décembre, ses places d'accueil du jeune enfant ; clé : territoire, millesime
select
  territoire,
  millesime,
  places_eaje,
  places_assistantes,
  places_domicile,
  places_prescolarisation,
  enfants_moins_3
from brut.cnaf_petite_enfance
semi join socle.territoires using (territoire)
