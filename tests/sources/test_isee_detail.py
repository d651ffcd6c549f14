"""The detail files of the 2019 census: a few persons drawn, then the real files counted in another way."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.model import ErreurUtilisateur
from pipeline.sources.isee_detail import compter_individus, compter_logements, lire_individus, lire_logements

RACINE = Path(__file__).parents[2]
PARTAGE = RACINE.parent / "shared" / "data" / "isee"
COLONNES = (
    "millesime",
    "tableau",
    "territoire",
    "nom",
    "niveau",
    "sexe",
    "age_min",
    "age_max",
    "modalite",
    "effectif",
)


def reel(test):
    absent = pytest.mark.skipif(not PARTAGE.is_dir(), reason="fichiers réels absents")
    return pytest.mark.reel(absent(test))


# --------------------------------------------------------------------------------------- drawing

HABITANT = {
    "PROV": "Sud",
    "GENRE": "Femme",
    "AGER": "30.0",
    "TYP": "Logement ordinaire",
    "TYPMENR": "Couple avec enfant(s)",
    "SCOL": "N’est pas inscrit dans un établissement d’enseignement",
    "TACT": "Emploi",
    "RECH": None,
    "EMPL": "Salarié du secteur privé à durée indéterminée",
    "CS8": "Employés",
    "TP": "Temps complet",
    "TRANS": "Vélo",
    "IRA": "Dans le même logement que maintenant",
    "DIPL": "CEP",
}
SANS_EMPLOI = {"EMPL": None, "CS8": None, "TP": None}
LOGEMENT = {
    "PROV": "Sud",
    "CATL": "Résidence principale",
    "AGERM": "30.0",
    "GENREM": "Femme",
    "TYPMENR": "Personne seule",
    "NBI": "1.0",
    "NBPI": "2.0",
    "STOC": "Propriétaire",
    "VOIT": "0.0",
    "INPAM": "1.0",
    "TYPC14": "Maison",
    "BATI": "Habitation en tôles",
    "AACH": "Avant 1997",
    "AEMM": "2018.0",
    "PEUPL": None,
    "EGOUL": "Par raccordement au réseau d’égouts",
    "TYPEAU": "Point d’eau individuel",
    "ELEC": "Le logement dispose d’un raccordement au réseau électrique",
    "BAIN": "Le logement est équipé d’une baignoire ou d’une douche",
    "WC": "Le logement est équipé de WC à l'intérieur",
    "CUIS": "Le logement dispose d’une cuisine avec évier",
    "CHOS": "Le logement n’est pas équipé d’un chauffe-eau solaire",
    "INTER": "Le logement ne dispose pas d’un accès à internet",
    "TFIXE": "Le logement est équipé d'un téléphone fixe",
}


def deposer(dossier, modele, lignes):
    chemin = dossier / "detail.parquet"
    pd.DataFrame([modele | ligne for ligne in lignes], columns=list(modele), dtype="string").to_parquet(
        chemin
    )
    return chemin


def habitants(dossier, *lignes):
    return compter_individus(deposer(dossier, HABITANT, lignes))


def logements(dossier, *lignes):
    return compter_logements(deposer(dossier, LOGEMENT, lignes))


def effectifs(comptes, tableau):
    """Answers of one table that somebody gave, all groups together."""
    lignes = comptes[(comptes["tableau"] == tableau) & (comptes["effectif"] > 0)]
    return lignes.groupby("modalite")["effectif"].sum().to_dict()


# -------------------------------------------------------------------------------------- persons


@pytest.mark.parametrize(
    ("situation", "attendu"),
    [
        ({"TACT": "Emploi", "SCOL": "Est inscrit dans un établissement d’enseignement"}, "en emploi"),
        ({"TACT": "Apprentissage sous contrat ou stage rémunéré"}, "en emploi"),
        ({"TACT": "Études ou stage non rémunéré", "SCOL": None}, "en études"),
        ({"TACT": "Chômage", "SCOL": "Est inscrit dans un établissement d’enseignement"}, "en études"),
        ({"TACT": "Chômage", "SCOL": None}, "ni emploi ni études"),
        ({"TACT": "Femme ou homme au foyer"}, "ni emploi ni études"),
    ],
)
def test_a_young_person_is_in_a_job_or_studying_or_neither(tmp_path, situation, attendu):
    assert effectifs(habitants(tmp_path, {"AGER": "20.0", **situation}), "insertion") == {attendu: 1}


@pytest.mark.parametrize(("age", "groupe"), [("14.0", None), ("15.0", 15), ("64.0", 15), ("65.0", None)])
def test_active_ages_by_sex_are_15_to_64(tmp_path, age, groupe):
    comptes = habitants(tmp_path, {"AGER": age})
    lignes = comptes[(comptes["tableau"] == "activite_sexe") & (comptes["effectif"] > 0)]
    assert lignes["age_min"].tolist() == ([groupe] if groupe else [])


def test_children_have_no_activity_and_no_diploma(tmp_path):
    enfant = {
        "AGER": "3.0",
        "TACT": None,
        "SCOL": None,
        "DIPL": None,
        "IRA": None,
        "TRANS": None,
        **SANS_EMPLOI,
    }
    comptes = habitants(tmp_path, enfant)
    assert effectifs(comptes, "scolarisation") == {"non renseigné": 1}
    assert effectifs(comptes, "cohabitation") == {"couple avec enfant": 1}
    vides = {"activite", "diplome", "insertion", "contrat", "transport", "mobilite"}
    assert not any(effectifs(comptes, tableau) for tableau in vides)


def test_a_person_in_a_communaute_is_counted_apart_from_households(tmp_path):
    comptes = habitants(tmp_path, {"TYP": "Communauté", "TYPMENR": None, "AGER": "82.0"})
    assert effectifs(comptes, "cohabitation") == {"communauté": 1}
    assert effectifs(comptes, "cohabitation_75_plus") == {"communauté": 1}


def test_diplomas_are_those_of_persons_who_are_not_enrolled(tmp_path):
    comptes = habitants(
        tmp_path,
        {"DIPL": "Pas de scolarisation"},
        {"DIPL": "Aucun diplôme mais scolarisation au-delà du collège"},
        {"DIPL": None},
        {"DIPL": "CEP", "SCOL": "Est inscrit dans un établissement d’enseignement"},
        {"DIPL": "Bac professionnel, brevet professionnel"},
    )
    assert effectifs(comptes, "diplome") == {"aucun diplôme": 2, "non renseigné": 1, "baccalauréat": 1}
    assert effectifs(comptes, "diplome_sexe") == effectifs(comptes, "diplome")


@pytest.mark.parametrize("province", ["Nord", "Iles"])
def test_a_diploma_without_a_label_is_none_in_the_two_provinces_that_lost_it(tmp_path, province):
    assert effectifs(habitants(tmp_path, {"PROV": province, "DIPL": None}), "diplome") == {"aucun diplôme": 1}


@pytest.mark.parametrize(
    ("activite", "attendu"),
    [("Études ou stage non rémunéré", "inscrit"), ("Emploi", "non inscrit"), (None, "non renseigné")],
)
def test_main_activity_answers_for_an_enrolment_that_is_not_said(tmp_path, activite, attendu):
    comptes = habitants(tmp_path, {"AGER": "20.0", "SCOL": None, "TACT": activite})
    assert effectifs(comptes, "scolarisation") == {attendu: 1}


def test_part_time_is_about_employees_and_their_profession_alone_is_known(tmp_path):
    comptes = habitants(
        tmp_path,
        {"TP": "Temps partiel"},
        {
            "TP": "Temps partiel",
            "EMPL": "Artisan, commerçant, industriel, travailleur indépendant",
            "CS8": None,
        },
        {"TACT": "Chômage", "RECH": "Cherche un emploi depuis un an ou plus", **SANS_EMPLOI},
    )
    assert effectifs(comptes, "temps_partiel") == {"temps partiel": 1}
    assert effectifs(comptes, "profession") == {"employés": 1, "non salarié": 1}
    assert effectifs(comptes, "contrat") == {"privé, durée indéterminée": 1, "non salarié": 1}
    assert effectifs(comptes, "recherche_emploi") == {"un an ou plus": 1}


def test_the_oldest_are_in_a_group_without_an_end(tmp_path):
    comptes = habitants(tmp_path, {"AGER": "104.0"}, {"AGER": "94.0"})
    lignes = comptes[(comptes["tableau"] == "population") & (comptes["effectif"] > 0)]
    assert lignes["age_min"].tolist() == [94, 95]
    assert lignes["age_max"].isna().tolist() == [False, True]


def test_a_group_of_which_nobody_is_found_counts_zero(tmp_path):
    comptes = habitants(tmp_path, {}, {"PROV": "Nord", "TYPMENR": "Personne seule"})
    lignes = comptes[(comptes["tableau"] == "cohabitation") & (comptes["age_min"] == 30)]
    assert sorted(lignes["effectif"]) == [0, 0, 1, 1]


def test_every_person_is_in_one_age_group_of_each_table_of_the_whole_population(tmp_path):
    comptes = habitants(tmp_path, *[{"AGER": f"{age}.0"} for age in range(110)])
    totaux = comptes.groupby("tableau")["effectif"].sum()
    assert totaux["population"] == totaux["cohabitation"] == 110
    assert totaux["scolarisation"] == 28  # 2 to 29
    assert totaux["activite"] == totaux["diplome"] == 95  # 15 to 109


# ------------------------------------------------------------------------------------- dwellings


@pytest.mark.parametrize(
    ("logement", "attendu"),
    [
        ({"PEUPL": None}, "sous-peuplement"),
        ({"PEUPL": "Peuplement normal", "NBI": "1.0", "NBPI": "1.0"}, "une personne dans une pièce"),
        ({"PEUPL": "Peuplement normal", "NBI": "2.0", "NBPI": "2.0"}, "peuplement normal"),
        ({"PEUPL": "Surpeuplement accentué", "NBI": "6.0", "NBPI": "1.0"}, "surpeuplement accentué"),
    ],
)
def test_a_dwelling_of_one_person_in_one_room_is_told_from_the_others(tmp_path, logement, attendu):
    assert effectifs(logements(tmp_path, logement), "peuplement") == {attendu: 1}


def test_only_main_residences_are_described(tmp_path):
    comptes = logements(
        tmp_path, {}, {"CATL": "Logement vacant", "AGERM": None, "TYPMENR": None, "NBI": "0.0"}
    )
    assert effectifs(comptes, "categorie") == {"résidence principale": 1, "logement vacant": 1}
    assert effectifs(comptes, "menage") == {"personne seule": 1}
    assert effectifs(comptes, "quantites") == {"résidences principales": 1, "personnes": 1, "pièces": 2}


def test_missing_comforts_are_counted_among_four(tmp_path):
    demuni = {
        "TYPEAU": None,
        "ELEC": "Le logement ne dispose pas d’un raccordement au réseau électrique",
        "BAIN": "Le logement n’est pas équipé d’une baignoire ou d’une douche",
        "WC": "Le logement n’est pas équipé de WC à l'intérieur",
        "CUIS": "Le logement ne dispose pas d’une cuisine avec évier",
    }
    comptes = logements(tmp_path, {}, demuni, {"TYPEAU": "Point d’eau collectif"})
    assert effectifs(comptes, "manques") == {"0": 2, "4": 1}
    assert effectifs(comptes, "eau") == {
        "point d’eau individuel": 1,
        "point d’eau collectif": 1,
        "aucun point d’eau courante": 1,
    }


@pytest.mark.parametrize(
    ("annee", "attendu"),
    [
        ("2019.0", "moins de 2 ans"),
        ("2018.0", "moins de 2 ans"),
        ("2017.0", "2 à 4 ans"),
        ("2014.0", "5 à 9 ans"),
        ("2009.0", "10 ans et plus"),
    ],
)
def test_time_since_moving_in_is_2019_minus_the_year(tmp_path, annee, attendu):
    assert effectifs(logements(tmp_path, {"AEMM": annee}), "emmenagement") == {attendu: 1}


def test_sex_of_the_reference_person_is_crossed_for_those_alone_and_single_parents_only(tmp_path):
    comptes = logements(
        tmp_path,
        {},
        {"TYPMENR": "Famille monoparentale", "GENREM": "Homme", "NBI": "3.0"},
        {"TYPMENR": "Couple sans enfant", "NBI": "2.0"},
    )
    sexes = comptes[comptes["sexe"].notna() & (comptes["effectif"] > 0)]
    assert sexes[["sexe", "modalite"]].to_numpy().tolist() == [
        ["femmes", "personne seule"],
        ["hommes", "famille monoparentale"],
    ]


@pytest.mark.parametrize(
    ("personnes", "attendu"), [("5.0", "5"), ("6.0", "6 ou plus"), ("24.0", "6 ou plus")]
)
def test_large_households_are_grouped(tmp_path, personnes, attendu):
    comptes = logements(tmp_path, {"NBI": personnes, "TYPMENR": "Autres : ménage complexe"})
    assert effectifs(comptes, "taille") == {attendu: 1}


# ------------------------------------------------------------------------------------- bad files


@pytest.mark.parametrize("colonne", ["PROV", "GENRE", "SCOL", "TACT", "EMPL", "CS8", "DIPL", "TRANS", "IRA"])
def test_an_unknown_label_stops_the_count_and_is_named(tmp_path, colonne):
    chemin = deposer(tmp_path, HABITANT, [{}, {colonne: "Autrement"}])
    with pytest.raises(ErreurUtilisateur, match=f"« detail.parquet ».*{colonne} = Autrement"):
        compter_individus(chemin)


@pytest.mark.parametrize("colonne", ["CATL", "STOC", "PEUPL", "EGOUL", "TYPEAU", "WC", "INTER"])
def test_an_unknown_label_of_a_dwelling_is_named(tmp_path, colonne):
    chemin = deposer(tmp_path, LOGEMENT, [{colonne: "Autrement"}])
    with pytest.raises(ErreurUtilisateur, match=f"{colonne} = Autrement"):
        compter_logements(chemin)


def test_what_a_dwelling_does_not_say_is_counted_as_such(tmp_path):
    comptes = logements(tmp_path, {"WC": "Non renseigné", "STOC": None, "VOIT": None, "BATI": None})
    for tableau in ("wc", "occupation", "voiture", "bati"):
        assert effectifs(comptes, tableau) == {"non renseigné": 1}


def test_a_missing_column_is_named(tmp_path):
    chemin = tmp_path / "detail.parquet"
    pd.DataFrame([HABITANT], dtype="string").drop(columns="DIPL").to_parquet(chemin)
    with pytest.raises(ErreurUtilisateur, match="DIPL"):
        compter_individus(chemin)


def test_a_file_that_is_not_parquet_is_refused(tmp_path):
    chemin = tmp_path / "detail.parquet"
    chemin.write_text("PROV;GENRE")
    with pytest.raises(ErreurUtilisateur, match="n'est pas le fichier détail"):
        compter_individus(chemin)


def test_the_reader_gives_text_and_no_person(tmp_path):
    lecture = lire_individus(deposer(tmp_path, HABITANT, [{}]), COLONNES)
    assert tuple(lecture.table.columns) == COLONNES
    assert lecture.table.index[0] == 1
    assert {type(valeur) for valeur in lecture.table.to_numpy().ravel()} <= {str, type(None)}
    assert lecture.ecartees.empty


def test_the_reader_refuses_a_column_that_it_does_not_count(tmp_path):
    with pytest.raises(ErreurUtilisateur, match="ne donne pas NAT"):
        lire_logements(deposer(tmp_path, LOGEMENT, [{}]), (*COLONNES, "NAT"))


# ------------------------------------------------- the real files, counted again without the SQL above


def notre_table(nom):
    table = pd.read_csv(RACINE / "data" / "raw" / "isee" / f"{nom}.csv", dtype={"effectif": int})
    return table.astype({"age_min": "Int64", "age_max": "Int64"})


def fichier(nom, *colonnes):
    table = pd.read_parquet(PARTAGE / f"{nom}.parquet", columns=list(colonnes))
    return table.assign(PROV=table["PROV"].map({"Sud": "988-sud", "Nord": "988-nord", "Iles": "988-iles"}))


def comptes(table, *cle):
    """Key → number of rows, for the keys that occur."""
    return table.groupby(list(cle), dropna=False).size().to_dict()


def publies(nom, tableau, *cle):
    table = notre_table(nom)
    lignes = table[(table["tableau"] == tableau) & (table["effectif"] > 0)]
    return lignes.groupby(list(cle))["effectif"].sum().to_dict()


@reel
@pytest.mark.parametrize(
    ("lecteur", "origine", "nom"),
    [
        (lire_individus, "rp19_ind", "isee_rp2019_individus"),
        (lire_logements, "rp19_log", "isee_rp2019_logements"),
    ],
)
def test_our_table_is_what_the_detail_file_gives(lecteur, origine, nom):
    table = pd.read_csv(RACINE / "data" / "raw" / "isee" / f"{nom}.csv", dtype=str, keep_default_na=False)
    lue = lecteur(PARTAGE / f"{origine}.parquet", COLONNES).table.fillna("")
    cle = list(COLONNES)
    pd.testing.assert_frame_equal(
        lue.sort_values(cle, ignore_index=True).astype(str),
        table.sort_values(cle, ignore_index=True).astype(str),
        check_names=False,
    )


@reel
def test_single_years_of_age_equal_a_recount():
    habitants = fichier("rp19_ind", "PROV", "GENRE", "AGER")
    habitants["age"] = habitants["AGER"].astype(float).astype(int).clip(upper=95)
    habitants["sexe"] = habitants["GENRE"].str.lower() + "s"
    assert publies("isee_rp2019_individus", "population", "territoire", "sexe", "age_min") == comptes(
        habitants, "PROV", "sexe", "age"
    )


@reel
def test_who_lives_alone_at_which_age_equals_a_recount():
    habitants = fichier("rp19_ind", "PROV", "AGER", "TYPMENR")
    seules = habitants[habitants["TYPMENR"] == "Personne seule"]
    ages = seules["AGER"].astype(float)
    for debut, fin in ((65, 79), (80, 200), (25, 54)):
        table = notre_table("isee_rp2019_individus")
        lignes = table[(table["tableau"] == "cohabitation") & (table["modalite"] == "personne seule")]
        lignes = lignes[(lignes["age_min"] >= debut) & (lignes["age_max"].fillna(105) <= fin)]
        assert lignes["effectif"].sum() == ages.between(debut, fin).sum()


@reel
def test_activity_of_15_to_64_by_sex_equals_a_recount():
    habitants = fichier("rp19_ind", "PROV", "GENRE", "AGER", "TACT")
    habitants = habitants[habitants["AGER"].astype(float).between(15, 64)]
    table = notre_table("isee_rp2019_individus")
    lignes = table[table["tableau"] == "activite_sexe"]
    chomage = lignes[lignes["modalite"] == "chômage"].set_index(["territoire", "sexe"])["effectif"].to_dict()
    sexes = habitants["GENRE"].str.lower() + "s"
    chomeurs = habitants.assign(sexe=sexes)[habitants["TACT"] == "Chômage"]
    assert chomage == comptes(chomeurs, "PROV", "sexe")
    assert lignes["effectif"].sum() == len(habitants)


@reel
def test_15_to_24_neither_in_a_job_nor_studying_equal_a_recount():
    habitants = fichier("rp19_ind", "PROV", "AGER", "TACT", "SCOL")
    jeunes = habitants[habitants["AGER"].astype(float).between(15, 24)]
    emploi = jeunes["TACT"].isin(["Emploi", "Apprentissage sous contrat ou stage rémunéré"])
    etudes = jeunes["TACT"].str.startswith("Études") | jeunes["SCOL"].str.startswith("Est inscrit").fillna(
        False
    )
    table = notre_table("isee_rp2019_individus")
    lignes = table[(table["tableau"] == "insertion") & (table["age_max"] <= 24)]
    ni_ni = lignes[lignes["modalite"] == "ni emploi ni études"].groupby("territoire")["effectif"].sum()
    assert ni_ni.to_dict() == comptes(jeunes[~emploi & ~etudes], "PROV")


@reel
def test_households_by_composition_equal_a_recount():
    menages = fichier("rp19_log", "PROV", "TYPMENR", "CATL")
    menages = menages[menages["CATL"] == "Résidence principale"]
    noms = {"Couple avec enfant(s)": "couple avec enfant", "Autres : ménage complexe": "ménage complexe"}
    types = menages["TYPMENR"].map(lambda libelle: noms.get(libelle, libelle.lower()))
    assert publies("isee_rp2019_logements", "menage", "territoire", "modalite") == comptes(
        menages.assign(type=types), "PROV", "type"
    )


@reel
def test_a_dwelling_without_a_density_label_has_more_rooms_than_those_of_normal_density():
    residences = fichier("rp19_log", "PROV", "CATL", "NBI", "NBPI", "PEUPL")
    residences = residences[residences["CATL"] == "Résidence principale"]
    pieces = residences["NBPI"].astype(float)
    norme = pieces[residences["PEUPL"] == "Peuplement normal"].groupby(residences["NBI"]).max()
    sans_libelle = residences["PEUPL"].isna() & residences["NBI"].isin(norme.index)
    assert (pieces > residences["NBI"].map(norme))[sans_libelle].all()


@reel
def test_rooms_and_persons_of_households_equal_a_recount():
    residences = fichier("rp19_log", "PROV", "CATL", "NBI", "NBPI")
    residences = residences[residences["CATL"] == "Résidence principale"]
    for colonne, modalite in (("NBI", "personnes"), ("NBPI", "pièces")):
        table = notre_table("isee_rp2019_logements")
        lignes = table[(table["tableau"] == "quantites") & (table["modalite"] == modalite)]
        attendu = residences[colonne].astype(float).groupby(residences["PROV"]).sum().astype(int)
        assert lignes.set_index("territoire")["effectif"].to_dict() == attendu.to_dict()


@reel
def test_the_missing_diplomas_are_the_codes_without_a_diploma_of_two_provinces():
    habitants = fichier("rp19_ind", "PROV", "AGER", "DIPL")
    adultes = habitants[habitants["AGER"].astype(float) >= 15]
    manquants = adultes["DIPL"].isna().groupby(adultes["PROV"]).sum()
    sans = adultes["DIPL"].str.match("Aucun diplôme|Pas de scolarisation").fillna(False)
    sans_diplome = sans.groupby(adultes["PROV"]).sum()
    assert manquants["988-sud"] == sans_diplome["988-nord"] == sans_diplome["988-iles"] == 0
    assert (manquants[["988-nord", "988-iles"]] > 0).all()
    table = notre_table("isee_rp2019_individus")
    diplomes = table[(table["tableau"] == "diplome") & (table["modalite"] == "non renseigné")]
    assert diplomes["effectif"].sum() == 0


@reel
def test_files_match_in_two_provinces_and_not_in_the_third():
    """Why persons and dwellings are counted apart."""
    habitants = fichier("rp19_ind", "PROV", "IDLOG", "TYP")
    ordinaires = habitants[habitants["TYP"] == "Logement ordinaire"]
    personnes = ordinaires.groupby(["PROV", "IDLOG"]).size().rename("personnes").reset_index()
    ensemble = personnes.merge(fichier("rp19_log", "PROV", "IDLOG", "NBI"), on=["PROV", "IDLOG"])
    justes = (ensemble["personnes"] == ensemble["NBI"].astype(float)).groupby(ensemble["PROV"]).mean()
    assert justes["988-nord"] == justes["988-iles"] == 1
    assert justes["988-sud"] < 0.5
