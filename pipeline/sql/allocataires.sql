-- une ligne : un territoire et un mois de décembre, ses foyers allocataires ; clé : territoire, millesime
-- households that could not be located are in the country's total and nowhere else
with
foyers as (
  select
    territoire,
    millesime,
    foyers_allocataires,
    personnes_couvertes,
    foyers_rsa,
    montant_rsa,
    foyers_prime_activite,
    montant_prime_activite,
    foyers_aah,
    foyers_logement,
    foyers_apl,
    foyers_als,
    foyers_alf,
    foyers_allocations_familiales,
    foyers_complement_familial,
    foyers_soutien_familial,
    foyers_allocation_base,
    foyers_paje,
    foyers_mode_de_garde
  from brut.cnaf_prestations
  semi join socle.territoires using (territoire)
  union all
  select
    'FRANCE-F',
    millesime,
    sum(foyers_allocataires),
    sum(personnes_couvertes),
    sum(foyers_rsa),
    sum(montant_rsa),
    sum(foyers_prime_activite),
    sum(montant_prime_activite),
    sum(foyers_aah),
    sum(foyers_logement),
    sum(foyers_apl),
    sum(foyers_als),
    sum(foyers_alf),
    sum(foyers_allocations_familiales),
    sum(foyers_complement_familial),
    sum(foyers_soutien_familial),
    sum(foyers_allocation_base),
    sum(foyers_paje),
    sum(foyers_mode_de_garde)
  from brut.cnaf_prestations
  group by millesime
  having count(distinct left(territoire, 2)) >= 96
)
select
  f.*,
  l.menages,
  p.pop,
  p.pop_20_64
from foyers f
asof left join brut.insee_rp_logement l on l.territoire = f.territoire and l.millesime <= f.millesime
asof left join socle.recensements p on p.territoire = f.territoire and p.millesime <= f.millesime
