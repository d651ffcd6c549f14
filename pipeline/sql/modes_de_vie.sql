-- une ligne : un territoire à un recensement, ses habitants selon avec qui ils vivent ; clé : territoire, millesime
with
habitants as (
  select
    territoire,
    millesime,
    age_min as debut,
    coalesce(age_max, 999) as fin,
    modalite,
    modalite <> 'communauté' as en_menage,
    effectif
  from brut.isee_rp2019_individus
  where tableau = 'cohabitation'
)
select
  territoire,
  millesime,
  sum(effectif) filter (where en_menage) as pop_menages,
  sum(effectif) filter (where modalite = 'personne seule') as seules,
  sum(effectif) filter (where en_menage and debut >= 25 and fin <= 54) as pop_menages_25_54,
  sum(effectif) filter (where modalite = 'personne seule' and debut >= 25 and fin <= 54) as seules_25_54,
  sum(effectif) filter (where en_menage and debut >= 65 and fin <= 79) as pop_menages_65_79,
  sum(effectif) filter (where modalite = 'personne seule' and debut >= 65 and fin <= 79) as seules_65_79,
  sum(effectif) filter (where en_menage and debut >= 80) as pop_menages_80_plus,
  sum(effectif) filter (where modalite = 'personne seule' and debut >= 80) as seules_80_plus,
  sum(effectif) filter (where debut >= 80) as pop_80_plus,
  sum(effectif) filter (where debut >= 75) as pop_75_plus,
  sum(effectif) filter (where modalite = 'communauté' and debut >= 75) as communaute_75_plus,
  sum(effectif) filter (where fin <= 17) as pop_0_17,
  sum(effectif) filter (where en_menage and fin <= 17) as pop_menages_0_17,
  sum(effectif) filter (where modalite = 'famille monoparentale' and fin <= 17) as enfants_monoparentale,
  sum(effectif) filter (where modalite = 'ménage complexe' and fin <= 17) as enfants_menage_complexe,
  sum(effectif) filter (where fin <= 2) as pop_0_2,
  sum(effectif) filter (where debut >= 3 and fin <= 5) as pop_3_5,
  sum(effectif) filter (where debut >= 6 and fin <= 10) as pop_6_10,
  sum(effectif) filter (where debut >= 11 and fin <= 17) as pop_11_17,
  sum(effectif) as pop
from habitants
group by
  territoire,
  millesime
