-- une ligne : un exercice d'aides, les prêts accordés par le CCAS ; clé : territoire, millesime
with
menages as (
  select
    commune as territoire,
    millesime,
    menage,
    count(*) as prets,
    sum(montant) as montant_prete
  from socle.attributions
  where est_pret
  group by
    commune,
    millesime,
    menage
)
select
  territoire,
  millesime,
  coalesce(sum(prets), 0) as prets,
  coalesce(sum(montant_prete), 0) as montant_prete,
  count(*) filter (where montant_prete > 0) as emprunteurs,
  coalesce(max(montant_prete), 0) as montant_prete_premier,
  coalesce(max(montant_prete, 2)[2], 0) as montant_prete_deuxieme
from socle.aides
left join menages using (territoire, millesime)
group by
  territoire,
  millesime
