-- une ligne : un sexe des demandeurs de 20 ans et plus et un exercice, dans la commune ; clé : territoire, millesime, sexe
with
demandeurs as (
  select
    commune as territoire,
    millesime,
    d.personne,
    max_by(sexe, (d.date_demande, demande)) as sexe
  from socle.aides_demandes d
  join brut.ccas_demandes using (demande)
  where sexe is not null
  group by
    commune,
    millesime,
    d.personne
  having min(d.age) >= 20
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
    sexe,
    sum(population) as habitants
  from socle.population_sexe_age
  semi join recensements using (territoire, millesime)
  where age_min >= 20
  group by
    territoire,
    sexe
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
  h.sexe,
  count(d.personne) as demandeurs_sexe,
  sum(count(d.personne)) over (partition by e.territoire, e.millesime) as demandeurs_sexe_ensemble,
  any_value(h.habitants) as habitants,
  sum(any_value(h.habitants)) over (partition by e.territoire, e.millesime) as habitants_ensemble
from exercices e
join habitants h on h.territoire = e.territoire
left join demandeurs d
  on d.territoire = e.territoire
  and d.millesime = e.millesime
  and d.sexe = h.sexe
group by
  e.territoire,
  e.millesime,
  h.sexe
