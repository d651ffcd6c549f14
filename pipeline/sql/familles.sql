-- une ligne : un territoire à un recensement, ses familles ; clé : territoire, millesime
with
isee as (
  -- households made of one family: those who live in a household of several are not told apart
  select
    territoire,
    millesime,
    sum(effectif) filter (where tableau = 'menage' and modalite = 'couple avec enfant') as couples_avec_enfant,
    sum(effectif) filter (where tableau = 'menage' and modalite = 'famille monoparentale') as familles_monoparentales,
    sum(effectif) filter (
      where tableau = 'menage_sexe' and modalite = 'famille monoparentale' and sexe = 'femmes'
    ) as meres_seules
  from brut.isee_rp2019_logements
  where tableau in ('menage', 'menage_sexe')
  group by
    territoire,
    millesime
),
insee as (
  select
    territoire,
    millesime,
    coalesce(familles, couples_avec_enfant + couples_sans_enfant + monoparentales) as familles,
    couples_avec_enfant,
    couples_sans_enfant,
    monoparentales as familles_monoparentales,
    meres_seules,
    recomposees,
    enfants_3 + enfants_4_plus as familles_nombreuses,
    enfants_1 + enfants_2 + enfants_3 + enfants_4_plus as familles_avec_jeune
  from brut.insee_rp_familles
  semi join socle.territoires using (territoire)
)
select *
from isee
union all by name
select *
from insee
