-- une ligne : un IRIS et une année, son revenu déclaré (avant redistribution) ; clé : territoire, millesime
select * exclude (fichier, ligne, incertitude, note)
from brut.insee_filosofi_iris_declare
semi join socle.territoires using (territoire)
