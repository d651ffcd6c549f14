-- une ligne : un exercice, les situations signalées au CCAS ; clé : territoire, millesime
with
signalements as (
  select
    territoires.territoire,
    year(date_signalement)::integer as millesime,
    date_diff('day', date_signalement::date, date_prise_en_charge::date) as jours
  from brut.ccas_signalements
  join socle.territoires territoires on role = 'etude'
)
select
  territoire,
  millesime,
  count(*) as signalements,
  count(jours) as signalements_pris_en_charge,
  count(*) filter (where jours <= 7) as signalements_7_jours,
  coalesce(sum(jours), 0) as jours_prise_en_charge
from signalements
group by
  territoire,
  millesime
