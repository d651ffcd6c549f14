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
  territoire,
  millesime,
  budget_vote,
  budget_execute,
  100 * budget_execute / nullif(budget_vote, 0) as taux_execution,
  habitants
from exercices
join socle.territoires on role = 'etude'
left join socle.habitants_ages using (territoire)
