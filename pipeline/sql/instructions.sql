-- une ligne : un exercice, les dossiers d'aide légale que le CCAS a déposés ; clé : territoire, millesime
with
demandeurs as (
  select
    millesime,
    count(distinct d.personne) as personnes,
    count(distinct i.personne) as demandeurs_instruits
  from socle.aides_demandes d
  left join brut.ccas_instructions i
    on i.personne = d.personne
    and year(i.date_depot) = d.millesime
  group by millesime
),
observes as (
  -- an answer takes up to six months: of what was deposited since, the quick answers alone would count
  select max(date_reponse) - interval 180 day as jusqu_au
  from brut.ccas_instructions
),
dossiers as (
  select
    territoires.territoire,
    year(date_depot)::integer as millesime,
    personne,
    case when issue in ('accord', 'refus') then issue = 'accord' end as ouvert,
    date_diff('day', date_depot::date, date_transmission::date) as jours_transmission,
    case
      when date_depot <= jusqu_au then date_diff('day', date_depot::date, date_reponse::date)
    end as jours_reponse
  from brut.ccas_instructions
  cross join observes
  join socle.territoires territoires on role = 'etude'
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
  from dossiers
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
