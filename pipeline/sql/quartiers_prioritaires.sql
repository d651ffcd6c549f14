-- une ligne : un territoire et une année, les habitants de ses quartiers prioritaires ; clé : territoire, millesime
select
  territoire,
  millesime,
  population_qpv,
  population_qpv_commune
from brut.insee_qpv
semi join socle.territoires using (territoire)
