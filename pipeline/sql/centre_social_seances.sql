-- une ligne : un exercice, la fréquentation de toutes les activités du centre social ; clé : territoire, millesime
select
  territoire,
  millesime,
  sum(seances_activite) as seances_activite,
  sum(presences) as presences,
  sum(presences_chiffrees) as presences_chiffrees,
  sum(cout) as cout
from socle.centre_social_activites
group by
  territoire,
  millesime
