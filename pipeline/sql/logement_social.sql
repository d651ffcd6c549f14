-- une ligne : un territoire au 1er janvier, son parc social ; clé : territoire, millesime
select
  territoire,
  millesime,
  logements_sociaux,
  logements_sociaux_loues,
  logements_sociaux_vacants,
  logements_sociaux_emmenages,
  logements_sru,
  residences_sru,
  taux_sru_requis
from brut.sdes_logement_social
semi join socle.territoires using (territoire)
