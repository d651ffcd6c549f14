-- une ligne : un territoire à un recensement, les professions de ses actifs de 15 à 64 ans ; clé : territoire, millesime
select
  territoire,
  millesime,
  actifs_15_64,
  actifs_ouvriers_15_64,
  actifs_employes_15_64,
  actifs_intermediaires_15_64,
  actifs_cadres_15_64
from brut.insee_rp_activite_comp
semi join socle.territoires using (territoire)
