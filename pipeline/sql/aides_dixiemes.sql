-- une ligne : un dixième des ménages aidés d'un exercice, du moins au plus aidé ; clé : territoire, millesime, dixieme
with
rangs as (
  select
    *,
    row_number() over (partition by territoire, millesime order by montant desc, menage) as rang,
    count(*) over (partition by territoire, millesime) as menages_exercice
  from socle.aides_menages
),
dixiemes as (
  -- the last tenth is rounded up, as the share of the most helped is
  select
    *,
    (10 - floor(10 * (rang - 1) / menages_exercice))::integer as numero
  from rangs
  where menages_exercice >= 100
)
select
  territoire,
  millesime,
  -- in the order of their names too
  case numero when 1 then '1er' when 10 then 'dernier' else numero || 'e' end || ' dixième' as dixieme,
  count(*) as menages_payes,
  sum(montant) as montant,
  sum(montant ** 2) as montant_carres,
  max(montant) as montant_premier,
  max(montant, 2)[2] as montant_deuxieme
from dixiemes
group by
  territoire,
  millesime,
  numero
