-- une ligne : un ménage aidé d'un exercice, ce qui lui a été accordé ; clé : territoire, millesime, menage
select
  commune as territoire,
  millesime,
  menage,
  sum(montant) as montant
from socle.aides_demandes
group by
  commune,
  millesime,
  menage
having sum(montant) > 0
