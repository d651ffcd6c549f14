-- une ligne : un exercice budgétaire du CCAS ; clé : territoire, millesime
with
exercices as (
  select
    exercice::integer as millesime,
    sum(vote) as budget_vote,
    -- executed in part is not executed
    case when count(execute) = count(*) then sum(execute) end as budget_execute
  from brut.ccas_budget
  group by exercice
)
select
  t.territoire,
  e.millesime,
  e.budget_vote,
  e.budget_execute,
  100 * e.budget_execute / nullif(e.budget_vote, 0) as taux_execution
from exercices e
join socle.territoires t on role = 'etude'
