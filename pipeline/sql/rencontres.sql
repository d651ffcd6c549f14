-- une ligne : un exercice, les personnes connues que les maraudes ont rencontrées ; clé : territoire, millesime
with
premieres as (
  select
    personne,
    year(min(date_rencontre)) as premier_exercice
  from brut.ccas_rencontres
  group by personne
),
personnes as (
  select
    territoires.territoire,
    year(date_rencontre)::integer as millesime,
    personne,
    any_value(premier_exercice) = year(date_rencontre) as nouvelle,
    count(*) as rencontres,
    max_by(sexe, date_rencontre) as sexe,
    max_by(age, date_rencontre) as age
  from brut.ccas_rencontres
  join premieres using (personne)
  join socle.territoires territoires on role = 'etude'
  group by
    territoires.territoire,
    year(date_rencontre),
    personne
),
exercices as (
  select
    territoire,
    millesime,
    count(*) as personnes_rue,
    sum(rencontres) as rencontres,
    count(*) filter (where rencontres >= 3) as personnes_rue_3_plus,
    count(*) filter (where nouvelle) as personnes_rue_nouvelles,
    count(sexe) as personnes_rue_sexe_connu,
    count(*) filter (where sexe = 'femmes') as personnes_rue_femmes,
    count(age) as personnes_rue_age_connu,
    count(*) filter (where age < 25) as personnes_rue_moins_25
  from personnes
  group by
    territoire,
    millesime
)
select
  * exclude (personnes_rue_nouvelles),
  -- nobody is new in the first year deposited
  case when millesime > min(millesime) over () then personnes_rue_nouvelles end as personnes_rue_nouvelles
from exercices
