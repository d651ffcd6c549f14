-- une ligne : un territoire à un recensement ; clé : territoire, millesime
with
bornes (colonne, debut, fin) as (
  -- the groups that the quartiers give too, and one against which a register is set
  values
    ('pop_0_9', 0, 10),
    ('pop_0_19', 0, 20),
    ('pop_10_19', 10, 20),
    ('pop_20_39', 20, 40),
    ('pop_20_59', 20, 60),
    ('pop_40_59', 40, 60),
    ('pop_50_59', 50, 60),
    ('pop_60_79', 60, 80),
    ('pop_60_plus', 60, 999),
    ('pop_70_plus', 70, 999),
    ('age_75_plus', 75, 999),
    ('pop_80_plus', 80, 999)
),
tranches as (
  -- France publishes the groups themselves: nothing to add up, for 35,000 communes
  select
    territoire,
    millesime,
    sexe,
    age_min as debut,
    coalesce(age_max + 1, 999) as fin,
    population
  from socle.population_sexe_age
  anti join socle.recensements using (territoire, millesime)
),
groupes as (
  -- a band that straddles a bound makes the group unknown, never approximate
  select
    t.territoire,
    t.millesime,
    b.colonne,
    case
      when not bool_or(t.debut < b.debut and t.fin > b.debut or t.debut < b.fin and t.fin > b.fin)
      then sum(t.population) filter (where t.debut >= b.debut and t.fin <= b.fin)
    end as population
  from tranches t
  cross join bornes b
  group by
    t.territoire,
    t.millesime,
    b.colonne
),
ages as (
  select
    territoire,
    millesime,
    max(population) filter (where colonne = 'pop_0_9') as pop_0_9,
    max(population) filter (where colonne = 'pop_0_19') as pop_0_19,
    max(population) filter (where colonne = 'pop_10_19') as pop_10_19,
    max(population) filter (where colonne = 'pop_20_39') as pop_20_39,
    max(population) filter (where colonne = 'pop_20_59') as pop_20_59,
    max(population) filter (where colonne = 'pop_40_59') as pop_40_59,
    max(population) filter (where colonne = 'pop_50_59') as pop_50_59,
    max(population) filter (where colonne = 'pop_60_79') as pop_60_79,
    max(population) filter (where colonne = 'pop_60_plus') as pop_60_plus,
    max(population) filter (where colonne = 'pop_70_plus') as pop_70_plus,
    max(population) filter (where colonne = 'age_75_plus') as age_75_plus,
    max(population) filter (where colonne = 'pop_80_plus') as pop_80_plus
  from groupes
  group by
    territoire,
    millesime
),
sexes as (
  select
    territoire,
    millesime,
    sum(population) as pop_tous_ages,
    sum(population) filter (where sexe = 'hommes') as hommes,
    sum(population) filter (where sexe = 'femmes') as femmes
  from tranches
  group by
    territoire,
    millesime
),
totaux as (
  select
    territoire,
    millesime,
    population
  from brut.isee_population_commune
  union all
  select
    territoire,
    millesime,
    municipale
  from brut.isee_population_reference
),
isee as (
  select
    territoire,
    millesime,
    coalesce(totaux.population, sexes.pop_tous_ages) as pop,
    pop_tous_ages,
    hommes,
    femmes,
    ages.* exclude (territoire, millesime),
    superficie.superficie
  from totaux
  full join sexes using (territoire, millesime)
  left join ages using (territoire, millesime)
  left join brut.isee_superficie superficie using (territoire)
),
series as (
  select
    territoire,
    millesime,
    pop
  from brut.insee_rp_serie
  anti join socle.recensements using (territoire, millesime)
  where pop is not null
),
superficies as (
  select
    territoire,
    max_by(superficie, millesime) as superficie
  from brut.insee_rp_serie
  group by territoire
),
insee as (
  select
    * exclude (pop_0_2, pop_3_5, pop_6_10, pop_11_17),
    pop_75_plus as age_75_plus,
    pop_60_74 + pop_75_plus as pop_60_plus
  from socle.recensements
  union all by name
  select *
  from series
)
select *
from isee
semi join socle.territoires using (territoire)
union all by name
select
  insee.*,
  superficies.superficie
from insee
left join superficies using (territoire)
semi join socle.territoires using (territoire)
