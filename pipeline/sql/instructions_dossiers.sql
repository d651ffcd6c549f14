-- une ligne : un dossier d'aide légale que le CCAS a déposé ; clé : instruction
with
observes as (
  -- what becomes of the last files is not known yet: of them, the quick ones alone would count
  select
    max(date_transmission) - interval 90 day as transmis_jusqu_au,
    -- where no answer is dated, the last file says how far the deposit goes
    coalesce(max(date_reponse), max(date_depot)) - interval 180 day as repondu_jusqu_au
  from brut.ccas_instructions
)
select
  instruction,
  territoires.territoire,
  year(date_depot)::integer as millesime,
  personne,
  dispositif,
  case
    when date_depot <= repondu_jusqu_au and issue in ('accord', 'refus') then issue = 'accord'
  end as ouvert,
  -- each file is looked at ninety days after it was deposited, whatever its age
  case
    when date_depot <= transmis_jusqu_au and date_transmission <= date_depot + interval 90 day
      then date_diff('day', date_depot::date, date_transmission::date)
  end as jours_transmission,
  case
    when date_depot <= repondu_jusqu_au then date_diff('day', date_depot::date, date_reponse::date)
  end as jours_reponse
from brut.ccas_instructions
cross join observes
join socle.territoires territoires on role = 'etude'
