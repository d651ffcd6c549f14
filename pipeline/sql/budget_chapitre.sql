-- une ligne : une nature de dépense et un exercice budgétaire ; clé : territoire, millesime, chapitre
with
exercices as (
  select
    exercice,
    sum(vote) as budget_vote
  from brut.ccas_budget
  group by exercice
)
select
  territoire,
  exercice::integer as millesime,
  chapitre,
  execute as budget_execute,
  100 * (vote / nullif(budget_vote, 0)) as part_budget,
  100 * execute / nullif(vote, 0) as taux_execution
from brut.ccas_budget
join exercices using (exercice)
join socle.territoires on role = 'etude'
