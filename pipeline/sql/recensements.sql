-- une ligne : un territoire à un recensement de l'INSEE ; clé : territoire, millesime
-- two files may each hold a part of the ages of one census: here they are one row
select
  territoire,
  millesime,
  max(pop) as pop,
  max(hommes + femmes) as pop_tous_ages,
  max(hommes) as hommes,
  max(femmes) as femmes,
  max(coalesce(pop_0_19, hommes_0_19 + femmes_0_19)) as pop_0_19,
  max(coalesce(pop_20_64, hommes_20_64 + femmes_20_64)) as pop_20_64,
  max(coalesce(pop_65_plus, hommes_65_plus + femmes_65_plus, pop_65_79 + pop_80_plus)) as pop_65_plus,
  max(pop_0_14) as pop_0_14,
  max(pop_15_29) as pop_15_29,
  max(pop_30_44) as pop_30_44,
  max(pop_45_59) as pop_45_59,
  max(pop_60_74) as pop_60_74,
  max(coalesce(pop_75_plus, pop_75_89 + pop_90_plus)) as pop_75_plus,
  max(pop_90_plus) as pop_90_plus,
  max(pop_15_24) as pop_15_24,
  max(pop_25_39) as pop_25_39,
  max(pop_40_54) as pop_40_54,
  max(pop_55_64) as pop_55_64,
  max(pop_65_79) as pop_65_79,
  max(pop_80_plus) as pop_80_plus,
  max(pop_0_2) as pop_0_2,
  max(pop_3_5) as pop_3_5,
  max(pop_6_10) as pop_6_10,
  max(pop_11_17) as pop_11_17
from brut.insee_rp_population
semi join socle.territoires using (territoire)
group by
  territoire,
  millesime
