-- une ligne : un IRIS et une année, son revenu déclaré (avant redistribution) ; clé : territoire, millesime
select
  territoire,
  millesime,
  revenu_declare_median,
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
  part_autres
from brut.insee_filosofi_iris_declare
semi join socle.territoires using (territoire)
