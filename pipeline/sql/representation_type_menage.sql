-- une ligne : un type de ménage et un exercice, les ménages demandeurs et ceux du recensement ; clé : territoire, millesime, type_menage
with
lieux as (
  select
    territoire,
    territoire as lieu,
    1 as poids
  from socle.territoires
  where role = 'etude'
  union all
  select
    contenu,
    contenant,
    poids
  from socle.appartenances
),
compositions as (
  -- the commune's, or else that of the smallest territory around it whose households are known
  select
    lieux.territoire,
    lieu,
    habitants.* exclude (territoire)
  from lieux
  join socle.territoires niveaux on niveaux.territoire = lieu
  join socle.menages habitants on habitants.territoire = lieu
  semi join socle.aides_type_menage demandeurs on demandeurs.territoire = lieux.territoire
  qualify row_number() over (
    partition by lieux.territoire
    order by niveaux.rang, poids desc, habitants.millesime desc
  ) = 1
),
recenses as (
  select
    territoire,
    lieu,
    unnest([
      'personne_seule',
      'famille_monoparentale',
      'couple_avec_enfants',
      'couple_sans_enfant',
      'autre'
    ]) as type_menage,
    unnest([
      personnes_seules,
      familles_monoparentales,
      couples_avec_enfant,
      couples_sans_enfant,
      menages_complexes
    ]) as menages_recenses
  from compositions
),
exercices as (
  select distinct
    territoire,
    millesime
  from socle.aides_type_menage
),
grille as (
  -- a kind of household that nobody saw at the counter is a zero, where the census knows it
  select
    territoire,
    millesime,
    type_menage
  from socle.aides_type_menage
  union
  select
    territoire,
    millesime,
    type_menage
  from exercices
  join recenses using (territoire)
)
select
  territoire,
  millesime,
  type_menage,
  lieu,
  coalesce(menages_type, 0) as menages_type,
  sum(menages_type) over (partition by territoire, millesime) as menages_type_ensemble,
  menages_recenses,
  sum(menages_recenses) over (partition by territoire, millesime) as menages_recenses_ensemble
from grille
left join socle.aides_type_menage using (territoire, millesime, type_menage)
left join recenses using (territoire, type_menage)
