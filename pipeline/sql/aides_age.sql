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
recensements as (
  select
    territoire,
    max(millesime) as millesime
  from socle.population_sexe_age
  group by territoire
),
habitants as (
  select
    territoire,
    age_min,
    coalesce(age_max, 999) as age_max,
    case when age_max is null then age_min || ' ans et plus' else age_min || ' à ' || age_max || ' ans' end as tranche,
    sum(population) as habitants
  from socle.population_sexe_age
  semi join recensements using (territoire, millesime)
  where age_min >= 20
  group by
    territoire,
    age_min,
    age_max
),
exercices as (
  select distinct
    territoire,
    millesime
  from demandeurs
)
select
  e.territoire,
  e.millesime,
  h.tranche,
  count(d.personne) as demandeurs,
  sum(count(d.personne)) over (partition by e.territoire, e.millesime) as demandeurs_ensemble,
  any_value(h.habitants) as habitants,
  sum(any_value(h.habitants)) over (partition by e.territoire, e.millesime) as habitants_ensemble
from exercices e
join habitants h on h.territoire = e.territoire
left join demandeurs d
  on d.territoire = e.territoire
  and d.millesime = e.millesime
  and d.age between h.age_min and h.age_max
group by
  e.territoire,
  e.millesime,
  h.tranche
