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
