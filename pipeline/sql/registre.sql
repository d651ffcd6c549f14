-- une ligne : un exercice, le registre des personnes vulnérables au 31 décembre ; clé : territoire, millesime
with
bornes as (
  -- files closed for two years are purged: only the last three years are whole
  select max(year(date_inscription)) as dernier
  from brut.ccas_registre
),
exercices as (
  select unnest(generate_series(dernier - 2, dernier))::integer as millesime
  from bornes
),
inscrits as (
  select
    territoires.territoire,
    millesime,
    motif,
    age + millesime - year(date_inscription) as age,
    year(date_inscription) = millesime as entre,
    coalesce(year(date_radiation) <= millesime, false) as radie
  from brut.ccas_registre
  join exercices on year(date_inscription) <= millesime and coalesce(year(date_radiation) >= millesime, true)
  join socle.territoires territoires on role = 'etude'
)
select
  i.territoire,
  i.millesime,
  count(*) filter (where not radie) as inscrits,
  count(*) filter (where entre) as inscriptions,
  count(*) filter (where radie) as radiations_registre,
  count(*) filter (where not radie and motif = 'isolement') as inscrits_isoles,
  count(*) filter (where not radie and age >= 75) as inscrits_75_plus,
  count(*) filter (where not radie and age >= 70) as inscrits_70_plus,
  any_value(h.habitants_75_plus) as habitants_75_plus,
  any_value(h.habitants_70_plus) as habitants_70_plus
from inscrits i
asof left join socle.habitants_ages h on h.territoire = i.territoire and h.millesime <= i.millesime
group by
  i.territoire,
  i.millesime
