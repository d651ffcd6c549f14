"""What must hold in ISEE's tables: drawn cases for each check, and the figures that everybody knows."""

import hashlib
import tomllib
from pathlib import Path

import pandas as pd
import pandera.errors
import pytest

from pipeline.sources import TYPES
from pipeline.sources.isee import (
    MAJEURS,
    POPULATION_AGE,
    POPULATION_COMMUNE,
    POPULATION_QUARTIER,
    RP2019_INDIVIDUS,
    RP2019_LOGEMENTS,
    SOURCES,
    ages_se_suivent,
    communes_font_le_grand_noumea,
    communes_font_le_pays,
    communes_font_leur_province,
    provinces_font_le_pays,
    provinces_font_le_pays_par_age,
    quartiers_font_la_commune,
    tableaux_des_memes_personnes,
    tableaux_des_residences,
    tableaux_du_meme_champ,
    totale_est_la_somme,
)
from pipeline.sources.isee_classeurs import COMMUNES, PROVINCES, TERRITOIRES

RACINE = Path(__file__).parents[2]
TABLES = RACINE / "data" / "raw" / "isee"
PARTAGE = RACINE.parent / "shared" / "data" / "isee"

SENSIBLES = ("communaute", "tribu", "langue", "nationalite", "ethnie", "naissance")


def typee(source):
    """Our table with the types of its schema, read as the schema says."""
    texte = pd.read_csv(TABLES / f"{source.id}.csv", dtype="string")
    return texte.astype(
        {nom: TYPES[colonne.metadata["genre"]] for nom, colonne in source.schema.columns.items()}
    )


def tirer(*lignes, colonnes, entiers=("population", "age_min", "age_max", "millesime", "effectif")):
    table = pd.DataFrame(lignes, columns=list(colonnes))
    return table.astype({nom: "Int64" for nom in entiers if nom in table})


AGE = ("millesime", "territoire", "niveau", "sexe", "age_min", "age_max", "population")


# ------------------------------------------------------------------------------------- the tables


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_each_table_fits_its_schema_its_key_and_every_check(source):
    table = source.schema.validate(typee(source), lazy=True)
    assert {regle: len(controle(table)) for regle, controle in source.checks.items()} == dict.fromkeys(
        source.checks, 0
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_each_table_says_where_it_comes_from_and_is_the_one_that_was_recorded(source):
    compagnon = tomllib.loads((TABLES / f"{source.id}.toml").read_text(encoding="utf-8"))
    champs = ("titre", "producteur", "date", "adresse", "licence", "fichier_origine", "notes")
    assert all(isinstance(compagnon[champ], str) and compagnon[champ].strip() for champ in champs)
    assert compagnon["licence"] == source.licence
    assert compagnon["sha256"] == hashlib.sha256((TABLES / f"{source.id}.csv").read_bytes()).hexdigest()


@pytest.mark.reel
@pytest.mark.skipif(not PARTAGE.is_dir(), reason="fichiers réels absents")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_the_file_that_a_table_comes_from_has_the_recorded_checksum(source):
    compagnon = tomllib.loads((TABLES / f"{source.id}.toml").read_text(encoding="utf-8"))
    origine = (PARTAGE / compagnon["fichier_origine"]).read_bytes()
    assert compagnon["sha256_origine"] == hashlib.sha256(origine).hexdigest()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_a_table_holds_the_columns_of_its_source_and_nothing_sensitive(source):
    texte = (TABLES / f"{source.id}.csv").read_text(encoding="utf-8")
    entete = texte.splitlines()[0].split(",")
    assert entete == [colonne.metadata["brut"] for colonne in source.schema.columns.values()]
    assert not [mot for mot in SENSIBLES if any(mot in nom for nom in entete)]
    assert not [mot for mot in ("Kanak", "Européen", "Wallis", "tribu", "nationalité") if mot in texte]


@pytest.mark.parametrize("source", (RP2019_INDIVIDUS, RP2019_LOGEMENTS), ids=lambda source: source.id)
def test_every_table_of_the_2019_census_says_its_field_and_crosses_three_variables_at_most(source):
    compagnon = tomllib.loads((TABLES / f"{source.id}.toml").read_text(encoding="utf-8"))
    table = typee(source)
    assert set(compagnon["tableaux"]) == set(table["tableau"])
    croisees = table.groupby("tableau")[["territoire", "sexe", "age_min", "modalite"]].nunique() > 1
    assert croisees.sum(axis=1).max() == 3


def population(territoire, **filtres):
    table = typee(POPULATION_QUARTIER)
    for colonne, valeur in {"territoire": territoire, **filtres}.items():
        table = table[table[colonne] == valeur]
    return table


@pytest.mark.parametrize(
    ("millesime", "habitants"), [(2004, 24_195), (2009, 25_683), (2014, 27_155), (2019, 27_620)]
)
def test_le_mont_dore_has_its_published_population_and_so_have_its_12_quartiers(millesime, habitants):
    assert population("98817", millesime=millesime)["population"].sum() == habitants
    table = population("98817")
    toutes = typee(POPULATION_QUARTIER)
    quartiers = toutes[toutes["territoire"].str.startswith("98817-") & (toutes["millesime"] == millesime)]
    assert quartiers["territoire"].nunique() == 12
    assert quartiers["population"].sum() == habitants
    assert set(table["niveau"]) == {"commune"}


def test_4345_inhabitants_of_le_mont_dore_are_60_or_more_in_2019():
    table = population("98817", millesime=2019)
    seniors = table[table["age_min"] >= 60]["population"].sum()
    assert seniors == 4_345
    assert round(100 * seniors / 27_620, 1) == 15.7


def test_the_reference_populations_of_2025_add_up_to_the_decree():
    reference = next(source for source in SOURCES if source.id == "isee_population_reference")
    table = typee(reference)
    assert len(table) == 33
    assert table["municipale"].sum() == 264_596
    assert table["totale"].sum() == 320_019
    assert table.set_index("territoire").loc["98817", ["municipale", "totale"]].tolist() == [25_303, 26_186]


def test_the_2019_census_counts_271407_inhabitants_in_267202_persons_of_90813_households():
    individus, logements = typee(RP2019_INDIVIDUS), typee(RP2019_LOGEMENTS)
    habitants = individus[individus["tableau"] == "cohabitation"]
    assert habitants["effectif"].sum() == 271_407
    quantites = logements[logements["tableau"] == "quantites"].groupby("modalite")["effectif"].sum()
    assert quantites["résidences principales"] == 90_813
    # the persons of households are everybody but those in communautés
    hors_communaute = habitants[habitants["modalite"] != "communauté"]["effectif"].sum()
    assert quantites["personnes"] == hors_communaute == 267_202


def test_persons_living_alone_are_as_many_as_households_of_one():
    individus, logements = typee(RP2019_INDIVIDUS), typee(RP2019_LOGEMENTS)
    seules = individus[(individus["tableau"] == "cohabitation") & (individus["modalite"] == "personne seule")]
    menages = logements[(logements["tableau"] == "menage") & (logements["modalite"] == "personne seule")]
    par_province = seules.groupby("territoire")["effectif"].sum()
    assert par_province.equals(menages.groupby("territoire")["effectif"].sum())
    sexes = logements[(logements["tableau"] == "menage_sexe") & (logements["modalite"] == "personne seule")]
    assert sexes["effectif"].sum() == par_province.sum() == 20_984


def test_the_detail_file_and_the_publication_give_the_same_ages_but_for_a_few_persons():
    detail = typee(RP2019_INDIVIDUS)
    detail = detail[detail["tableau"] == "population"]
    groupes = (detail["age_min"] // 5 * 5).clip(upper=80)
    publie = typee(POPULATION_AGE)
    publie = publie[(publie["millesime"] == 2019) & (publie["niveau"] == "province")]
    cle = ["territoire", "sexe", "age_min"]
    compte = detail.assign(age_min=groupes).groupby(cle)["effectif"].sum()
    ecarts = compte - publie.set_index(cle)["population"]
    assert ecarts.sum() == 0
    assert ecarts.abs().sum() <= 10


def test_readers_are_chosen_by_suffix():
    assert {source.id: sorted(source.readers) for source in SOURCES} == {
        "isee_population_quartier": [".csv", ".xlsx"],
        "isee_population_age": [".csv", ".xlsx"],
        "isee_population_commune": [".csv", ".xlsx"],
        "isee_population_reference": [".csv"],
        "isee_superficie": [".csv", ".xlsx"],
        "isee_majeurs": [".csv", ".xlsx"],
        "isee_rp2019_individus": [".csv", ".parquet"],
        "isee_rp2019_logements": [".csv", ".parquet"],
    }


# ------------------------------------------------------------------------------------- the checks


def quartiers(commune=30, plum=10):
    return tirer(
        (2019, "98817", "commune", "hommes", 0, 9, commune),
        (2019, "98817-plum", "quartier", "hommes", 0, 9, plum),
        (2019, "98817-boulari", "quartier", "hommes", 0, 9, 20),
        (2014, "98817", "commune", "hommes", 0, 9, 7),
        (2014, "98817-plum", "quartier", "hommes", 0, 9, 7),
        colonnes=AGE,
    )


def test_quartiers_that_make_their_commune_are_accepted():
    assert quartiers_font_la_commune(quartiers()).empty


def test_a_commune_that_its_quartiers_do_not_make_is_returned_with_its_census():
    fautives = quartiers_font_la_commune(quartiers(plum=9))
    assert fautives[["millesime", "territoire"]].to_numpy().tolist() == [[2019, "98817"]]


def test_a_commune_without_any_quartier_is_returned():
    table = quartiers()
    assert quartiers_font_la_commune(table[table["niveau"] == "commune"]).index.tolist() == [0, 3]


def test_a_single_person_changed_in_the_real_table_is_found():
    table = typee(POPULATION_QUARTIER)
    ligne = table[(table["territoire"] == "98817-plum") & (table["millesime"] == 2014)].index[3]
    table.loc[ligne, "population"] += 1
    fautives = quartiers_font_la_commune(table)
    assert fautives["territoire"].tolist() == ["98817"]
    assert fautives[["millesime", "sexe", "age_min"]].equals(
        table.loc[[ligne], ["millesime", "sexe", "age_min"]].set_index(fautives.index)
    )


def test_four_communes_make_grand_noumea():
    communes = [
        (2019, code, "commune", "femmes", 0, None, nombre)
        for code, nombre in zip(("98805", "98817", "98818", "98821"), (1, 2, 3, 4), strict=True)
    ]
    somme = (2019, "988-grand-noumea", "agglomeration", "femmes", 0, None, 1 + 2 + 3 + 4)
    assert communes_font_le_grand_noumea(tirer(*communes, somme, colonnes=AGE)).empty
    assert len(communes_font_le_grand_noumea(tirer(*communes[:3], somme, colonnes=AGE))) == 1


@pytest.mark.parametrize(
    ("groupes", "fautif"),
    [
        ([(0, 9), (10, 19), (20, None)], None),
        ([(0, None)], None),
        ([(0, 9), (20, None)], 20),
        ([(0, 9), (9, None)], 9),
        ([(5, 9), (10, None)], 5),
        ([(0, 9), (10, 19)], 10),
        ([(0, None), (10, None)], 0),
    ],
)
def test_age_groups_follow_each_other_from_0_to_an_open_end(groupes, fautif):
    lignes = [(2019, "98817", "commune", "hommes", bas, haut, 1) for bas, haut in groupes]
    fautives = ages_se_suivent(tirer(*lignes[::-1], colonnes=AGE))["age_min"].tolist()
    assert (fautif in fautives) if fautif is not None else not fautives


def pays_et_provinces(millesime, pays, provinces):
    """(age, men) of the country, then of each province."""
    lignes = [(millesime, "988", "pays", "hommes", age, None, nombre) for age, nombre in pays]
    for code, groupes in zip(PROVINCES, provinces, strict=True):
        lignes += [(millesime, code, "province", "hommes", age, None, nombre) for age, nombre in groupes]
    return tirer(*lignes, colonnes=AGE)


def test_provinces_make_the_country_even_when_they_cut_the_oldest_more_finely():
    table = pays_et_provinces(2014, [(75, 6), (80, 12)], [[(75, 2), (80, 1), (90, 2), (95, 1)]] * 3)
    assert provinces_font_le_pays_par_age(table).empty


def test_provinces_that_do_not_make_the_country_at_one_age_are_returned():
    table = pays_et_provinces(2014, [(0, 7), (5, 6)], [[(0, 2), (5, 2)]] * 3)
    assert provinces_font_le_pays_par_age(table)["age_min"].tolist() == [0]


def test_in_2004_provinces_make_the_country_by_sex_only():
    ages = [[(0, 3), (5, 1)]] * 3
    assert provinces_font_le_pays_par_age(pays_et_provinces(2004, [(0, 7), (5, 5)], ages)).empty
    assert len(provinces_font_le_pays_par_age(pays_et_provinces(2004, [(0, 8), (5, 5)], ages))) == 2


def test_a_country_without_provinces_is_not_judged():
    assert provinces_font_le_pays_par_age(pays_et_provinces(1976, [(0, 8)], [[], [], []])).empty


COMMUNE = ("millesime", "territoire", "population")


def communes(poya_sud=2, **chiffres):
    """33 communes of 10 inhabitants, two of Poya's in province Sud, and what they make."""
    lignes = dict.fromkeys(COMMUNES, 10)
    for province in PROVINCES:
        lignes[province] = 10 * sum(TERRITOIRES[code].dans[0] == province for code in COMMUNES)
    lignes["988-nord"] -= poya_sud
    lignes["988-sud"] += poya_sud
    lignes |= {"988": 330} | {code.replace("_", "-"): nombre for code, nombre in chiffres.items()}
    return tirer(*[(2019, code, nombre) for code, nombre in lignes.items()], colonnes=COMMUNE)


@pytest.mark.parametrize("poya_sud", [0, 2, 10])
def test_poya_may_be_shared_between_its_two_provinces(poya_sud):
    assert communes_font_leur_province(communes(poya_sud)).empty


@pytest.mark.parametrize("poya_sud", [-1, 11])
def test_a_province_may_not_take_more_than_the_whole_of_poya(poya_sud):
    assert set(communes_font_leur_province(communes(poya_sud))["territoire"]) == {"988-nord", "988-sud"}


def test_a_commune_that_changes_breaks_its_province_and_the_country():
    table = communes()
    table.loc[table["territoire"] == "98814", "population"] += 1
    assert communes_font_leur_province(table)["territoire"].tolist() == ["988-iles"]
    assert communes_font_le_pays(table)["territoire"].tolist() == ["988"]
    assert provinces_font_le_pays(table).empty


def test_a_province_that_changes_breaks_the_country():
    table = communes()
    table.loc[table["territoire"] == "988-sud", "population"] += 1
    assert provinces_font_le_pays(table)["territoire"].tolist() == ["988"]


def test_the_sum_of_areas_is_not_judged_on_the_last_digit():
    lignes = [("988", 0.3), *[(code, 0.1) for code in PROVINCES]]
    assert 0.1 + 0.1 + 0.1 != 0.3
    assert provinces_font_le_pays(pd.DataFrame(lignes, columns=["territoire", "superficie"])).empty


def test_a_total_population_is_the_municipale_and_the_one_counted_apart():
    table = pd.DataFrame({"municipale": [10, 10], "comptee_a_part": [2, 2], "totale": [12, 13]})
    assert totale_est_la_somme(table).index.tolist() == [1]


EFFECTIF = ("territoire", "tableau", "modalite", "effectif")


def test_three_tables_of_adults_count_the_same_persons():
    table = tirer(
        ("98817", "sexe", "hommes", 4),
        ("98817", "sexe", "femmes", 6),
        ("98817", "csp", "Cadre", 10),
        ("98801", "sexe", "hommes", 3),
        ("98801", "csp", "Cadre", 2),
        colonnes=EFFECTIF,
    )
    assert tableaux_du_meme_champ(table).index.tolist() == [3, 4]


def test_tables_of_the_same_persons_or_residences_are_compared_province_by_province():
    individus = tirer(
        ("988-sud", "population", "habitants", 5),
        ("988-sud", "cohabitation", "personne seule", 4),
        ("988-sud", "transport", "voiture", 2),
        colonnes=EFFECTIF,
    )
    assert tableaux_des_memes_personnes(individus).index.tolist() == [0, 1]
    logements = tirer(
        ("988-sud", "categorie", "logement vacant", 9),
        ("988-sud", "wc", "oui", 5),
        ("988-sud", "bain", "oui", 5),
        ("988-nord", "wc", "oui", 5),
        ("988-nord", "bain", "oui", 4),
        colonnes=EFFECTIF,
    )
    assert tableaux_des_residences(logements).index.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("source", "colonne", "valeur"),
    [
        (POPULATION_QUARTIER, "territoire", "97817"),
        (POPULATION_QUARTIER, "territoire", "98817-Plum"),
        (POPULATION_QUARTIER, "niveau", "ville"),
        (POPULATION_QUARTIER, "sexe", "ensemble"),
        (POPULATION_QUARTIER, "population", -1),
        (POPULATION_COMMUNE, "millesime", 1855),
        (MAJEURS, "tableau", "communaute"),
    ],
)
def test_a_value_out_of_the_declaration_is_refused(source, colonne, valeur):
    table = typee(source)
    table.loc[0, colonne] = valeur
    with pytest.raises(pandera.errors.SchemaErrors, match=colonne):
        source.schema.validate(table, lazy=True)
