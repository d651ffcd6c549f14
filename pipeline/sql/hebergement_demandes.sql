-- une ligne : une demande d'hébergement d'urgence, ou plusieurs de même réponse ; clé : fichier, ligne
select
  fichier,
  ligne,
  territoires.territoire as commune,
  year(date_demande)::integer as millesime,
  -- where the export has one row a request, it does not say how many
  coalesce(demandes, 1) as demandes,
  non_pourvues,
  motif_non_pourvue,
  personnes,
  type_menage,
  nuitees
from brut.ccas_hebergement_urgence
join socle.territoires territoires on role = 'etude'
