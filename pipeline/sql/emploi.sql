-- une ligne : un territoire à un recensement, l'activité de ses habitants ; clé : territoire, millesime
with
reponses as (
  select
    territoire,
    millesime,
    tableau,
    sexe,
    age_min,
    coalesce(age_max, 999) as age_max,
    modalite,
    modalite in ('emploi', 'apprentissage ou stage rémunéré') as en_emploi,
    modalite in ('emploi', 'apprentissage ou stage rémunéré', 'chômage') as actif,
    effectif
  from brut.isee_rp2019_individus
),
activite as (
  select
    territoire,
    millesime,
    pop_15_64,
    actifs_15_64,
    coalesce(occupes_15_64, actifs_15_64 - chomeurs_15_64) as occupes_15_64,
    chomeurs_15_64,
    actifs_15_24,
    chomeurs_15_24,
    actifs_25_54,
    chomeurs_25_54,
    actifs_55_64,
    chomeurs_55_64,
    pop_55_64,
    occupes_55_64,
    femmes_15_64,
    femmes_actifs_15_64 as actives_15_64,
    femmes_occupes_15_64 as femmes_occupees_15_64,
    femmes_chomeurs_15_64 as chomeuses_15_64,
    hommes_15_64,
    hommes_actifs_15_64,
    hommes_occupes_15_64,
    hommes_chomeurs_15_64,
    actifs_sans_diplome,
    chomeurs_sans_diplome,
    occupes_15_plus
  from brut.insee_rp_activite
  semi join socle.territoires using (territoire)
),
formes as (
  select
    territoire,
    millesime,
    occupes,
    salaries,
    non_salaries,
    coalesce(
      contrats_limites,
      hommes_cdd + hommes_interim + hommes_aides + hommes_apprentis
      + femmes_cdd + femmes_interim + femmes_aides + femmes_apprentis
    ) as salaries_precaires,
    salaries as temps_connu,
    salaries_partiels as temps_partiel,
    femmes_salaries as temps_connu_femmes,
    femmes_salaries_partiels as temps_partiel_femmes
  from brut.insee_rp_formes_emploi
  semi join socle.territoires using (territoire)
),
navettes as (
  select
    territoire,
    millesime,
    occupes as trajet_connu,
    en_commun,
    travaillent_sur_place
  from brut.insee_rp_navettes
  semi join socle.territoires using (territoire)
),
sur_place as (
  select
    territoire,
    millesime,
    emplois
  from brut.insee_rp_emploi
  semi join socle.territoires using (territoire)
)
select
  territoire,
  millesime,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 64) as pop_15_64,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 64 and actif) as actifs_15_64,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 64 and en_emploi) as occupes_15_64,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 64 and modalite = 'chômage') as chomeurs_15_64,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 24 and actif) as actifs_15_24,
  sum(effectif) filter (where tableau = 'activite' and age_max <= 24 and modalite = 'chômage') as chomeurs_15_24,
  sum(effectif) filter (where tableau = 'activite' and age_min = 55) as pop_55_64,
  sum(effectif) filter (where tableau = 'activite' and age_min = 55 and en_emploi) as occupes_55_64,
  sum(effectif) filter (where tableau = 'activite_sexe' and sexe = 'femmes') as femmes_15_64,
  sum(effectif) filter (where tableau = 'activite_sexe' and sexe = 'femmes' and actif) as actives_15_64,
  sum(effectif) filter (where tableau = 'activite_sexe' and sexe = 'femmes' and en_emploi) as femmes_occupees_15_64,
  sum(effectif) filter (where tableau = 'activite_sexe' and sexe = 'femmes' and modalite = 'chômage') as chomeuses_15_64,
  sum(effectif) filter (where tableau = 'recherche_emploi') as recherche_connue,
  sum(effectif) filter (where tableau = 'recherche_emploi' and modalite = 'un an ou plus') as recherche_un_an,
  sum(effectif) filter (where tableau = 'contrat') as occupes,
  sum(effectif) filter (where tableau = 'contrat' and modalite = 'non salarié') as non_salaries,
  sum(effectif) filter (where tableau = 'contrat' and modalite <> 'non salarié') as salaries,
  sum(effectif) filter (
    where tableau = 'contrat' and (modalite like '%durée déterminée' or modalite = 'stage ou apprentissage')
  ) as salaries_precaires,
  sum(effectif) filter (where tableau = 'temps_partiel') as temps_connu,
  sum(effectif) filter (where tableau = 'temps_partiel' and modalite = 'temps partiel') as temps_partiel,
  sum(effectif) filter (where tableau = 'temps_partiel' and sexe = 'femmes') as temps_connu_femmes,
  sum(effectif) filter (
    where tableau = 'temps_partiel' and sexe = 'femmes' and modalite = 'temps partiel'
  ) as temps_partiel_femmes,
  sum(effectif) filter (where tableau = 'transport') as trajet_connu,
  sum(effectif) filter (where tableau = 'transport' and modalite = 'transports en commun') as en_commun,
  sum(effectif) filter (where tableau = 'insertion' and age_max <= 24) as pop_15_24,
  sum(effectif) filter (where tableau = 'insertion' and age_max <= 24 and modalite = 'ni emploi ni études') as neet_15_24,
  sum(effectif) filter (where tableau = 'insertion' and age_min >= 18 and age_max <= 24) as pop_18_24,
  sum(effectif) filter (
    where tableau = 'insertion' and age_min >= 18 and age_max <= 24 and modalite = 'ni emploi ni études'
  ) as neet_18_24
from reponses
group by
  territoire,
  millesime
union all by name
select
  *,
  coalesce(occupes_15_plus, occupes) as actifs_occupes
from activite
full join formes using (territoire, millesime)
full join navettes using (territoire, millesime)
full join sur_place using (territoire, millesime)
