-- une ligne : un territoire à un recensement, ses ménages ; clé : territoire, millesime
with
quantites as (
  select
    territoire,
    millesime,
    sum(effectif) filter (where modalite = 'résidences principales') as menages
  from brut.isee_rp2019_logements
  where tableau = 'quantites'
  group by
    territoire,
    millesime
),
compositions as (
  select
    territoire,
    millesime,
    sum(effectif) filter (where modalite = 'personne seule') as personnes_seules,
    sum(effectif) filter (where modalite = 'personne seule' and age_min >= 65) as personnes_seules_65_plus,
    sum(effectif) filter (where modalite = 'couple sans enfant') as couples_sans_enfant,
    sum(effectif) filter (where modalite = 'couple avec enfant') as couples_avec_enfant,
    sum(effectif) filter (where modalite = 'famille monoparentale') as familles_monoparentales,
    sum(effectif) filter (where modalite = 'ménage complexe') as menages_complexes
  from brut.isee_rp2019_logements
  where tableau = 'menage'
  group by
    territoire,
    millesime
),
tailles as (
  select
    territoire,
    millesime,
    sum(effectif) filter (where modalite = '6 ou plus') as menages_6_plus
  from brut.isee_rp2019_logements
  where tableau = 'taille'
  group by
    territoire,
    millesime
),
emplois as (
  select
    territoire,
    millesime,
    sum(effectif) filter (where age_min < 65) as menages_moins_65,
    sum(effectif) filter (where age_min < 65 and modalite = 'aucun') as menages_moins_65_sans_emploi
  from brut.isee_rp2019_logements
  where tableau = 'emploi_menage'
  group by
    territoire,
    millesime
)
select *
from quantites
join compositions using (territoire, millesime)
join tailles using (territoire, millesime)
join emplois using (territoire, millesime)
union all by name
-- in France a household is what its main family is, whoever else lives in it
select
  territoire,
  millesime,
  menages,
  personnes_seules,
  couples_sans_enfant,
  couples_avec_enfant,
  monoparentaux as familles_monoparentales,
  sans_famille as menages_complexes
from brut.insee_rp_menages_comp
semi join socle.territoires using (territoire)
