-- une ligne : un exercice de maraudes, les rencontres que les équipes ont comptées ; clé : territoire, millesime
select
  territoires.territoire,
  year(date_maraude)::integer as millesime,
  count(*) as maraudes,
  sum(personnes_rencontrees) as passages,
  coalesce(sum(personnes_rencontrees) filter (where dont_femmes is not null), 0) as passages_sexe_connu,
  coalesce(sum(dont_femmes), 0) as passages_femmes,
  coalesce(sum(personnes_rencontrees) filter (where dont_moins_25 is not null), 0) as passages_age_connu,
  coalesce(sum(dont_moins_25), 0) as passages_moins_25
from brut.ccas_maraudes
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_maraude)
