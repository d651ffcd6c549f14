-- une ligne : un territoire (commune ou quartier) et un exercice, qui y demande une aide ; clé : territoire, millesime
with
exercices as (
  select distinct millesime
  from socle.aides_demandes
),
grille as (
  select
    territoire,
    role,
    millesime
  from socle.territoires
  cross join exercices
  where role in ('etude', 'quartier')
),
menages as (
  select
    commune as territoire,
    millesime,
    menage
  from socle.aides_demandes
  union
  select
    quartier_menage as territoire,
    millesime,
    menage
  from socle.aides_demandes
  where quartier_menage is not null
),
personnes as (
  select
    commune as territoire,
    millesime,
    personne
  from socle.aides_demandes
  union
  select
    quartier_personne as territoire,
    millesime,
    personne
  from socle.aides_demandes
  where quartier_personne is not null
),
comptes_menages as (
  select
    territoire,
    millesime,
    count(*) as menages
  from menages
  group by
    territoire,
    millesime
),
-- requests are given for the commune alone: by quartier, nearly all would be hidden
comptes_demandes as (
  select
    territoire,
    millesime,
    sum(demandes) as demandes,
    sum(demandes ** 2) as demandes_carres
  from (
    select
      commune as territoire,
      millesime,
      menage,
      count(*) as demandes
    from socle.aides_demandes
    group by
      commune,
      millesime,
      menage
  )
  group by
    territoire,
    millesime
),
comptes_personnes as (
  select
    territoire,
    millesime,
    count(*) as personnes
  from personnes
  group by
    territoire,
    millesime
),
adultes as (
  select
    territoire,
    millesime,
    habitants_20_plus
  from socle.habitants_quartiers
  where habitants_20_plus is not null
)
select
  grille.territoire,
  grille.millesime,
  coalesce(menages, 0) as menages,
  coalesce(personnes, 0) as personnes,
  demandes,
  demandes_carres,
  -- the commune's, beside each quartier: it has no weight in itself
  case
    when role = 'quartier' then max(personnes) filter (where role = 'etude') over (partition by grille.millesime)
  end as personnes_ensemble,
  habitants_20_plus,
  case
    when role = 'quartier' then max(habitants_20_plus) filter (where role = 'etude') over (partition by grille.millesime)
  end as habitants_20_plus_ensemble
from grille
left join comptes_menages using (territoire, millesime)
left join comptes_personnes using (territoire, millesime)
left join comptes_demandes using (territoire, millesime)
asof left join adultes on adultes.territoire = grille.territoire and adultes.millesime <= grille.millesime
