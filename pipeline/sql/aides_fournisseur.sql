-- une ligne : un type de fournisseur payé et un exercice, dans la commune ; clé : territoire, millesime, fournisseur
with
menages as (
  select
    commune as territoire,
    millesime,
    fournisseur,
    menage,
    sum(montant) as montant
  from socle.attributions
  where not est_pret
  group by
    commune,
    millesime,
    fournisseur,
    menage
)
select
  territoire,
  millesime,
  fournisseur,
  sum(montant) as montant,
  count(*) filter (where montant > 0) as menages_payes,
  max(montant) as montant_premier,
  coalesce(max(montant, 2)[2], 0) as montant_deuxieme
from menages
group by
  territoire,
  millesime,
  fournisseur
qualify bool_or(fournisseur <> 'Sans fournisseur précisé') over (partition by territoire, millesime)
