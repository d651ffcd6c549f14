-- une ligne : un exercice, les situations signalées au CCAS ; clé : territoire, millesime
with
observes as (
  -- what was reported shortly before the last one taken up may be taken up still
  select max(date_prise_en_charge) - interval 90 day as jusqu_au
  from brut.ccas_signalements
),
signalements as (
  select
    territoires.territoire,
    year(date_signalement)::integer as millesime,
    date_signalement <= jusqu_au as suivi,
    -- each report is looked at ninety days after it came, whatever its age
    case
      when date_signalement <= jusqu_au and date_prise_en_charge <= date_signalement + interval 90 day
        then date_diff('day', date_signalement::date, date_prise_en_charge::date)
    end as jours
  from brut.ccas_signalements
  cross join observes
  join socle.territoires territoires on role = 'etude'
)
select
  territoire,
  millesime,
  count(*) as signalements,
  count(*) filter (where suivi) as signalements_suivis,
  count(jours) as signalements_pris_en_charge,
  count(*) filter (where jours <= 7) as signalements_7_jours,
  coalesce(sum(jours), 0) as jours_prise_en_charge
from signalements
group by
  territoire,
  millesime
