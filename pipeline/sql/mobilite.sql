-- une ligne : un territoire à un recensement, où ses habitants vivaient un an plus tôt ; clé : territoire, millesime
select
  territoire,
  millesime,
  pop_1_plus,
  meme_commune,
  meme_departement + meme_region + autre_region + outre_mer + ailleurs as autre_commune
from brut.insee_rp_migrations
semi join socle.territoires using (territoire)
