-- une ligne : un territoire et une année, l'accessibilité aux médecins ; clé : territoire, millesime
-- a zone of CartoSanté counts only where the edition says which commune it is, and after the commune's own figure
with
zones as (
  select
    territoire,
    millesime,
    apl_generalistes
  from brut.drees_apl_zones
  anti join brut.drees_apl using (territoire, millesime)
)
select
  territoire,
  millesime,
  apl_generalistes
from brut.drees_apl
semi join socle.territoires using (territoire)
union all
select *
from zones
semi join socle.territoires using (territoire)
