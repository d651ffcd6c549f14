-- une ligne : un territoire à un recensement, l'école et les diplômes de ses habitants ; clé : territoire, millesime
with
reponses as (
  select
    territoire,
    millesime,
    tableau,
    age_min,
    modalite,
    modalite <> 'non renseigné' as connue,
    effectif
  from brut.isee_rp2019_individus
  where tableau in ('diplome', 'scolarisation')
),
taux as (
  -- under four answers in five, those who did not answer cannot be taken to be like the others
  select
    territoire,
    millesime,
    tableau,
    sum(effectif) filter (where connue) >= 0.8 * sum(effectif) as suffisant
  from reponses
  group by
    territoire,
    millesime,
    tableau
),
retenues as (
  select r.*
  from reponses r
  join taux t using (territoire, millesime, tableau)
  where r.connue and t.suffisant
),
diplomes as (
  select
    territoire,
    millesime,
    non_scolarises as diplome_connu,
    sans_diplome,
    bac + bac_2 + bac_3_4 + bac_5_plus as bac_ou_plus,
    bac_2 + bac_3_4 + bac_5_plus as diplome_superieur
  from brut.insee_rp_diplomes
  semi join socle.territoires using (territoire)
),
scolarises as (
  select
    territoire,
    millesime,
    pop_2_5 as ecole_connue_2_5,
    scolarises_2_5,
    pop_15_17 as ecole_connue_15_17,
    scolarises_15_17,
    pop_18_24 as ecole_connue_18_24,
    scolarises_18_24
  from brut.insee_rp_scolarisation
  semi join socle.territoires using (territoire)
)
select
  territoire,
  millesime,
  sum(effectif) filter (where tableau = 'diplome') as diplome_connu,
  sum(effectif) filter (where tableau = 'diplome' and modalite in ('aucun diplôme', 'CEP')) as sans_diplome,
  sum(effectif) filter (where tableau = 'diplome' and (modalite = 'baccalauréat' or modalite like 'bac + %')) as bac_ou_plus,
  sum(effectif) filter (where tableau = 'diplome' and modalite like 'bac + %') as diplome_superieur,
  sum(effectif) filter (where tableau = 'diplome' and age_min in (25, 35)) as diplome_connu_25_44,
  sum(effectif) filter (
    where tableau = 'diplome' and age_min in (25, 35) and modalite in ('aucun diplôme', 'CEP')
  ) as sans_diplome_25_44,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 2) as ecole_connue_2_5,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 2 and modalite = 'inscrit') as scolarises_2_5,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 15) as ecole_connue_15_17,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 15 and modalite = 'inscrit') as scolarises_15_17,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 18) as ecole_connue_18_24,
  sum(effectif) filter (where tableau = 'scolarisation' and age_min = 18 and modalite = 'inscrit') as scolarises_18_24
from retenues
group by
  territoire,
  millesime
union all by name
select *
from diplomes
full join scolarises using (territoire, millesime)
