-- une ligne : un dispositif d'aide légale et un exercice ; clé : territoire, millesime, dispositif
select
  territoire,
  millesime,
  dispositif,
  count(*) as dossiers_legaux,
  sum(count(*)) over (partition by territoire, millesime) as dossiers_legaux_ensemble,
  count(ouvert) as reponses_connues,
  count(*) filter (where ouvert) as droits_ouverts
from socle.instructions_dossiers
group by
  territoire,
  millesime,
  dispositif
