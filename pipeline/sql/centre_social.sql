-- une ligne : un exercice, les adhérents du centre social ; clé : territoire, millesime
select
  territoires.territoire,
  exercice::integer as millesime,
  count(*) as adherents,
  count(nouveau) as adherents_anciennete_connue,
  count(*) filter (where nouveau = 'oui') as adherents_nouveaux,
  count(sexe) as adherents_sexe_connu,
  count(*) filter (where sexe = 'femmes') as adherentes,
  count(age) as adherents_age_connu,
  count(*) filter (where age < 25) as adherents_moins_25,
  count(*) filter (where age >= 60) as adherents_60_plus
from brut.centre_social_adherents
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  exercice
