-- une ligne : une sorte de sortie de la rue et un exercice, qui l'a obtenue ; clé : territoire, millesime, sortie
select
  territoires.territoire,
  millesime,
  sortie,
  count(*) as personnes_sorties
from socle.sorties_personnes
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  millesime,
  sortie
