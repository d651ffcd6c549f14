-- une ligne : un territoire et une année, son revenu disponible (Filosofi jusqu'en 2021) ; clé : territoire, millesime
select * exclude (fichier, ligne) replace (abs(part_impots) as part_impots)
from brut.insee_filosofi
semi join socle.territoires using (territoire)
-- a territory that two files give (communes, and all levels) is read in the one that says the most of it
qualify row_number() over (
  partition by territoire, millesime
  order by taux_pauvrete_locataires is null, part_revenus_activite is null, niveau_vie_median is null, fichier
) = 1
union all by name
select * exclude (fichier, ligne, incertitude, note) replace (abs(part_impots) as part_impots)
from brut.insee_filosofi_iris
semi join socle.territoires using (territoire)
