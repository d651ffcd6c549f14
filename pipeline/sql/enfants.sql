-- une ligne : un territoire à un recensement, ses enfants et ses jeunes par âge de la vie scolaire ; clé : territoire, millesime
with
habitants as (
  select
    territoire,
    millesime,
    age_min as debut,
    coalesce(age_max, 999) as fin,
    effectif
  from brut.isee_rp2019_individus
  where tableau = 'cohabitation'
),
scolaires as (
  select
    territoire,
    millesime,
    pop_2_5,
    pop_6_10,
    pop_11_14 + pop_15_17 as pop_11_17
  from brut.insee_rp_scolarisation
  semi join socle.territoires using (territoire)
)
select
  territoire,
  millesime,
  sum(effectif) filter (where fin <= 2) as pop_0_2,
  sum(effectif) filter (where debut >= 3 and fin <= 5) as pop_3_5,
  sum(effectif) filter (where debut >= 6 and fin <= 10) as pop_6_10,
  sum(effectif) filter (where debut >= 11 and fin <= 17) as pop_11_17
from habitants
group by
  territoire,
  millesime
union all by name
select
  territoire,
  millesime,
  pop_0_2,
  pop_3_5,
  pop_2_5,
  coalesce(scolaires.pop_6_10, recensements.pop_6_10) as pop_6_10,
  coalesce(scolaires.pop_11_17, recensements.pop_11_17) as pop_11_17
from scolaires
full join socle.recensements recensements using (territoire, millesime)
