-- une ligne : un territoire et une année, son revenu disponible (Filosofi jusqu'en 2021) ; clé : territoire, millesime
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
  abs(part_impots) as part_impots,
  taux_pauvrete_moins_30,
  taux_pauvrete_30_39,
  taux_pauvrete_40_49,
  taux_pauvrete_50_59,
  taux_pauvrete_60_74,
  taux_pauvrete_75_plus,
  taux_pauvrete_proprietaires,
  taux_pauvrete_locataires
from brut.insee_filosofi
semi join socle.territoires using (territoire)
-- a territory that two files give (communes, and all levels) is read in the one that says the most of it
qualify row_number() over (
  partition by territoire, millesime
  order by taux_pauvrete_locataires is null, part_revenus_activite is null, niveau_vie_median is null, fichier
) = 1
union all by name
select
  territoire,
  millesime,
  niveau_vie_median,
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
from brut.insee_filosofi_iris
semi join socle.territoires using (territoire)
