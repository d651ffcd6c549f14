-- une ligne : une tranche d'âge d'un sexe, d'un territoire à un recensement ; clé : territoire, millesime, sexe, age_min
with
tranches as (
  select
    territoire,
    millesime,
    sexe,
    age_min,
    age_max,
    population,
    1 as priorite
  from brut.isee_population_age
  union all
  select
    territoire,
    millesime,
    sexe,
    age_min,
    age_max,
    population,
    2 as priorite
  from brut.isee_population_quartier
),
sources as (
  select
    territoire,
    millesime,
    min(priorite) as priorite
  from tranches
  group by
    territoire,
    millesime
),
montres as (
  -- the pyramid is drawn, and people are set against it, in the territories that the edition shows; two files may
  -- each hold a part of the ages of one census
  select
    territoire,
    millesime,
    max(columns('^(hommes|femmes)_'))
  from brut.insee_rp_population
  semi join (select territoire from socle.territoires where role <> '') using (territoire)
  group by
    territoire,
    millesime
),
colonnes as (
  select
    territoire,
    millesime,
    colonne,
    population
  from montres
  unpivot (
    population for colonne in (
      hommes_0_14, hommes_15_29, hommes_30_44, hommes_45_59, hommes_60_74, hommes_75_89, hommes_90_plus,
      femmes_0_14, femmes_15_29, femmes_30_44, femmes_45_59, femmes_60_74, femmes_75_89, femmes_90_plus,
      hommes_75_plus, femmes_75_plus,
      hommes_15_24, hommes_25_39, hommes_40_54, hommes_55_64, hommes_65_79, hommes_80_plus,
      femmes_15_24, femmes_25_39, femmes_40_54, femmes_55_64, femmes_65_79, femmes_80_plus
    )
  )
),
ages as (
  select
    territoire,
    millesime,
    split_part(colonne, '_', 1) as sexe,
    split_part(colonne, '_', 2)::bigint as age_min,
    try_cast(split_part(colonne, '_', 3) as bigint) as age_max,
    population
  from colonnes
),
suites as (
  -- bands of fifteen years where they go all the way, else those that Melodi gives
  select
    territoire,
    millesime,
    case
      when bool_or(age_min = 15 and age_max = 29) and bool_or(age_min = 90) then [0, 15, 30, 45, 60, 75, 90]
      when bool_or(age_min = 15 and age_max = 29) then [0, 15, 30, 45, 60, 75]
      else [0, 15, 25, 40, 55, 65, 80]
    end as debuts,
    bool_or(age_min = 15 and age_max = 29) as par_quinze
  from ages
  group by
    territoire,
    millesime
),
insee as (
  select
    territoire,
    millesime,
    sexe,
    age_min,
    age_max,
    population
  from ages
  join suites using (territoire, millesime)
  where list_contains(debuts, age_min)
    and case age_min
      when 15 then age_max = if(par_quinze, 29, 24)
      when 75 then (age_max is null) = not list_contains(debuts, 90)
      else true
    end
)
select
  territoire,
  millesime,
  sexe,
  age_min,
  age_max,
  population
from tranches
join sources using (territoire, millesime, priorite)
semi join socle.territoires using (territoire)
union all by name
select
  territoire,
  millesime,
  sexe,
  age_min,
  age_max,
  population
from insee
