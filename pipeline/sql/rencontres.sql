-- une ligne : un exercice, les personnes connues que les maraudes ont rencontrées ; clé : territoire, millesime
with
presences as (
  select
    personne,
    year(date_rencontre) as exercice,
    min(date_rencontre) as premiere,
    lag(max(date_rencontre)) over (partition by personne order by year(date_rencontre)) as precedente
  from brut.ccas_rencontres
  group by
    personne,
    year(date_rencontre)
),
personnes as (
  select
    territoires.territoire,
    exercice::integer as millesime,
    rencontres.personne,
    -- the same year looked back on for every encounter, however long the deposits
    any_value(coalesce(precedente < premiere - interval 1 year, true)) as nouvelle,
    count(*) as rencontres,
    max_by(sexe, date_rencontre) as sexe,
    max_by(age, date_rencontre) as age
  from brut.ccas_rencontres rencontres
  join presences on presences.personne = rencontres.personne and exercice = year(date_rencontre)
  join socle.territoires territoires on role = 'etude'
  group by
    territoires.territoire,
    exercice,
    rencontres.personne
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
