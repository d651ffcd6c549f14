-- une ligne : un exercice, les dossiers d'aide légale que le CCAS a déposés ; clé : territoire, millesime
with
demandeurs as (
  select
    millesime,
    count(distinct d.personne) as personnes,
    count(distinct i.personne) as demandeurs_instruits
  from socle.aides_demandes d
  left join socle.instructions_dossiers i using (personne, millesime)
  group by millesime
),
exercices as (
  select
    territoire,
    millesime,
    count(*) as dossiers_legaux,
    count(distinct personne) as personnes_instruites,
    count(ouvert) as reponses_connues,
    count(*) filter (where ouvert) as droits_ouverts,
    count(jours_transmission) as transmissions_connues,
    coalesce(sum(jours_transmission), 0) as jours_transmission,
    count(jours_reponse) as reponses_datees,
    count(*) filter (where jours_reponse > 60) as reponses_plus_60,
    -- a median of under ten delays is one person's
    case when count(jours_reponse) >= 10 then median(jours_reponse) end as delai_reponse_median
  from socle.instructions_dossiers
  group by
    territoire,
    millesime
)
select
  exercices.*,
  coalesce(personnes, 0) as personnes,
  coalesce(demandeurs_instruits, 0) as demandeurs_instruits
from exercices
left join demandeurs using (millesime)
