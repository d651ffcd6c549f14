-- une ligne : un territoire et une année, son revenu disponible (Filosofi 2, dès 2023) ; clé : territoire, millesime
select
  territoire,
  millesime,
  menages_fiscaux,
  personnes_menages_fiscaux,
  niveau_vie_median,
  part_menages_imposes,
  taux_pauvrete,
  decile_1,
  decile_9,
  rapport_interdecile,
  gini,
  part_revenus_activite,
  part_salaires,
  part_chomage,
  part_independants,
  part_pensions,
  part_patrimoine,
  part_prestations,
  part_prestations_familiales,
  part_minima_sociaux,
  part_prestations_logement,
  abs(part_impots) as part_impots
from brut.insee_filosofi_2
semi join socle.territoires using (territoire)
