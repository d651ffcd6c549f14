-- une ligne : un territoire et une année, son revenu disponible (Filosofi 2, dès 2023) ; clé : territoire, millesime
select * exclude (fichier, ligne) replace (abs(part_impots) as part_impots)
from brut.insee_filosofi_2
semi join socle.territoires using (territoire)
