"""Detail files of the 2019 census of New Caledonia: in, persons and dwellings; out, counts by province.

The files are exhaustive, without weights, with labels instead of codes, and go down to the province only.
Persons and dwellings are counted apart: their files match in the provinces Nord and Îles, not in Sud.
No count crosses more than three variables, province included, and none uses the columns on nationality,
birthplace, community, language or tribe. A label that is not known stops the reading: it would otherwise
be counted nowhere. The persons themselves are never kept.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from pipeline.model import ErreurUtilisateur, Lecture
from pipeline.report.nombres import nombre
from pipeline.sources.isee_classeurs import situer

# What each answer of a person means here. `error` stops on a label that the file did not have in 2019.
_INDIVIDU = """
create table individu as
with lu as (
    select
        case PROV
            when 'Sud' then '988-sud'
            when 'Nord' then '988-nord'
            when 'Iles' then '988-iles'
            else error('PROV = ' || coalesce(PROV, 'vide'))
        end as territoire,
        case GENRE
            when 'Homme' then 'hommes'
            when 'Femme' then 'femmes'
            else error('GENRE = ' || coalesce(GENRE, 'vide'))
        end as sexe,
        AGER::double::integer as age,
        case
            when TYP = 'Communauté' then 'communauté'
            when TYPMENR = 'Personne seule' then 'personne seule'
            when TYPMENR = 'Couple sans enfant' then 'couple sans enfant'
            when TYPMENR = 'Couple avec enfant(s)' then 'couple avec enfant'
            when TYPMENR = 'Famille monoparentale' then 'famille monoparentale'
            when TYPMENR like 'Autres%' then 'ménage complexe'
            else error('TYPMENR = ' || coalesce(TYPMENR, 'vide'))
        end as cohabitation,
        case
            when SCOL is null then 'non renseigné'
            when SCOL like 'Est inscrit%' then 'inscrit'
            when SCOL like 'N_est pas inscrit%' then 'non inscrit'
            else error('SCOL = ' || SCOL)
        end as inscription,
        case
            when TACT = 'Emploi' then 'emploi'
            when TACT like 'Apprentissage%' then 'apprentissage ou stage rémunéré'
            when TACT = 'Chômage' then 'chômage'
            when TACT like 'Études%' then 'études'
            when TACT like 'Retraite%' then 'retraite'
            when TACT = 'Femme ou homme au foyer' then 'au foyer'
            when TACT = 'Autre situation' then 'autre situation'
            when TACT is null then 'non renseigné'
            else error('TACT = ' || TACT)
        end as activite,
        case
            when RECH like '%moins d_un an' then 'moins d’un an'
            when RECH like '%un an ou plus' then 'un an ou plus'
            when RECH like 'Ne recherche pas%' then 'ne recherche pas'
            when RECH is null then 'non renseigné'
            else error('RECH = ' || RECH)
        end as anciennete_recherche,
        case
            when EMPL like 'Artisan%' then 'non salarié'
            when EMPL = 'Salarié du secteur public à durée indéterminée' then 'public, durée indéterminée'
            when EMPL = 'Salarié du secteur public à durée déterminée' then 'public, durée déterminée'
            when EMPL = 'Salarié du secteur privé à durée indéterminée' then 'privé, durée indéterminée'
            when EMPL = 'Salarié du secteur privé à durée déterminée' then 'privé, durée déterminée'
            when EMPL like 'Stagiaire%' then 'stage ou apprentissage'
            when EMPL is null then 'non renseigné'
            else error('EMPL = ' || EMPL)
        end as contrat,
        case
            -- CS8 is filled for employees only
            when CS8 is null then 'non salarié'
            when CS8 like 'Agriculteurs%' then 'agriculteurs exploitants'
            when CS8 like 'Artisans%' then 'artisans, commerçants, chefs d’entreprise'
            when CS8 like 'Cadres%' then 'cadres et professions intellectuelles supérieures'
            when CS8 like 'Professions _ntermédiaires' then 'professions intermédiaires'
            when CS8 = 'Employés' then 'employés'
            when CS8 = 'Ouvriers' then 'ouvriers'
            else error('CS8 = ' || CS8)
        end as profession,
        case
            when TP = 'Temps complet' then 'temps complet'
            when TP = 'Temps partiel' then 'temps partiel'
            when TP is null then 'non renseigné'
            else error('TP = ' || TP)
        end as temps,
        case
            when TRANS like 'Voiture%' then 'voiture'
            when TRANS = 'Transports en commun' then 'transports en commun'
            when TRANS = 'Marche à pied' then 'marche à pied'
            when TRANS = 'Deux-roues motorisé' then 'deux-roues motorisé'
            when TRANS = 'Vélo' then 'vélo'
            when TRANS is null then 'non renseigné'
            else error('TRANS = ' || TRANS)
        end as transport,
        case
            when IRA like 'Dans le même logement%' then 'même logement'
            when IRA like '%de la même commune' then 'autre logement de la même commune'
            when IRA like 'Dans une autre commune%' then 'autre commune de Nouvelle-Calédonie'
            when IRA like 'En métropole%' then 'métropole ou outre-mer'
            when IRA like 'A l_étranger' then 'étranger'
            when IRA is null then 'non renseigné'
            else error('IRA = ' || IRA)
        end as residence_cinq_ans_avant,
        case
            -- the file lost the labels of the four codes without a diploma in these two provinces
            when DIPL is null and PROV in ('Nord', 'Iles') then 'aucun diplôme'
            when DIPL is null then 'non renseigné'
            when DIPL = 'Pas de scolarisation' or DIPL like 'Aucun diplôme%' then 'aucun diplôme'
            when DIPL = 'CEP' then 'CEP'
            when DIPL like 'BEPC%' then 'brevet des collèges'
            when DIPL like 'CAP%' then 'CAP ou BEP'
            when DIPL like 'Bac %' then 'baccalauréat'
            when DIPL like 'BTS%' then 'bac + 2'
            when DIPL like 'Licence%' then 'bac + 3 ou bac + 4'
            when DIPL like 'Master%' or DIPL like 'Doctorat%' then 'bac + 5 ou plus'
            else error('DIPL = ' || DIPL)
        end as diplome
    from fichier
),
-- adults in a job often skip the question on enrolment: their main activity answers for them
inscrit as (
    select
        *,
        case
            when inscription = 'non renseigné' and activite = 'études' then 'inscrit'
            when inscription = 'non renseigné' and activite <> 'non renseigné' then 'non inscrit'
            else inscription
        end as scolarisation
    from lu
)
select
    *,
    activite in ('emploi', 'apprentissage ou stage rémunéré') as en_emploi,
    case
        when activite in ('emploi', 'apprentissage ou stage rémunéré') then 'en emploi'
        when activite = 'études' or scolarisation = 'inscrit' then 'en études'
        else 'ni emploi ni études'
    end as insertion
from inscrit
"""

# One row an answer. `sexe` is empty where it is not crossed; `age` is used by the groups of `tranche`.
_REPONSES_INDIVIDUS = """
create view reponse as
select 'population' as tableau, territoire, sexe, age, 'habitants' as modalite, 1 as quantite from individu
union all
select 'cohabitation', territoire, '', age, cohabitation, 1 from individu
union all
select 'cohabitation_75_plus', territoire, sexe, age, cohabitation, 1 from individu
union all
select 'scolarisation', territoire, '', age, scolarisation, 1 from individu
union all
select 'diplome', territoire, '', age, diplome, 1 from individu where scolarisation = 'non inscrit'
union all
select 'diplome_sexe', territoire, sexe, age, diplome, 1 from individu where scolarisation = 'non inscrit'
union all
select 'activite', territoire, '', age, activite, 1 from individu
union all
select 'activite_sexe', territoire, sexe, age, activite, 1 from individu
union all
select 'insertion', territoire, '', age, insertion, 1 from individu
union all
select 'recherche_emploi', territoire, '', age, anciennete_recherche, 1
from individu where activite = 'chômage'
union all
select 'profession', territoire, '', age, profession, 1 from individu where en_emploi
union all
select 'contrat', territoire, sexe, age, contrat, 1 from individu where en_emploi
union all
select 'temps_partiel', territoire, sexe, age, temps, 1
from individu where en_emploi and contrat <> 'non salarié'
union all
select 'transport', territoire, '', age, transport, 1 from individu where en_emploi
union all
select 'mobilite', territoire, '', age, residence_cinq_ans_avant, 1 from individu
"""

_TRANCHES_INDIVIDUS = """
create view tranche as
select 'population' as tableau, age::integer as age_min, nullif(age, 95)::integer as age_max
from range(96) as t (age)
union all
from (
    values
    ('cohabitation', 0, 2),
    ('cohabitation', 3, 5),
    ('cohabitation', 6, 10),
    ('cohabitation', 11, 14),
    ('cohabitation', 15, 17),
    ('cohabitation', 18, 19),
    ('cohabitation', 20, 24),
    ('cohabitation', 25, 29),
    ('cohabitation', 30, 34),
    ('cohabitation', 35, 39),
    ('cohabitation', 40, 44),
    ('cohabitation', 45, 49),
    ('cohabitation', 50, 54),
    ('cohabitation', 55, 59),
    ('cohabitation', 60, 64),
    ('cohabitation', 65, 69),
    ('cohabitation', 70, 74),
    ('cohabitation', 75, 79),
    ('cohabitation', 80, 84),
    ('cohabitation', 85, 89),
    ('cohabitation', 90, null),
    ('cohabitation_75_plus', 75, null),
    ('scolarisation', 2, 5),
    ('scolarisation', 6, 10),
    ('scolarisation', 11, 14),
    ('scolarisation', 15, 17),
    ('scolarisation', 18, 24),
    ('scolarisation', 25, 29),
    ('diplome', 15, 24),
    ('diplome', 25, 34),
    ('diplome', 35, 44),
    ('diplome', 45, 54),
    ('diplome', 55, 64),
    ('diplome', 65, null),
    ('diplome_sexe', 15, null),
    ('activite', 15, 24),
    ('activite', 25, 54),
    ('activite', 55, 64),
    ('activite', 65, null),
    ('activite_sexe', 15, 64),
    ('insertion', 15, 17),
    ('insertion', 18, 24),
    ('insertion', 25, 29),
    ('recherche_emploi', 15, 24),
    ('recherche_emploi', 25, 54),
    ('recherche_emploi', 55, 64),
    ('profession', 15, null),
    ('contrat', 15, null),
    ('temps_partiel', 15, null),
    ('transport', 15, null),
    ('mobilite', 5, null)
)
"""

_LOGEMENT = """
create table logement as
select
    *,
    (eau like 'aucun%')::integer
    + (electricite = 'non')::integer
    + (bain = 'non')::integer
    + (wc = 'non')::integer as manques
from (
    select
        case PROV
            when 'Sud' then '988-sud'
            when 'Nord' then '988-nord'
            when 'Iles' then '988-iles'
            else error('PROV = ' || coalesce(PROV, 'vide'))
        end as territoire,
        case
            when CATL = 'Résidence principale' then 'résidence principale'
            when CATL = 'Résidence secondaire' then 'résidence secondaire'
            when CATL = 'Logement occasionnel' then 'logement occasionnel'
            when CATL = 'Logement vacant' then 'logement vacant'
            else error('CATL = ' || coalesce(CATL, 'vide'))
        end as categorie,
        AGERM::double::integer as age,
        case
            when GENREM = 'Homme' then 'hommes'
            when GENREM = 'Femme' then 'femmes'
            when GENREM is not null then error('GENREM = ' || GENREM)
        end as sexe,
        case
            when TYPMENR = 'Personne seule' then 'personne seule'
            when TYPMENR = 'Couple sans enfant' then 'couple sans enfant'
            when TYPMENR = 'Couple avec enfant(s)' then 'couple avec enfant'
            when TYPMENR = 'Famille monoparentale' then 'famille monoparentale'
            when TYPMENR like 'Autres%' then 'ménage complexe'
            when TYPMENR is null then 'non renseigné'
            else error('TYPMENR = ' || TYPMENR)
        end as menage,
        NBI::double::integer as personnes,
        NBPI::double::integer as pieces,
        case
            when STOC = 'Propriétaire' then 'propriétaire'
            when STOC like 'Locataire%vide' then 'locataire d’un logement vide'
            when STOC like 'Locataire%meublé' then 'locataire d’un logement meublé'
            when STOC = 'Logé gratuitement' then 'logé gratuitement'
            when STOC is null or STOC = 'Non renseigné' then 'non renseigné'
            else error('STOC = ' || STOC)
        end as occupation,
        case
            when VOIT is null then 'non renseigné'
            when VOIT::double = 0 then 'aucune'
            when VOIT::double = 1 then 'une'
            else 'deux ou plus'
        end as voiture,
        case
            when INPAM is null then 'non renseigné'
            when INPAM::double = 0 then 'aucun'
            when INPAM::double = 1 then 'un'
            else 'deux ou plus'
        end as emploi,
        lower(coalesce(TYPC14, 'non renseigné')) as type_logement,
        lower(coalesce(BATI, 'non renseigné')) as bati,
        lower(coalesce(AACH, 'non renseigné')) as achevement,
        case
            when 2019 - AEMM::double < 2 then 'moins de 2 ans'
            when 2019 - AEMM::double < 5 then '2 à 4 ans'
            when 2019 - AEMM::double < 10 then '5 à 9 ans'
            when AEMM is not null then '10 ans et plus'
            else 'non renseigné'
        end as emmenagement,
        case
            when PEUPL = 'Surpeuplement accentué' then 'surpeuplement accentué'
            when PEUPL = 'Surpeuplement modéré' then 'surpeuplement modéré'
            when PEUPL = 'Peuplement normal' and NBI::double = 1 and NBPI::double = 1
                then 'une personne dans une pièce'
            when PEUPL = 'Peuplement normal' then 'peuplement normal'
            -- the labels of the two codes of under-occupation (more rooms than the norm) are lost in the file
            when PEUPL is null then 'sous-peuplement'
            else error('PEUPL = ' || PEUPL)
        end as peuplement,
        case
            when EGOUL like '%réseau d_égouts' then 'égouts'
            when EGOUL like '%fosse septique%' then 'fosse septique ou station individuelle'
            when EGOUL like 'A même le sol%' then 'à même le sol ou puisard'
            when EGOUL is null or EGOUL = 'Non renseigné' then 'non renseigné'
            else error('EGOUL = ' || EGOUL)
        end as assainissement,
        case
            when TYPEAU like 'Point d_eau individuel' then 'point d’eau individuel'
            when TYPEAU like 'Point d_eau collectif' then 'point d’eau collectif'
            when TYPEAU is null then 'aucun point d’eau courante'
            else error('TYPEAU = ' || TYPEAU)
        end as eau,
        case
            when ELEC like 'Le logement dispose%' then 'oui'
            when ELEC like 'Le logement ne dispose pas%' then 'non'
            when ELEC is null or ELEC = 'Non renseigné' then 'non renseigné'
            else error('ELEC = ' || ELEC)
        end as electricite,
        case
            when BAIN like 'Le logement est équipé%' then 'oui'
            when BAIN like 'Le logement n_est pas équipé%' then 'non'
            when BAIN is null or BAIN = 'Non renseigné' then 'non renseigné'
            else error('BAIN = ' || BAIN)
        end as bain,
        case
            when WC like 'Le logement est équipé%' then 'oui'
            when WC like 'Le logement n_est pas équipé%' then 'non'
            when WC is null or WC = 'Non renseigné' then 'non renseigné'
            else error('WC = ' || WC)
        end as wc,
        case
            when CUIS like 'Le logement dispose%' then 'oui'
            when CUIS like 'Le logement ne dispose pas%' then 'non'
            when CUIS is null or CUIS = 'Non renseigné' then 'non renseigné'
            else error('CUIS = ' || CUIS)
        end as cuisine,
        case
            when CHOS like 'Le logement est équipé%' then 'oui'
            when CHOS like 'Le logement n_est pas équipé%' then 'non'
            when CHOS is null or CHOS = 'Non renseigné' then 'non renseigné'
            else error('CHOS = ' || CHOS)
        end as chauffe_eau_solaire,
        case
            when INTER like 'Le logement dispose%' then 'oui'
            when INTER like 'Le logement ne dispose pas%' then 'non'
            when INTER is null or INTER = 'Non renseigné' then 'non renseigné'
            else error('INTER = ' || INTER)
        end as internet,
        case
            when TFIXE like 'Le logement est équipé%' then 'oui'
            when TFIXE like 'Le logement n_est pas équipé%' then 'non'
            when TFIXE is null or TFIXE = 'Non renseigné' then 'non renseigné'
            else error('TFIXE = ' || TFIXE)
        end as telephone
    from fichier
)
"""

_REPONSES_LOGEMENTS = """
create view reponse as
with residence as (from logement where categorie = 'résidence principale')
select 'categorie' as tableau, territoire, '' as sexe, age, categorie as modalite, 1 as quantite from logement
union all
select 'menage', territoire, '', age, menage, 1 from residence
union all
select 'menage_sexe', territoire, sexe, age, menage, 1
from residence where menage in ('personne seule', 'famille monoparentale')
union all
select 'occupation', territoire, '', age, occupation, 1 from residence
union all
select 'voiture', territoire, '', age, voiture, 1 from residence
union all
select 'internet', territoire, '', age, internet, 1 from residence
union all
select 'emploi_menage', territoire, '', age, emploi, 1 from residence
union all
select 'peuplement', territoire, '', age, peuplement, 1 from residence
union all
select 'taille', territoire, '', age, case when personnes > 5 then '6 ou plus' else personnes::varchar end, 1
from residence
union all
select 'pieces', territoire, '', age, case when pieces > 5 then '6 ou plus' else pieces::varchar end, 1
from residence
union all
select 'quantites', territoire, '', age, 'résidences principales', 1 from residence
union all
select 'quantites', territoire, '', age, 'personnes', personnes from residence
union all
select 'quantites', territoire, '', age, 'pièces', pieces from residence
union all
select 'type_logement', territoire, '', age, type_logement, 1 from residence
union all
select 'bati', territoire, '', age, bati, 1 from residence
union all
select 'achevement', territoire, '', age, achevement, 1 from residence
union all
select 'emmenagement', territoire, '', age, emmenagement, 1 from residence
union all
select 'eau', territoire, '', age, eau, 1 from residence
union all
select 'electricite', territoire, '', age, electricite, 1 from residence
union all
select 'assainissement', territoire, '', age, assainissement, 1 from residence
union all
select 'bain', territoire, '', age, bain, 1 from residence
union all
select 'wc', territoire, '', age, wc, 1 from residence
union all
select 'cuisine', territoire, '', age, cuisine, 1 from residence
union all
select 'chauffe_eau_solaire', territoire, '', age, chauffe_eau_solaire, 1 from residence
union all
select 'telephone', territoire, '', age, telephone, 1 from residence
union all
select 'manques', territoire, '', age, manques::varchar, 1 from residence
"""

_TRANCHES_LOGEMENTS = """
create view tranche as
select tableau, age_min, age_max
from
    (values ('menage'), ('occupation'), ('voiture'), ('internet'), ('emploi_menage')) as t (tableau)
    cross join (
        values (15, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 79), (80, null)
    ) as a (age_min, age_max)
union all
select distinct tableau, null, null
from reponse
where tableau not in ('menage', 'occupation', 'voiture', 'internet', 'emploi_menage')
"""

# Every table is complete: a group of which nobody is found counts zero, it is not a missing row.
_COMPTER = """
with compte as (
    select tableau, territoire, sexe, age_min, age_max, modalite, sum(quantite) as effectif
    from reponse
    join tranche using (tableau)
    where
        age_min is null
        or age between age_min and coalesce(age_max, 999)
    group by all
),
modalite as (
    select distinct tableau, sexe, modalite from compte
),
province as (
    select distinct territoire from reponse
)
select
    grille.tableau,
    grille.territoire,
    nullif(grille.sexe, '') as sexe,
    grille.age_min,
    grille.age_max,
    grille.modalite,
    coalesce(effectif, 0)::bigint as effectif
from
    (select * from modalite cross join province join tranche using (tableau)) as grille
    left join compte
        on grille.tableau = compte.tableau
        and grille.territoire = compte.territoire
        and grille.sexe = compte.sexe
        and grille.modalite = compte.modalite
        and grille.age_min is not distinct from compte.age_min
        and grille.age_max is not distinct from compte.age_max
order by all
"""


def _compter(chemin: Path, vues: tuple[str, ...]) -> pd.DataFrame:
    """Run the views over the file, then count; a label or a column that is not known stops it."""
    with duckdb.connect() as base:
        try:
            base.read_parquet(str(chemin)).create_view("fichier")
            for vue in vues:
                base.execute(vue)
            comptes = base.execute(_COMPTER).df()
        except duckdb.Error as erreur:
            raise ErreurUtilisateur(
                f"« {chemin.name} » n'est pas le fichier détail du recensement de 2019 que l'ISEE publie "
                f"({str(erreur).splitlines()[0]}) : reprenez le fichier d'origine."
            ) from erreur
    return comptes.astype({"age_min": "Int64", "age_max": "Int64"})


def compter_individus(chemin: Path) -> pd.DataFrame:
    """Counts of persons: columns tableau, territoire, sexe, age_min, age_max, modalite, effectif.

    One row a table × province × sex × age group × answer, sex and age empty where they are not crossed.
    Age is in completed years (AGER). Raises `ErreurUtilisateur` on an unknown label or a missing column.
    """
    return _compter(chemin, (_INDIVIDU, _REPONSES_INDIVIDUS, _TRANCHES_INDIVIDUS))


def compter_logements(chemin: Path) -> pd.DataFrame:
    """Counts of dwellings, same columns; age and sex are those of the reference person.

    In a couple the reference person of the file is the woman (99 % of them): sex is crossed for persons
    living alone and single parents only. Raises `ErreurUtilisateur` as `compter_individus` does.
    """
    return _compter(chemin, (_LOGEMENT, _REPONSES_LOGEMENTS, _TRANCHES_LOGEMENTS))


MILLESIME = 2019


def _lecture(chemin: Path, comptes: pd.DataFrame, attendues: tuple[str, ...]) -> Lecture:
    """Counts as the text of our compact table, numbered from 1: the persons read stay in their file."""
    table = situer(comptes).assign(millesime=MILLESIME)
    if absentes := [nom for nom in attendues if nom not in table.columns]:
        raise ErreurUtilisateur(
            f"« {chemin.name} » : le fichier détail ne donne pas {', '.join(absentes)} ; "
            "corriger « [colonnes] » dans edition.toml."
        )
    table.index = pd.RangeIndex(1, len(table) + 1, name="ligne")
    en_texte = table[list(attendues)].astype("string").astype(object)
    detecte = f"fichier détail du recensement, {nombre(len(table))} dénombrements par province"
    return Lecture(
        en_texte.where(en_texte.notna(), None), pd.DataFrame(columns=["ligne", "motif", "contenu"]), detecte
    )


def lire_individus(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Reader of the detail file of persons, counted while it is read; see `compter_individus`."""
    return _lecture(chemin, compter_individus(chemin), attendues)


def lire_logements(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Reader of the detail file of dwellings, counted while it is read; see `compter_logements`."""
    return _lecture(chemin, compter_logements(chemin), attendues)
