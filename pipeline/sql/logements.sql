-- une ligne : un territoire à un recensement, ses logements ; clé : territoire, millesime
with
reponses as (
  select
    territoire,
    millesime,
    tableau,
    modalite,
    age_min,
    effectif::double as effectif
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
  sum(effectif) filter (where tableau = 'quantites' and modalite = 'résidences principales') as menages,
  sum(effectif) filter (where tableau = 'quantites' and modalite = 'personnes') as personnes,
  sum(effectif) filter (where tableau = 'quantites' and modalite = 'pièces') as pieces,
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
union all by name
select
  territoire,
  millesime,
  logements,
  residences_principales,
  residences_secondaires,
  logements_vacants,
  residences_principales as occupation_connue,
  proprietaires,
  locataires,
  hlm,
  loges_gratuitement,
  coalesce(menages, residences_principales) as menages,
  coalesce(personnes, pop_menages) as personnes,
  pieces,
  case when habitations_de_fortune is not null then residences_principales end as type_connu,
  habitations_de_fortune as cabanes,
  rp_epoque_connue,
  rp_avant_1919 + rp_1919_1945 as rp_avant_1946,
  rp_avant_1919 + rp_1919_1945 + rp_1946_1970 as rp_avant_1971,
  residences_principales as bain_connu,
  residences_principales - avec_salle_de_bain as sans_bain,
  residences_principales as emmenagement_connu,
  emmenages_0_1 as emmenages_recents,
  coalesce(emmenages_10_plus, emmenages_10_19 + emmenages_20_29 + emmenages_30_plus) as emmenages_10_ans,
  residences_principales as voiture_connue,
  residences_principales - avec_voiture as sans_voiture
from brut.insee_rp_logement
semi join socle.territoires using (territoire)
