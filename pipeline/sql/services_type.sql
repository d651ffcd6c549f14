-- une ligne : un service à la personne et un exercice, ceux qui le reçoivent ; clé : territoire, millesime, type_service
with
bornes as (
  -- files closed for two years are purged: only the last three years are whole
  select max(year(date_debut)) as dernier
  from brut.ccas_services
),
exercices as (
  select unnest(generate_series(dernier - 2, dernier))::integer as millesime
  from bornes
),
usagers as (
  select
    territoires.territoire,
    millesime,
    type_service,
    personne,
    max(age + millesime - year(date_debut)) as age
  from brut.ccas_services
  join exercices on year(date_debut) <= millesime and coalesce(year(date_fin) >= millesime, true)
  join socle.territoires territoires on role = 'etude'
  group by
    territoires.territoire,
    millesime,
    type_service,
    personne
)
select
  u.territoire,
  u.millesime,
  type_service,
  count(*) as usagers,
  count(*) filter (where age >= 75) as usagers_75_plus,
  count(*) filter (where age >= 70) as usagers_70_plus,
  any_value(h.habitants_75_plus) as habitants_75_plus,
  any_value(h.habitants_70_plus) as habitants_70_plus
from usagers u
asof left join socle.habitants_ages h on h.territoire = u.territoire and h.millesime <= u.millesime
group by
  u.territoire,
  u.millesime,
  type_service
