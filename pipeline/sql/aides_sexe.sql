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
    sexe,
    sum(population) as habitants
  from exercices e
  join socle.population_sexe_age p on p.territoire = e.territoire and p.millesime <= e.millesime
  where age_min >= 20
  group by
    e.territoire,
    e.millesime,
    p.millesime,
    sexe
  qualify p.millesime = max(p.millesime) over (partition by e.territoire, e.millesime)
)
select
  h.territoire,
  h.millesime,
  h.sexe,
  count(d.personne) as demandeurs_sexe,
  sum(count(d.personne)) over (partition by h.territoire, h.millesime) as demandeurs_sexe_ensemble,
  any_value(h.habitants) as habitants,
  sum(any_value(h.habitants)) over (partition by h.territoire, h.millesime) as habitants_ensemble
from habitants h
left join demandeurs d
  on d.territoire = h.territoire
  and d.millesime = h.millesime
  and d.sexe = h.sexe
group by
  h.territoire,
  h.millesime,
  h.sexe
