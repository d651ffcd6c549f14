-- une ligne : un exercice, les demandes d'hébergement d'urgence et leur réponse ; clé : territoire, millesime
select
  commune as territoire,
  millesime,
  sum(demandes) as demandes_hebergement,
  coalesce(sum(demandes) filter (where personnes is not null), 0) as demandes_personnes,
  coalesce(sum(personnes), 0) as personnes_hebergement,
  coalesce(sum(demandes) filter (where non_pourvues is not null), 0) as demandes_repondues,
  coalesce(sum(non_pourvues), 0) as non_pourvues,
  -- nights given are an answer, even where it is not written
  coalesce(sum(demandes - coalesce(non_pourvues, 0)) filter (where nuitees is not null), 0) as demandes_logees,
  sum(nuitees) as nuitees
from socle.hebergement_demandes
group by
  commune,
  millesime
