-- une ligne : un territoire et un mois de décembre, ses foyers allocataires par quotient familial ; clé : territoire, millesime
select
  territoire,
  millesime,
  foyers_qf_moins_400,
  foyers_qf_400_799,
  foyers_qf_800_1199,
  foyers_qf_1200_1599,
  foyers_qf_1600_1999,
  foyers_qf_2000_3999,
  foyers_qf_4000_plus,
  foyers_qf_inconnu
from brut.cnaf_quotients
semi join socle.territoires using (territoire)
