-- une ligne : une personne sortie de la rue et un exercice, sa sortie la plus durable ; clé : personne, millesime
select
  personne,
  year(date_sortie)::integer as millesime,
  min_by(sortie, list_position(['logement', 'hebergement', 'emploi', 'droits', 'autre'], sortie)) as sortie
from brut.ccas_sorties
group by
  personne,
  year(date_sortie)
