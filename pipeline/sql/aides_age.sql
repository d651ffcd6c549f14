-- une ligne : une tranche d'âge des demandeurs et un exercice, dans la commune ; clé : territoire, millesime, tranche
with
demandeurs as (
  select
    commune as territoire,
    millesime,
    personne,
    min(age) as age
  from socle.aides_demandes
  where age >= 20
  group by
    commune,
    millesime,
    personne
),
exercices as (
  select distinct
    territoire,
    millesime
  from demandeurs
),
habitants as (
  -- at the last census known by then
  select
    e.territoire,
    e.millesime,
    age_min,
    coalesce(age_max, 999) as age_max,
    case when age_max is null then age_min || ' ans et plus' else age_min || ' à ' || age_max || ' ans' end as tranche,
    sum(population) as habitants
  from exercices e
  join socle.population_sexe_age p on p.territoire = e.territoire and p.millesime <= e.millesime
  where age_min >= 20
  group by
    e.territoire,
    e.millesime,
    p.millesime,
    age_min,
    age_max
  qualify p.millesime = max(p.millesime) over (partition by e.territoire, e.millesime)
)
select
  h.territoire,
  h.millesime,
  h.tranche,
  count(d.personne) as demandeurs,
  sum(count(d.personne)) over (partition by h.territoire, h.millesime) as demandeurs_ensemble,
  any_value(h.habitants) as habitants,
  sum(any_value(h.habitants)) over (partition by h.territoire, h.millesime) as habitants_ensemble
from habitants h
left join demandeurs d
  on d.territoire = h.territoire
  and d.millesime = h.millesime
  and d.age between h.age_min and h.age_max
group by
  h.territoire,
  h.millesime,
  h.tranche
