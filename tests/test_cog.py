import json
import tomllib
from functools import cache
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import cog, reference
from pipeline.cog import (
    MILLESIMES,
    MOTIF_FUSION,
    MOTIF_INCOMPLET,
    MOTIF_SCISSION,
    communes_du,
    passage,
    projeter,
    sans_double_compte,
    territoires,
    trouver_commune,
)
from pipeline.model import ErreurUtilisateur
from pipeline.reference.construire import construire_reference, separer_article

SHARED = Path(__file__).parents[1].parent / "shared"
COG_2024 = SHARED / "data" / "insee" / "cog2024"
OUTRE_MER = ("975", "977", "978", "98")


def effectifs(**communes):
    """One row a commune; `c01053=3` because a keyword cannot start with a digit."""
    codes = [code.removeprefix("c") for code in communes]
    return pd.DataFrame({"territoire": codes, "effectif": list(communes.values())})


def projete(de, vers, **communes):
    resultat = projeter(effectifs(**communes), de, vers, ["effectif"])
    return dict(zip(resultat["territoire"], resultat["effectif"], strict=True))


def motifs(de, vers, **communes):
    resultat = projeter(effectifs(**communes), de, vers, ["effectif"])
    return dict(zip(resultat["territoire"], resultat["motif"], strict=True))


def remuees():
    """Every code that moved since 2000."""
    mouvements = reference.mouvements()
    return sorted({*mouvements["avant"], *mouvements["apres"]})


# --- Vintages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annee", "nombre"),
    [
        (2015, 36_658),
        (2016, 35_885),
        (2017, 35_416),
        (2018, 35_357),
        (2019, 34_970),
        (2020, 34_968),
        (2021, 34_965),
        (2022, 34_955),
        (2023, 34_945),
        (2024, 34_935),
        (2025, 34_875),
    ],
)
def test_france_had_the_number_of_communes_that_insee_says(annee, nombre):
    assert sum(not code.startswith(OUTRE_MER) for code in communes_du(annee)) == nombre


def test_a_commune_exists_on_the_first_of_january_of_its_merger_only_as_merged():
    # Corbon (14178) joined Notre-Dame-d'Estrées (14474) on 1 January 2015.
    assert "14178" in communes_du(2014)
    assert "14178" not in communes_du(2015)


@pytest.mark.parametrize("annee", [1999, 2027])
def test_a_vintage_that_the_reference_does_not_cover_is_refused(annee):
    with pytest.raises(ErreurUtilisateur, match="de 2000 à 2026"):
        passage(2024, annee)


# --- Each kind of movement -----------------------------------------------------------------------


def test_a_merger_sums():
    assert projete(2014, 2026, c14178=100, c14474=400) == {"14474": 100 + 400}


def test_a_split_shares_by_the_population_after_the_split():
    # Essarts en Bocage, split on 1 January 2024: 6,835, 1,264 and 1,338 inhabitants in 2022.
    total = 6835 + 1264 + 1338
    assert projete(2020, 2024, c85084=1000) == pytest.approx(
        {"85084": 1000 * 6835 / total, "85165": 1000 * 1264 / total, "85212": 1000 * 1338 / total}
    )


def test_a_split_that_no_package_saw_uses_the_census_of_2013():
    # Robert-Magny and Laneuville-à-Rémy, apart in 2012; the first merged again before 2019.
    populations = reference.populations_mouvements().set_index(["date", "commune"])["population"]
    laneuville = populations["2012-01-01", "52266"]
    assert populations["2012-01-01", "52427"] == 286
    assert projete(2011, 2012, c52427=100) == pytest.approx(
        {"52266": 100 * laneuville / (286 + laneuville), "52427": 100 * 286 / (286 + laneuville)}
    )


def test_a_commune_re_established_gets_its_own_count_back():
    # Les Essarts, Boulogne, L'Oie and Sainte-Florence merged in 2016; the last two left in 2024.
    assert projete(2015, 2024, c85084=500, c85030=90, c85165=110, c85212=120) == {
        "85084": 500 + 90,
        "85165": 110,
        "85212": 120,
    }


def test_what_came_with_a_commune_re_established_under_another_name_follows_it():
    # Les Hauts-Talican (2019): in 2024 Beaumont leaves with its own, La Neuville-Garnier stays with 60694.
    assert projete(2018, 2024, c60054=340, c60455=250, c60694=290) == {"60054": 340, "60694": 250 + 290}


def test_five_communes_apart_again_are_the_five_that_they_were():
    cinq = {"c15031": 1, "c15035": 2, "c15047": 4, "c15141": 8, "c15171": 16}
    assert projete(2016, 2026, **cinq) == {code[1:]: nombre for code, nombre in cinq.items()}


@pytest.mark.parametrize(
    ("de", "vers", "avant", "apres"),
    [
        (2020, 2021, "27676", "27058"),
        (2022, 2023, "27058", "27676"),
        (2024, 2025, "49069", "49126"),
        (2024, 2025, "12076", "12218"),
        (2007, 2008, "97123", "97701"),
    ],
)
def test_a_change_of_code_keeps_everything(de, vers, avant, apres):
    table = pd.DataFrame({"territoire": [avant], "effectif": [7], "mediane": [21_000]})
    resultat = projeter(table, de, vers, ["effectif"], ["mediane"])
    assert resultat.to_dict("records") == [
        {"territoire": apres, "effectif": 7, "mediane": 21_000, "motif": ""}
    ]


def test_a_commune_changes_departement_then_merges_on_the_same_day():
    # Freigné left Maine-et-Loire (49144) for Vallons-de-l'Erdre (44180) on 1 January 2018.
    parts = passage(2017, 2018).query("avant == '49144'")
    assert parts[["apres", "part"]].to_numpy().tolist() == [["44180", 1.0]]


def test_mergers_in_a_chain_add_up_in_date_order():
    # Notre-Dame-de-Fresnay's L'Oudon: 14697, then 14472 (2014), then Saint-Pierre-en-Auge 14654 (2017).
    assert passage(2013, 2026).query("avant == '14697'")["apres"].tolist() == ["14654"]


def test_communes_that_never_moved_stay_as_they_are_in_corsica_and_overseas():
    fixes = {"c2A004": 1, "c2B033": 2, "c97105": 3, "c97611": 4, "c97502": 5, "c98735": 6}
    assert projete(2012, 2026, **fixes) == {code[1:]: nombre for code, nombre in fixes.items()}


def test_going_back_over_a_merger_shares_by_the_populations_of_before():
    # Saint-Denis and Pierrefitte-sur-Seine merged on 1 January 2025.
    avant = reference.populations_mouvements().query("date == '2025-01-01' and moment == 'avant'")
    populations = avant.set_index("commune")["population"]
    total = populations["93059"] + populations["93066"]
    assert populations["93059"] == 33_670
    assert projete(2026, 2024, c93066=1000) == pytest.approx(
        {"93059": 1000 * populations["93059"] / total, "93066": 1000 * populations["93066"] / total}
    )


def test_going_back_over_a_split_sums():
    assert projete(2024, 2023, c60054=3, c60694=5) == {"60054": 3 + 5}


def test_going_back_to_2019_needs_nothing_but_the_reference():
    assert passage(2026, 2019).groupby("avant")["part"].sum().sub(1).abs().max() < 1e-12


def test_going_back_before_2019_needs_the_populations_of_then():
    with pytest.raises(ErreurUtilisateur, match="population de 01015 en 2010 manque"):
        passage(2026, 2010)


def test_going_back_before_2019_with_populations_never_shares_by_number_of_communes():
    populations = pd.Series(1.0, index=sorted(communes_du(2014)))
    populations["14178"], populations["14474"] = 30, 70
    parts = passage(2026, 2014, populations).query("avant == '14474'").set_index("apres")["part"]
    assert parts.to_dict() == pytest.approx({"14178": 30 / (30 + 70), "14474": 70 / (30 + 70)})


# --- Nothing gained, nothing lost ----------------------------------------------------------------


def test_every_commune_is_wholly_shared_out_and_lands_in_the_later_geography():
    arrondissements = set(reference.arrondissements()["code"])
    for de, vers in [*pairwise(MILLESIMES[::2]), (2000, 2026)]:
        lien = passage(de, vers)
        assert lien.groupby("avant")["part"].sum().sub(1).abs().max() < 1e-12
        assert set(lien["avant"]) - arrondissements == communes_du(de)
        assert set(lien["apres"]) - arrondissements == communes_du(vers)


@cache
def population(millesime):
    """Population of today's communes that ever moved, brought to a geography (each commune weighing 1)."""
    communes = reference.communes().dropna(subset=["population"])
    table = communes[communes["code"].isin(remuees())].rename(columns={"code": "territoire"})
    uns = pd.Series(1.0, index=sorted(communes_du(millesime)))
    table = table[["territoire", "population"]].astype({"population": "int64"})
    return projeter(table, 2026, millesime, ["population"], populations=uns).drop(columns="motif")


def perdus(de, vers):
    """Inhabitants lost on the way."""
    uns = pd.Series(1.0, index=sorted(communes_du(vers)))
    arrivee = projeter(population(de), de, vers, ["population"], populations=uns)
    assert set(arrivee["territoire"]) <= communes_du(vers)
    return population(2026)["population"].sum() - arrivee["population"].sum()


@pytest.mark.parametrize(
    ("de", "vers"), [(2000, 2026), (2012, 2024), (2015, 2000), (2018, 2019), (2024, 2012), (2026, 2023)]
)
def test_the_population_of_france_is_the_same_in_another_geography(de, vers):
    assert perdus(de, vers) == pytest.approx(0, abs=1e-5)


@pytest.mark.lent
def test_the_population_of_france_is_the_same_in_all_pairs_of_geographies():
    for de, vers in product(MILLESIMES, MILLESIMES):
        assert perdus(de, vers) == pytest.approx(0, abs=1e-5), (de, vers)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(MILLESIMES), st.sampled_from(MILLESIMES), st.integers(0, 2**32 - 1))
def test_counts_and_populations_whatever_they_are_keep_their_sum(de, vers, graine):
    hasard = np.random.default_rng(graine)
    codes = sorted(communes_du(de) & set(remuees()))
    cibles = sorted(communes_du(vers))
    populations = pd.Series(hasard.integers(0, 3, len(cibles)) * 100, index=cibles, dtype="float64")
    table = pd.DataFrame({"territoire": codes, "effectif": hasard.integers(0, 10_000, len(codes))})
    resultat = projeter(table, de, vers, ["effectif"], populations=populations)
    assert resultat["effectif"].sum() == pytest.approx(table["effectif"].sum(), rel=1e-12)


def test_a_projection_that_would_lose_someone_is_stopped():
    with pytest.raises(ArithmeticError, match=r"effectif valait 10\.0, vaut 9\.0"):
        cog.verifier_conservation(pd.DataFrame({"effectif": [10]}), pd.DataFrame({"effectif": [9]}))


# --- What cannot be summed -----------------------------------------------------------------------


def test_a_published_figure_is_blank_where_the_territory_changed_and_kept_elsewhere():
    table = effectifs(c01053=1, c14178=2, c14474=3).assign(mediane=[20_000, 21_000, 22_000])
    resultat = projeter(table, 2014, 2026, ["effectif"], ["mediane"]).set_index("territoire")
    assert resultat.loc["01053", ["mediane", "motif"]].tolist() == [20_000, ""]
    assert np.isnan(resultat.loc["14474", "mediane"])
    assert resultat.loc["14474", "motif"] == MOTIF_FUSION


def test_the_pieces_of_a_split_say_that_their_counts_are_estimates():
    assert motifs(2023, 2024, c60054=10) == {"60054": MOTIF_SCISSION, "60694": MOTIF_SCISSION}


def test_a_commune_re_established_in_its_limits_keeps_its_published_figures():
    table = effectifs(c85084=1, c85030=1, c85165=1, c85212=1).assign(mediane=[1, 2, 3, 4])
    resultat = projeter(table, 2015, 2024, ["effectif"], ["mediane"]).set_index("territoire")
    assert resultat["mediane"].to_dict() == pytest.approx(
        {"85084": np.nan, "85165": 3, "85212": 4}, nan_ok=True
    )


def test_a_secret_count_makes_the_sum_unknown_not_smaller():
    resultat = projeter(effectifs(c14178=np.nan, c14474=400), 2014, 2026, ["effectif"])
    assert resultat["effectif"].isna().all()


def test_a_missing_commune_makes_the_sum_unknown_and_is_said():
    assert projete(2014, 2026, c14474=400)["14474"] != 400
    assert motifs(2014, 2026, c14474=400) == {"14474": MOTIF_INCOMPLET}


def test_other_columns_are_dimensions_kept_apart():
    table = pd.DataFrame(
        {
            "sexe": ["F", "H", "F", "H"],
            "territoire": ["14178", "14178", "14474", "14474"],
            "effectif": [1, 2, 10, 20],
        }
    )
    resultat = projeter(table, 2014, 2026, ["effectif"])
    assert list(resultat.columns) == ["sexe", "territoire", "effectif", "motif"]
    assert resultat.set_index("sexe")["effectif"].to_dict() == {"F": 1 + 10, "H": 2 + 20}


def test_the_table_given_is_not_changed():
    table = effectifs(c14178=1, c14474=2)
    projeter(table, 2014, 2026, ["effectif"])
    pd.testing.assert_frame_equal(table, effectifs(c14178=1, c14474=2))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (["1053"], "« 1053 » n'est pas une commune de la géographie 2026"),
        (["14178"], "c'est une commune de 2000 à 2014"),
        (["01053", ""], r"1 ligne\(s\) sans commune"),
        (["01053", None], r"1 ligne\(s\) sans commune"),
        (["01053", "01053"], "la commune « 01053 » a deux lignes"),
        (["75056", "75101"], "à la fois entière et par arrondissement"),
    ],
)
def test_a_column_of_codes_that_cannot_be_right_is_refused(codes, message):
    table = pd.DataFrame({"territoire": codes, "effectif": 1})
    with pytest.raises(ErreurUtilisateur, match=message):
        projeter(table, 2026, 2026, ["effectif"])


# --- Paris, Lyon, Marseille ----------------------------------------------------------------------


def test_paris_lyon_and_marseille_are_counted_once():
    codes = ["01053", "75056", "75101", "751XX", "69123", "69381", "13055", "13216"]
    reste = sans_double_compte(pd.DataFrame({"territoire": codes}))
    assert reste["territoire"].tolist() == ["01053", "75056", "69123", "13055"]


def test_arrondissements_alone_are_kept():
    codes = ["75101", "75102", "13055", "13201"]
    reste = sans_double_compte(pd.DataFrame({"territoire": codes}))
    assert reste["territoire"].tolist() == ["75101", "75102", "13055"]


def test_arrondissements_are_dropped_only_in_the_years_where_the_city_is_given():
    table = pd.DataFrame({"territoire": ["75056", "75101", "75101"], "annee": [2022, 2022, 2023]})
    assert sans_double_compte(table, dimensions=["annee"])["annee"].tolist() == [2022, 2023]


# --- Search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("01053", "01053"),
        (" 01053 ", "01053"),
        ("2a004", "2A004"),
        ("bourg en bresse", "01053"),
        ("BOURG-EN-BRESSE", "01053"),
        ("St Étienne", "42218"),
        ("saint etienne", "42218"),
        ("Chalon s/ Saône", "71076"),
        ("Ste-Foy-lès-Lyon", "69202"),
        ("L'Haÿ-les-Roses", "94038"),
        ("hay les roses", "94038"),
        ("Le Mont-Dore", "98817"),
        ("le havre", "76351"),
        ("Saint-Denis (93)", "93066"),
        ("saint-denis 974", "97411"),
        ("Mont-Dore (63)", "63236"),
        ("Lent (Ain)", "01211"),
        ("lent (l'ain)", "01211"),
        ("Saint-Denis (La Réunion)", "97411"),
        ("saint denis(seine saint denis)", "93066"),
        ("Paris", "75056"),
    ],
)
def test_a_commune_is_found_as_people_write_it(texte, code):
    trouvee = trouver_commune(texte)
    assert (trouvee.code, trouvee.remarque) == (code, "")


def test_what_is_found_says_where_the_commune_is():
    bourg = trouver_commune("Bourg-en-Bresse")
    assert (bourg.departement, bourg.region, bourg.epci) == ("01", "84", "200071751")
    assert bourg.population == 42_372


def test_a_commune_where_nobody_lives_has_no_population():
    assert trouver_commune("98901").population is None


def test_a_lost_leading_zero_is_repaired_and_said():
    trouvee = trouver_commune("1053")
    assert trouvee.code == "01053"
    assert "zéro initial" in trouvee.remarque


@pytest.mark.parametrize(
    ("texte", "morceaux"),
    [
        ("Saint-Denis", ["4 communes", "Saint-Denis (97411, La Réunion)", "(93066, Seine-Saint-Denis)"]),
        ("mont dore", ["Le Mont-Dore (98817, Nouvelle-Calédonie)", "Mont-Dore (63236, Puy-de-Dôme)"]),
        ("La Rochelle", ["17300, Charente-Maritime", "70450, Haute-Saône"]),
        ("Sainte-Colombe", ["12 communes", "et 2 autre(s)"]),
        ("bourg en brese", ["noms proches", "Bourg-en-Bresse (01053, Ain)"]),
        ("Fontenay-aux", ["noms proches", "Fontenay-aux-Roses (92032"]),
        ("xyzzy", ["vérifier l'orthographe"]),
        ("Lent (Doubs)", ["« Lent (Doubs) » n'est le nom d'aucune commune"]),
        ("", ["vérifier l'orthographe"]),
        ("01000", ["un code postal"]),
        ("9999", ["un code postal"]),
        ("75118", ["est un arrondissement", "Paris (75056"]),
        ("14178", ["n'est plus", "Notre-Dame-d'Estrées-Corbon (14474, Calvados)"]),
        ("12076", ["n'est plus", "Conques-en-Rouergue (12218, Aveyron)"]),
        ("Lomme", ["n'est plus", "Lille (59350, Nord)"]),
        ("Pierrefitte-sur-Seine", ["n'est plus", "Saint-Denis (93066"]),
        ("Céreste", ["n'est plus", "Céreste-en-Luberon (04045"]),
    ],
)
def test_what_cannot_be_one_commune_gets_an_answer_that_helps(texte, morceaux):
    with pytest.raises(ErreurUtilisateur) as erreur:
        trouver_commune(texte)
    assert [morceau for morceau in morceaux if morceau not in str(erreur.value)] == []


# --- Levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "dans"),
    [
        ("01053", "EPCI-200071751 DEP-01 REG-84 FRANCE-FM FRANCE-F_X_D976 FRANCE-F"),
        ("97411", "EPCI-249740119 DEP-974 REG-04 FRANCE-F_X_D976 FRANCE-F"),
        ("97611", "EPCI-200060457 DEP-976 REG-06 FRANCE-F"),
        ("22016", "DEP-22 REG-53 FRANCE-FM FRANCE-F_X_D976 FRANCE-F"),
        ("98735", "DEP-987"),
    ],
)
def test_each_commune_is_in_the_aggregates_of_france_that_count_it(code, dans):
    assert territoires().set_index("code").loc[code, "dans"] == dans


def test_region_75_and_departement_75_are_two_territories():
    noms = territoires().set_index("code")["nom"]
    assert (noms["REG-75"], noms["DEP-75"]) == ("Nouvelle-Aquitaine", "Paris")


def test_what_holds_a_territory_is_always_a_territory_and_codes_are_unique():
    table = territoires()
    contenants = table["dans"].str.split().explode().dropna().str.partition(":")[0]
    assert table["code"].is_unique
    assert set(contenants) <= set(table["code"])


def test_an_epci_astride_departements_is_shared_by_population():
    astride = territoires().query("niveau == 'epci'").set_index("code")["dans"]
    astride = astride[astride.str.contains(":")]
    poids = astride.str.findall(r"DEP-\w+:([\d.]+)").map(lambda textes: sum(map(float, textes)))
    assert len(astride) > 50
    assert poids.sub(1).abs().lt(1e-5).all()


def test_articles_follow_the_convention_of_the_profile_of_new_caledonia():
    ecrit = pd.read_csv(reference.DOSSIER / "nouvelle_caledonie.csv", dtype=str, keep_default_na=False)
    articles = ecrit[ecrit["niveau"].eq("commune")].set_index("code")["article"]
    livre = reference.communes().set_index("code").loc[articles.index, "article"]
    assert livre.to_dict() == articles.to_dict()
    assert list(territoires().columns) == list(ecrit.columns)


@pytest.mark.parametrize(
    ("nom", "separe"),
    [
        ("Le Mont-Dore", ("Le", "Mont-Dore")),
        ("L'Abergement-Clémenciat", ("L'", "Abergement-Clémenciat")),
        ("Les Abymes", ("Les", "Abymes")),
        ("Lescar", ("", "Lescar")),
        ("Laval", ("", "Laval")),
    ],
)
def test_the_article_that_belongs_to_a_name_is_told_from_its_first_letters(nom, separe):
    assert separer_article(nom) == separe


# --- The reference and its builder ---------------------------------------------------------------


def test_each_table_of_the_reference_says_where_it_comes_from():
    tables = [
        *reference.DOSSIER.glob("*.parquet"),
        *(set(reference.DOSSIER.glob("*.csv")) - {reference.DOSSIER / "nouvelle_caledonie.csv"}),
    ]
    assert len(tables) == 8
    for table in tables:
        notice = tomllib.loads(table.with_suffix(".toml").read_text(encoding="utf-8"))
        assert set(notice) == {"titre", "producteur", "millesime", "licence", "adresse", "sha256_origine"}
        assert all(notice.values())
        assert len(notice["sha256_origine"]) == 64


def commune(code, nom, population, **champs):
    actuelle = {"code": code, "nom": nom, "departement": code[:2], "type": "commune-actuelle"}
    return actuelle | {"population": population} | champs


def deleguee(code, nom, chef_lieu):
    return {"code": code, "nom": nom, "type": "commune-deleguee", "chefLieu": chef_lieu}


@pytest.fixture
def sources(tmp_path):
    """Two packages and the events before them: in 2025 B and C merge, E leaves D, F becomes G."""
    avant = [
        *(commune("01001", "La A", 10), commune("01002", "B", 20), commune("01003", "C", 30)),
        *(commune("01004", "D", 50), deleguee("01005", "E", "01004"), commune("01006", "F", 60)),
        deleguee("01007", "G", "01006"),
    ]
    apres = [
        *(commune("01001", "La A", 11), commune("01002", "B-et-C", 51, anciensCodes=["01003"])),
        *(commune("01004", "D", 40), commune("01005", "E", 12)),
        commune("01007", "F", 61, anciensCodes=["01006"]),
    ]
    epci = [{"code": "200000001", "nom": "CA du Test", "type": "CA", "membres": [{"code": "01001"}]}]
    ain = [{"code": "01", "nom": "Ain", "typeLiaison": 5, "region": "84", "zone": "metro"}]
    aura = [{"code": "84", "nom": "Auvergne-Rhône-Alpes", "typeLiaison": 1, "zone": "metro"}]
    for annee, communes in ((2024, avant), (2025, apres)):
        dossier = tmp_path / str(annee)
        dossier.mkdir()
        contenu = {"communes": communes, "epci": epci, "departements": ain, "regions": aura}
        for nom, lignes in contenu.items():
            (dossier / f"{nom}.json").write_text(json.dumps(lignes), encoding="utf-8")
    colonnes = ["MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP"]
    lignes = [
        ("32", "1972-01-01", "COM", "01008", "H", "COM", "01001"),
        ("32", "2016-01-01", "COM", "01004", "D", "COM", "01004"),
        ("32", "2016-01-01", "COM", "01005", "E", "COM", "01004"),
        ("32", "2016-01-01", "COM", "01005", "E", "COMD", "01005"),
        ("10", "2024-01-01", "COM", "01001", "A", "COM", "01001"),
    ]
    pd.DataFrame(lignes, columns=colonnes).to_csv(tmp_path / "mvt.csv", index=False)
    return {2024: tmp_path / "2024", 2025: tmp_path / "2025"}, tmp_path / "mvt.csv"


@pytest.fixture
def sans_antilles(monkeypatch):
    monkeypatch.setattr("pipeline.reference.construire.HORS_FICHIER", [])


def test_the_builder_reads_the_movements_between_two_packages(sources, tmp_path, sans_antilles):
    construire_reference(*sources, tmp_path)
    mouvements = pd.read_csv(tmp_path / "mouvements.csv", dtype=str)
    assert mouvements.to_numpy().tolist() == [
        ["2016-01-01", "32", "01004", "01004"],
        ["2016-01-01", "32", "01005", "01004"],
        ["2025-01-01", "21", "01004", "01004"],
        ["2025-01-01", "21", "01004", "01005"],
        ["2025-01-01", "32", "01002", "01002"],
        ["2025-01-01", "32", "01003", "01002"],
        ["2025-01-01", "50", "01006", "01007"],
    ]
    populations = pd.read_csv(tmp_path / "populations_mouvements.csv", dtype=str)
    assert populations[["moment", "commune", "population", "annee"]].to_numpy().tolist() == [
        ["apres", "01004", "40", "2023"],
        ["apres", "01005", "12", "2023"],
        ["avant", "01002", "20", "2022"],
        ["avant", "01003", "30", "2022"],
    ]


def test_the_builder_names_communes_epci_and_what_communes_were(sources, tmp_path, sans_antilles):
    construire_reference(*sources, tmp_path)
    communes = pd.read_parquet(tmp_path / "communes.parquet").set_index("code")
    assert communes.loc["01001"].tolist() == ["La", "A", "01", "200000001", 11]
    epci = pd.read_csv(tmp_path / "epci.csv", dtype=str)
    assert epci.to_numpy().tolist() == [["200000001", "la", "communauté d'agglomération du Test", "CA"]]
    anciennes = pd.read_csv(tmp_path / "anciennes.csv", dtype=str)
    assert anciennes.to_numpy().tolist() == [["01001", "A", "01001"]]


def test_the_builder_writes_the_same_bytes_twice(sources, tmp_path, sans_antilles):
    ecrits = []
    for nom in ("un", "deux"):
        (tmp_path / nom).mkdir()
        construire_reference(*sources, tmp_path / nom)
        ecrits.append({fichier.name: fichier.read_bytes() for fichier in (tmp_path / nom).iterdir()})
    assert len(ecrits[0]) == 16
    assert ecrits[0] == ecrits[1]


def test_the_builder_stops_when_movements_do_not_lead_to_the_communes(sources, tmp_path, sans_antilles):
    paquets, mouvements = sources
    evenements = pd.read_csv(mouvements, dtype=str)
    evenements.loc[len(evenements)] = ["31", "2024-06-01", "COM", "01009", "I", "COM", "01001"]
    evenements.to_csv(mouvements, index=False)
    with pytest.raises(ValueError, match=r"communes de 2024 .* '01009'"):
        construire_reference(paquets, mouvements, tmp_path)


# --- Real files ----------------------------------------------------------------------------------


@pytest.mark.reel
@pytest.mark.skipif(not SHARED.exists(), reason="vrais fichiers absents")
def test_the_communes_of_2024_are_those_of_insee():
    cog_2024 = pd.read_csv(COG_2024 / "communes.csv", dtype=str)
    communes = set(cog_2024.loc[cog_2024["TYPECOM"].eq("COM"), "COM"])
    assert {code for code in communes_du(2024) if not code.startswith(OUTRE_MER)} == communes


@pytest.mark.reel
@pytest.mark.skipif(not SHARED.exists(), reason="vrais fichiers absents")
@pytest.mark.parametrize("vers", [2019, 2022, 2024, 2026])
def test_the_population_of_france_published_with_the_cog_of_2024_is_unchanged(vers):
    # Arrondissements, no city; 34,970 rows; 67,408,052 inhabitants, Mayotte apart.
    table = pd.read_csv(COG_2024 / "donnees_communes.csv", sep=";", dtype={"COM": str})
    table = table[["COM", "PMUN"]].rename(columns={"COM": "territoire"})
    resultat = projeter(table, 2023, vers, ["PMUN"])
    assert resultat["PMUN"].sum() == pytest.approx(67_408_052, rel=1e-12)
    assert resultat["PMUN"].notna().all()


@pytest.mark.reel
@pytest.mark.skipif(not SHARED.exists(), reason="vrais fichiers absents")
def test_the_income_file_of_2021_is_in_the_geography_of_2024():
    codes = pd.read_csv(SHARED / "data/insee/cc_filosofi_2021_COM.csv", sep=";", dtype=str)["CODGEO"]
    communes = set(codes) - set(reference.arrondissements()["code"])
    assert communes <= communes_du(2024)
    assert communes - communes_du(2023) == {"60694", "85165", "85212"}
