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
    effectif::double as effectif
  from brut.isee_rp2019_individus
  where tableau = 'cohabitation'
),
logements as (
  select
    territoire,
    millesime,
    coalesce(pop_menages, personnes) as pop_menages
  from brut.insee_rp_logement
),
insee as (
  select
    territoire,
    millesime,
    coalesce(pop_menages_15_24, pop_menages_15_19 + pop_menages_20_24) as pop_menages_15_24,
    coalesce(seules_15_24, seules_15_19 + seules_20_24) as seules_15_24,
    pop_menages_25_39 + pop_menages_40_54 as pop_menages_25_54,
    seules_25_39 + seules_40_54 as seules_25_54,
    pop_menages_55_64,
    seules_55_64,
    pop_menages_65_79,
    seules_65_79,
    pop_menages_80_plus,
    seules_80_plus
  from brut.insee_rp_menages
  semi join socle.territoires using (territoire)
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
  sum(effectif) as pop
from habitants
group by
  territoire,
  millesime
union all by name
select
  insee.*,
  seules_15_24 + seules_25_54 + seules_55_64 + seules_65_79 + seules_80_plus as seules,
  logements.pop_menages,
  population.pop_80_plus
from insee
left join logements using (territoire, millesime)
left join socle.population using (territoire, millesime)
