-- une ligne : un territoire à un recensement, ses habitants de 15 ans ou plus par catégorie ; clé : territoire, millesime
select
  territoire,
  millesime,
  pop_15_plus,
  retraites_15_plus,
  autres_inactifs_15_plus
from brut.insee_rp_population_comp
semi join socle.territoires using (territoire)
