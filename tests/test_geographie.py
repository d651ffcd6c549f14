"""Who holds whom: weights, complete partitions, and codes that exist."""

import pandas as pd
import pytest

from pipeline import geographie
from pipeline.edition import lire_profil
from pipeline.geographie import appartenances, territoires
from pipeline.model import ErreurUtilisateur


def par_code(edition):
    return territoires(edition).set_index("territoire")


def liens(edition):
    """(contenu, contenant) → (poids, couvre)."""
    return {(c, d): (p, bool(k)) for c, d, p, k in appartenances(edition).itertuples(index=False)}


# --- New Caledonia, as it is -----------------------------------------------------------------------


def test_new_caledonia_is_33_communes_three_provinces_and_an_agglomeration(ouvrir):
    niveaux = territoires(ouvrir())["niveau"].value_counts()
    assert niveaux.to_dict() == {"commune": 33, "province": 3, "agglomeration": 1, "pays": 1}


def test_every_territory_of_the_profile_belongs_to_the_country(ouvrir):
    edition = ouvrir(quartiers=["Plum"])
    tenus = {contenu for contenu, contenant in liens(edition) if contenant == "988"}
    assert set(territoires(edition)["territoire"]) - tenus == {"988"}


def test_every_level_is_one_of_the_profile_and_ranks_from_the_smallest(ouvrir):
    rangs = par_code(ouvrir(quartiers=["Plum"]))["rang"]
    niveaux = [niveau.id for niveau in lire_profil("nouvelle_caledonie").niveaux]
    ordre = [rangs[c] for c in ("98817-plum", "98817", "988-grand-noumea", "988-sud", "988")]
    assert ordre == sorted(ordre) == list(range(len(niveaux)))


def test_nothing_is_held_by_something_smaller_or_of_its_own_level(ouvrir):
    edition = ouvrir(quartiers=["Plum"])
    rangs = par_code(edition)["rang"]
    assert [couple for couple in liens(edition) if rangs[couple[0]] >= rangs[couple[1]]] == []


def test_weights_are_in_0_1_and_the_parts_of_a_commune_in_the_provinces_sum_to_1(ouvrir):
    table = appartenances(ouvrir(quartiers=["Plum"]))
    assert table["poids"].between(0, 1, inclusive="right").all()
    provinces = table[table["contenant"].isin(["988-sud", "988-nord", "988-iles"])]
    communes = provinces[provinces["contenu"].str.fullmatch(r"\d{5}")]
    assert communes.groupby("contenu")["poids"].sum().to_numpy() == pytest.approx([1.0] * 33)


def test_poya_lies_in_two_provinces_by_its_population_of_2019(ouvrir):
    poids = liens(ouvrir())
    # 212 of its 2,802 inhabitants live in province Sud (ISEE, note 3)
    assert poids["98827", "988-sud"][0] == pytest.approx(212 / 2_802, abs=1e-4)
    assert poids["98827", "988-nord"][0] + poids["98827", "988-sud"][0] == pytest.approx(1)
    assert poids["98827", "988"][0] == 1


def test_the_census_counts_the_communes_provinces_and_country_of_the_reference(ouvrir, racine):
    table = pd.read_csv(racine / "data" / "raw" / "isee" / "isee_population_commune.csv", dtype=str)
    comptes = dict(zip(table["territoire"], table["niveau"], strict=True))
    assert comptes | {"988-grand-noumea": "agglomeration"} == par_code(ouvrir())["niveau"].to_dict()


# --- Levels that cover -----------------------------------------------------------------------------


def test_communes_cover_provinces_and_provinces_the_country(ouvrir):
    lies = liens(ouvrir())
    assert lies["98817", "988-sud"][1]
    assert lies["98817", "988-grand-noumea"][1]
    assert lies["98817", "988"][1]
    assert lies["988-sud", "988"][1]


def test_an_agglomeration_covers_neither_its_province_nor_the_country(ouvrir):
    lies = liens(ouvrir())
    assert not lies["988-grand-noumea", "988-sud"][1]
    assert not lies["988-grand-noumea", "988"][1]


def test_the_quartiers_cover_their_commune_and_nothing_larger(ouvrir):
    lies = liens(ouvrir(quartiers=["Plum", "Robinson"]))
    assert lies["98817-plum", "98817"] == (1.0, True)
    assert {d: k for (c, d), (_, k) in lies.items() if c == "98817-plum"} == {
        "98817": True,
        "988-grand-noumea": False,
        "988-sud": False,
        "988": False,
    }


def test_a_commune_cut_into_quartiers_still_counts_for_its_province(ouvrir):
    assert liens(ouvrir(quartiers=["Plum"]))["98817", "988-sud"] == (1.0, True)


def test_a_weight_is_read_from_the_reference(pays):
    lies = liens(pays)
    assert lies["98827", "988-nord"] == (0.9, True)
    assert lies["98827", "988-sud"] == (0.1, True)


# --- Roles and order -------------------------------------------------------------------------------


def test_roles_and_reading_order_are_those_of_the_edition(ouvrir):
    edition = ouvrir(quartiers=["Robinson", "Plum"], comparateurs=["988-grand-noumea", "988"])
    lus = territoires(edition).query("role != ''").sort_values("ordre")
    assert list(zip(lus["territoire"], lus["role"], strict=True)) == [
        ("98817", "etude"),
        ("988-grand-noumea", "comparateur"),
        ("988", "comparateur"),
        ("98817-robinson", "quartier"),
        ("98817-plum", "quartier"),
    ]


def test_the_article_is_that_of_the_name(ouvrir):
    articles = par_code(ouvrir())["article"]
    assert articles[["98817", "98813", "98818", "988-sud"]].tolist() == ["Le", "La", "", "la"]


@pytest.mark.parametrize("code", ["98834", "75056", "98817-plum"])
def test_a_comparator_that_does_not_exist_is_named_with_the_profile(ouvrir, code):
    with pytest.raises(ErreurUtilisateur, match=f"« {code} »") as erreur:
        territoires(ouvrir(comparateurs=[code]))
    assert "« nouvelle_caledonie »" in str(erreur.value)
    assert "corriger" in str(erreur.value)


def test_a_commune_under_study_that_does_not_exist_is_named(ouvrir):
    texte = ouvrir().dossier / "edition.toml"
    with pytest.raises(ErreurUtilisateur, match="« 98899 »"):
        territoires(ouvrir(texte.read_text(encoding="utf-8").replace('"98817"', '"98899"')))


def test_codes_are_unique_and_never_read_as_numbers(tmp_path, monkeypatch, ouvrir):
    lignes = ["code,article,nom,niveau,dans", "01004,,Ambérieu,commune,988", "98817,Le,Mont-Dore,commune,988"]
    lignes += ["988,la,Nouvelle-Calédonie,pays,"]
    (tmp_path / "nouvelle_caledonie.csv").write_text("\n".join(lignes), encoding="utf-8")
    monkeypatch.setattr(geographie, "REFERENCE", tmp_path)
    table = territoires(ouvrir())
    assert table["territoire"].tolist() == ["01004", "98817", "988"]
    assert pd.api.types.is_string_dtype(table["territoire"])
