-- une ligne : un exercice budgétaire, la dépense d'aide et les ménages aidés ; clé : territoire, millesime
select
  territoire,
  millesime,
  execute as budget_aides,
  menages_payes
from brut.ccas_budget
join socle.aides on millesime = exercice
where chapitre = 'aides' and execute is not null
