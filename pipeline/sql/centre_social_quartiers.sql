-- une ligne : un territoire (commune ou quartier) et un exercice, les adhérents du centre social ; clé : territoire, millesime
with
adherents as (
  select
    territoires.territoire as commune,
    exercice::integer as millesime,
    quartier
  from brut.centre_social_adherents
  join socle.territoires territoires on role = 'etude'
),
exercices as (
  select
    commune,
    millesime,
    count(*) as adherents_ensemble
  from adherents
  group by
    commune,
    millesime
),
comptes as (
  select
    commune as territoire,
    millesime,
    adherents_ensemble as adherents
  from exercices
  union all
  select
    quartier,
    millesime,
    count(*)
  from adherents
  where quartier is not null
  group by
    quartier,
    millesime
)
select
  t.territoire,
  e.millesime,
  coalesce(adherents, 0) as adherents,
  -- the commune's, beside each quartier: it has no weight in itself
  case when role = 'quartier' then adherents_ensemble end as adherents_ensemble,
  h.habitants,
  case when role = 'quartier' then c.habitants end as habitants_ensemble
from exercices e
join socle.territoires t on role in ('etude', 'quartier')
left join comptes on comptes.territoire = t.territoire and comptes.millesime = e.millesime
asof left join socle.habitants_quartiers h on h.territoire = t.territoire and h.millesime <= e.millesime
asof left join socle.habitants_quartiers c on c.territoire = e.commune and c.millesime <= e.millesime
