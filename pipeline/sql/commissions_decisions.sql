-- une ligne : une sorte de décision et un exercice de séances ; clé : territoire, millesime, decision
select
  commune as territoire,
  millesime,
  decision,
  count(*) as decisions,
  sum(count(*)) over (partition by commune, millesime) as decisions_ensemble
from socle.commissions_dossiers
group by
  commune,
  millesime,
  decision
