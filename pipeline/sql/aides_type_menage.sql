-- une ligne : un type de ménage demandeur et un exercice, dans la commune ; clé : territoire, millesime, type_menage
with
menages as (
  select
    commune as territoire,
    millesime,
    menage,
    max_by(type_menage, (date_demande, demande)) as type_menage
  from socle.aides_demandes
  where type_menage is not null
  group by
    commune,
    millesime,
    menage
),
types as (
  select
    territoire,
    millesime,
    type_menage,
    count(*) as menages_type
  from menages
  group by
    territoire,
    millesime,
    type_menage
),
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
    habitants.* exclude (territoire)
  from lieux
  join socle.territoires niveaux on niveaux.territoire = lieu
  join socle.menages habitants on habitants.territoire = lieu
  semi join types on types.territoire = lieux.territoire
  qualify row_number() over (
    partition by lieux.territoire
    order by niveaux.rang, poids desc, habitants.millesime desc
  ) = 1
),
recenses as (
  select
    territoire,
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
  from types
),
grille as (
  -- a kind of household that nobody saw at the counter is a zero, where the census knows it
  select
    territoire,
    millesime,
    type_menage
  from types
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
  coalesce(menages_type, 0) as menages_type,
  sum(menages_type) over (partition by territoire, millesime) as menages_type_ensemble,
  menages_recenses,
  sum(menages_recenses) over (partition by territoire, millesime) as menages_recenses_ensemble
from grille
left join types using (territoire, millesime, type_menage)
left join recenses using (territoire, type_menage)
