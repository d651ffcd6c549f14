-- une ligne : un accompagnement et un exercice où il était ouvert ; clé : accompagnement, millesime
with
bornes as (
  -- files closed for two years are purged: only the last three years are whole
  select max(year(date_debut)) as dernier
  from brut.ccas_accompagnements
),
exercices as (
  select unnest(generate_series(dernier - 2, dernier))::integer as millesime
  from bornes
)
select
  accompagnement,
  millesime,
  territoires.territoire as commune,
  menage,
  type_accompagnement,
  year(date_debut) = millesime as entre,
  coalesce(year(date_fin) = millesime, false) as sorti,
  case when year(date_fin) = millesime then motif_sortie end as motif_sortie,
  case when year(date_fin) = millesime then date_diff('day', date_debut::date, date_fin::date) / 30.4 end as mois
from brut.ccas_accompagnements
join exercices on year(date_debut) <= millesime and coalesce(year(date_fin) >= millesime, true)
join socle.territoires territoires on role = 'etude'
