-- une ligne : un territoire à un recensement, ses logements ; clé : territoire, millesime
with
reponses as (
  select
    territoire,
    millesime,
    tableau,
    modalite,
    age_min,
    effectif
  from brut.isee_rp2019_logements
)
select
  territoire,
  millesime,
  sum(effectif) filter (where tableau = 'categorie') as logements,
  sum(effectif) filter (where tableau = 'categorie' and modalite = 'résidence principale') as residences_principales,
  sum(effectif) filter (where tableau = 'categorie' and modalite = 'résidence secondaire') as residences_secondaires,
  sum(effectif) filter (where tableau = 'categorie' and modalite = 'logement vacant') as logements_vacants,
  sum(effectif) filter (where tableau = 'occupation') as occupation_connue,
  sum(effectif) filter (where tableau = 'occupation' and modalite = 'propriétaire') as proprietaires,
  sum(effectif) filter (where tableau = 'occupation' and modalite like 'locataire%') as locataires,
  sum(effectif) filter (where tableau = 'occupation' and modalite = 'logé gratuitement') as loges_gratuitement,
  sum(effectif) filter (where tableau = 'peuplement') as peuplement_connu,
  sum(effectif) filter (where tableau = 'peuplement' and modalite = 'une personne dans une pièce') as studios_seuls,
  sum(effectif) filter (where tableau = 'peuplement' and modalite like 'surpeuplement%') as surpeuples,
  sum(effectif) filter (where tableau = 'peuplement' and modalite = 'surpeuplement accentué') as tres_surpeuples,
  sum(effectif) filter (where tableau = 'type_logement') as type_connu,
  sum(effectif) filter (where tableau = 'type_logement' and modalite = 'appartement') as appartements,
  sum(effectif) filter (where tableau = 'type_logement' and modalite = 'construction provisoire, cabane') as cabanes,
  sum(effectif) filter (where tableau = 'bati') as bati_connu,
  sum(effectif) filter (where tableau = 'bati' and modalite = 'habitation en tôles') as en_toles,
  sum(effectif) filter (where tableau = 'eau') as eau_connue,
  sum(effectif) filter (where tableau = 'eau' and modalite = 'aucun point d’eau courante') as sans_eau,
  sum(effectif) filter (where tableau = 'electricite') as electricite_connue,
  sum(effectif) filter (where tableau = 'electricite' and modalite = 'non') as sans_electricite,
  sum(effectif) filter (where tableau = 'bain') as bain_connu,
  sum(effectif) filter (where tableau = 'bain' and modalite = 'non') as sans_bain,
  sum(effectif) filter (where tableau = 'wc') as wc_connu,
  sum(effectif) filter (where tableau = 'wc' and modalite = 'non') as sans_wc,
  sum(effectif) filter (where tableau = 'manques') as manques_connus,
  sum(effectif) filter (where tableau = 'manques' and modalite <> '0') as un_manque_ou_plus,
  sum(effectif) filter (where tableau = 'emmenagement') as emmenagement_connu,
  sum(effectif) filter (where tableau = 'emmenagement' and modalite = 'moins de 2 ans') as emmenages_recents,
  sum(effectif) filter (where tableau = 'emmenagement' and modalite = '10 ans et plus') as emmenages_10_ans,
  sum(effectif) filter (where tableau = 'internet') as internet_connu,
  sum(effectif) filter (where tableau = 'internet' and modalite = 'non') as sans_internet,
  sum(effectif) filter (where tableau = 'internet' and age_min >= 75) as internet_connu_75_plus,
  sum(effectif) filter (where tableau = 'internet' and modalite = 'non' and age_min >= 75) as sans_internet_75_plus,
  sum(effectif) filter (where tableau = 'voiture') as voiture_connue,
  sum(effectif) filter (where tableau = 'voiture' and modalite = 'aucune') as sans_voiture,
  sum(effectif) filter (where tableau = 'voiture' and age_min >= 75) as voiture_connue_75_plus,
  sum(effectif) filter (where tableau = 'voiture' and modalite = 'aucune' and age_min >= 75) as sans_voiture_75_plus
from reponses
group by
  territoire,
  millesime
