-- une ligne : une forme d'aide non remboursable et un exercice, dans la commune ; clé : territoire, millesime, forme
with
menages as (
  select
    commune as territoire,
    millesime,
    forme,
    menage,
    count(*) as aides_accordees,
    sum(montant) as montant
  from socle.attributions
  where not est_pret
  group by
    commune,
    millesime,
    forme,
    menage
),
formes as (
  select
    territoire,
    millesime,
    forme,
    sum(aides_accordees) as aides_accordees,
    sum(montant) as montant,
    count(*) filter (where montant > 0) as menages_payes,
    max(montant) as montant_premier,
    coalesce(max(montant, 2)[2], 0) as montant_deuxieme
  from menages
  group by
    territoire,
    millesime,
    forme
)
select
  *,
  sum(aides_accordees) over (partition by territoire, millesime) as aides_accordees_ensemble
from formes
qualify bool_or(forme <> 'Forme non précisée') over (partition by territoire, millesime)
