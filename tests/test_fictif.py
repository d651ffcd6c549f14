"""The fictional deposit: about nobody, the same twice, and true to what is told of it."""

import datetime
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from pipeline import ingest
from pipeline.edition import Fichier, lire_edition
from pipeline.fictif import (
    ANOMALIES,
    CODES,
    COLONNES,
    QUARTIER_INCONNU,
    Fiction,
    ecrire_depot,
    generer,
    inventer_aides,
    inventer_menages,
    inventer_personnes,
)
from pipeline.identite import colonnes_interdites, consommees
from pipeline.model import Source
from pipeline.readers import AVANT_ENTETE, TOTAL, en_date, en_nombre, lire_csv
from pipeline.sources.ccas import DECISIONS_RENDUES, DEMANDES, PAIEMENTS

CLE = bytes(range(32))
QUARTIERS = {"Boulari": 2586, "Plum": 2193, "Saint Louis": 1398, "La Coulée": 3379}
CODES_QUARTIERS = {
    nom: f"98817-{code}"
    for nom, code in zip(QUARTIERS, ("boulari", "plum", "saint-louis", "la-coulee"), strict=True)
}
ANNEES = (2023, 2024, 2025)
RUPTURE = datetime.date(2024, 5, 13)


def fiction(**changements: object) -> Fiction:
    return Fiction(
        **{"quartiers": QUARTIERS, "annees": ANNEES, "menages": 300, "rupture": RUPTURE} | changements
    )


def fichier(source: Source) -> Fichier:
    """What an edition declares of the deposit for one of the three tables it holds."""
    noms = {"montant": COLONNES["montant_accorde"], **COLONNES}
    colonnes = {*source.schema.columns, *consommees(source.identites)} & set(noms)
    return Fichier(
        source=source.id,
        chemin="ccas_aides.csv",
        fictif=True,
        colonnes={nom: noms[nom] for nom in colonnes},
        valeurs={**{nom: dict(codes) for nom, codes in CODES.items()}, "quartier": CODES_QUARTIERS},
    )


def lire(dossier: Path, source: Source) -> ingest.Chargement:
    return ingest.examiner(source, fichier(source), dossier / "ccas_aides.csv", CLE)


def demandes(combien: int, **changements: object) -> pd.DataFrame:
    invention = fiction(menages=combien, **changements)
    menages = inventer_menages(invention)
    return inventer_aides(invention, menages, inventer_personnes(invention, menages))


# --- The file --------------------------------------------------------------------------------------


def test_the_same_fiction_gives_the_same_bytes(tmp_path):
    generer(tmp_path / "a", fiction())
    generer(tmp_path / "b", fiction())
    for nom in ("ccas_aides.csv", "ccas_aides_verite.json"):
        assert (tmp_path / "a" / nom).read_bytes() == (tmp_path / "b" / nom).read_bytes()


def test_another_seed_gives_another_file(tmp_path):
    generer(tmp_path / "a", fiction())
    generer(tmp_path / "b", fiction(graine=7))
    assert (tmp_path / "a" / "ccas_aides.csv").read_bytes() != (
        tmp_path / "b" / "ccas_aides.csv"
    ).read_bytes()


def test_the_file_is_what_business_software_exports(tmp_path):
    generer(tmp_path, fiction())
    octets = (tmp_path / "ccas_aides.csv").read_bytes()
    lignes = octets.decode("cp1252").split("\r\n")
    assert lignes[0].startswith("EXPORT FICTIF")
    assert lignes[4].split(";") == [
        "N° dossier", "N° foyer", "Nom usager", "Prénom", "Né(e) le", "Adresse", "Quartier", "Situation familiale",
        "Sexe", "Date demande", "Date commission", "Type d'aide", "Nature", "Décision", "Montant demandé",
        "Montant accordé", "Date mandat", "Observations",
    ]  # fmt: skip
    assert lignes[-2].startswith("TOTAL;")
    with pytest.raises(UnicodeDecodeError):
        octets.decode("utf-8")


def test_the_totals_row_is_the_sum_of_the_rows(tmp_path):
    generer(tmp_path, fiction(anomalies={}))
    lecture = lire_csv(tmp_path / "ccas_aides.csv", ("N° dossier", "Montant accordé"))
    [total] = lecture.ecartees.loc[lecture.ecartees["motif"] == TOTAL, "contenu"]
    ecrit = en_nombre(pd.Series([total.removeprefix("Montant accordé : ")], dtype="string"))[0][0]
    assert ecrit == en_nombre(lecture.table["Montant accordé"])[0].sum()


def test_the_reader_finds_titles_and_total_and_every_row(tmp_path):
    verite = generer(tmp_path, fiction())
    lecture = lire_csv(tmp_path / "ccas_aides.csv", tuple(COLONNES.values()))
    assert len(lecture.table) == verite["lignes"]
    assert Counter(lecture.ecartees["motif"]) == {AVANT_ENTETE: 4, TOTAL: 1}
    assert colonnes_interdites(lecture.table) == []


def test_the_truth_returned_is_the_truth_written(tmp_path):
    verite = generer(tmp_path, fiction())
    assert json.loads((tmp_path / "ccas_aides_verite.json").read_text(encoding="utf-8")) == verite


# --- Through the door ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    dossier = tmp_path_factory.mktemp("depot")
    verite = generer(dossier, fiction(menages=900))
    return verite, {source.id: lire(dossier, source) for source in (DEMANDES, DECISIONS_RENDUES, PAIEMENTS)}


def regles(lot: ingest.Chargement) -> dict[str, int]:
    return lot.rejets.drop_duplicates(["ligne", "regle"])["regle"].value_counts().to_dict()


def test_every_planted_mistake_is_found_and_nothing_else_is(depot):
    verite, lots = depot
    anomalies = verite["anomalies"]
    assert regles(lots["ccas_demandes"]) == {
        "date attendue (jj/mm/aaaa ou aaaa-mm-jj)": anomalies["date_illisible"],
        "quartier inconnu : compléter [valeurs.quartier]": anomalies["quartier_inconnu"],
    }
    assert regles(lots["ccas_decisions"]) == {
        "doublon de la clé (demande, date_seance)": anomalies["doublon"]
    }
    assert min(anomalies.values()) >= 5
    restes = lots["ccas_demandes"].non_mappees
    assert restes[["colonne", "valeur", "lignes"]].values.tolist() == [
        ["quartier", QUARTIER_INCONNU, anomalies["quartier_inconnu"]]
    ]


def test_every_row_of_the_file_is_loaded_rejected_or_set_aside_in_each_table(depot):
    verite, lots = depot
    for lot in lots.values():
        qualite = lot.qualite
        assert qualite["lignes_lues"] == qualite["lignes_chargees"] + qualite["lignes_rejetees"]
        assert qualite["lignes_lues"] + qualite["lignes_ecartees"] == verite["lignes"] + 5


def test_what_is_loaded_is_what_the_truth_says(depot):
    verite, lots = depot
    table = lots["ccas_demandes"].table.merge(
        lots["ccas_decisions"].table, on="demande", how="left", suffixes=("", "_rendue")
    )
    table = table[~(table["date_seance"] < table["date_demande"])]
    assert len(table) == verite["lignes_bonnes"]
    assert table["personne"].nunique() == verite["personnes"]
    assert table["menage"].nunique() == verite["menages"]
    assert {str(an): n for an, n in table["date_demande"].dt.year.value_counts().items()} == verite[
        "par_annee"
    ]
    table["decision"] = table["decision"].fillna("en_attente")
    for colonne in ("decision", "motif", "type_menage", "sexe"):
        assert table[colonne].value_counts().to_dict() == verite[f"par_{colonne}"]
    quartiers = {CODES_QUARTIERS[nom]: compte for nom, compte in verite["par_quartier"].items()}
    assert table["quartier"].value_counts().to_dict() == quartiers
    montants = table.groupby(table["date_demande"].dt.year)["montant_accorde"].sum()
    assert {str(an): int(montant) for an, montant in montants.items()} == verite["montant_accorde"]


def test_spelling_variants_are_still_one_person(depot):
    verite, lots = depot
    assert verite["anomalies"]["variante_du_nom"] > 50
    bonnes = lots["ccas_decisions"].table.merge(lots["ccas_demandes"].table, on="demande", how="right")
    bonnes = bonnes[~(bonnes["date_seance"] < bonnes["date_demande"])]
    assert bonnes["personne"].nunique() == verite["personnes"]


def test_homonyms_stay_apart(depot):
    verite, _ = depot
    assert verite["homonymes"] > 0


def test_no_identity_goes_through_the_door(depot):
    _, lots = depot
    tout = "".join(lot.table.to_csv() + lot.rejets.to_csv() + str(lot.qualite) for lot in lots.values())
    menages = inventer_menages(fiction(menages=900))
    personnes = inventer_personnes(fiction(menages=900), menages)
    for morceau in {*personnes["nom"], *personnes["prenom"], *menages["foyer"], "Zorglube", "Blorptague"}:
        assert morceau not in tout


def test_a_clean_deposit_raises_no_alarm(tmp_path):
    generer(tmp_path, fiction(anomalies={}))
    for source in (DEMANDES, DECISIONS_RENDUES, PAIEMENTS):
        lot = lire(tmp_path, source)
        assert lot.rejets.empty
        assert lot.non_mappees.empty
        assert lot.signalements.empty


@pytest.mark.parametrize("anomalie", list(ANOMALIES))
def test_each_mistake_comes_at_the_rate_asked(tmp_path, anomalie):
    verite = generer(tmp_path, fiction(anomalies={anomalie: 0.05}))
    lignes = verite["lignes"] - verite["anomalies"]["doublon"]
    assert verite["anomalies"] == dict.fromkeys(ANOMALIES, 0) | {anomalie: int(0.05 * lignes + 0.5)}


# --- What is invented ------------------------------------------------------------------------------


def test_households_make_one_to_six_requests():
    par_menage = demandes(900).groupby("foyer").size()
    assert (par_menage.min(), par_menage.max(), len(par_menage)) == (1, 6, 900)


def test_quartiers_come_in_proportion_to_their_population():
    menages = inventer_menages(fiction(menages=20_000))
    parts = menages["quartier"].value_counts(normalize=True)
    for nom, poids in QUARTIERS.items():
        attendue = poids / sum(QUARTIERS.values())
        assert abs(parts[nom] - attendue) < 4 * (attendue * (1 - attendue) / 20_000) ** 0.5


def test_food_is_what_most_requests_are_for():
    parts = demandes(6_000)["motif"].value_counts(normalize=True)
    assert abs(parts["alimentaire"] - 0.64) < 0.02
    assert abs(parts["energie"] - 0.10) < 0.02


def test_requests_rise_after_the_break_and_not_without_one():
    def hausse(**changements: object) -> float:
        dates = demandes(6_000, **changements)["date_demande"]
        return (
            dates.between("2024-06-01", "2024-12-31").sum() / dates.between("2023-06-01", "2023-12-31").sum()
        )

    assert 1.35 < hausse() < 1.65
    assert 0.9 < hausse(rupture=None) < 1.1


def test_requests_are_made_on_working_days_within_the_years():
    dates = demandes(900)["date_demande"]
    assert dates.dt.day_of_week.max() <= 4
    assert set(dates.dt.year) == set(ANNEES)
    assert dates.is_monotonic_increasing


def test_dates_follow_each_other_and_stop_with_the_last_year():
    aides = demandes(900)
    assert (aides["date_seance"].dropna() >= aides.loc[aides["date_seance"].notna(), "date_demande"]).all()
    payees = aides[aides["date_paiement"].notna()]
    assert (payees["date_paiement"] > payees["date_seance"]).all()
    assert aides[["date_seance", "date_paiement"]].max().max() <= pd.Timestamp(2025, 12, 31)
    assert set(aides.loc[aides["date_seance"].isna(), "decision"]) == {"en_attente"}


def test_delays_are_skewed_to_the_right():
    aides = demandes(3_000)
    jours = (aides["date_seance"] - aides["date_demande"]).dt.days.dropna()
    assert jours.median() < jours.mean() < jours.quantile(0.9)
    assert jours.max() > 60


def test_only_granted_requests_have_an_amount_and_never_above_what_was_asked():
    aides = demandes(900)
    accordees = aides["decision"].isin(["accord", "accord_partiel"])
    assert (aides["montant_accorde"].notna() == accordees).all()
    assert (aides.loc[accordees, "montant_accorde"] <= aides.loc[accordees, "montant_demande"]).all()
    partiels = aides[aides["decision"] == "accord_partiel"]
    assert (partiels["montant_accorde"] < partiels["montant_demande"]).all()


def test_a_household_has_one_or_two_adults_of_age():
    invention = fiction(menages=900)
    menages = inventer_menages(invention)
    personnes = inventer_personnes(invention, menages)
    assert set(personnes.groupby("menage").size()) == {1, 2}
    assert personnes["naissance"].max() < pd.Timestamp(2023 - 18, 1, 1)
    seuls = menages.index[menages["type_menage"].isin(["personne_seule", "famille_monoparentale"])]
    assert (personnes[personnes["menage"].isin(seuls)].groupby("menage").size() == 1).all()


def test_amounts_follow_the_currency(tmp_path):
    generer(tmp_path, fiction(monnaie="€", pas=5))
    table = lire_csv(tmp_path / "ccas_aides.csv", ("Montant demandé",)).table
    assert table["Montant demandé"].str.endswith(" €").all()
    assert en_nombre(table["Montant demandé"])[0].median() < 400


def test_the_demonstration_deposit_has_the_quartiers_of_the_edition_and_its_population(tmp_path):
    edition = lire_edition("mont-dore/2026")
    chemins = ecrire_depot(edition, tmp_path, 900, 2026)
    assert [chemin.name for chemin in chemins] == ["ccas_aides.csv", "ccas_aides_verite.json"]
    table = lire_csv(chemins[0], ("Quartier", "Date demande")).table
    assert {quartier.nom for quartier in edition.quartiers} == set(table["Quartier"]) - {QUARTIER_INCONNU}
    # Robinson is the most populous (5,408 inhabitants of 27,620), La Lembi the least (411).
    comptes = table["Quartier"].value_counts()
    assert comptes.index[0] == "Robinson"
    assert comptes.drop(QUARTIER_INCONNU).index[-1] == "La Lembi-Grand sud-Ile Ouen"
    assert set(en_date(table["Date demande"])[0].dt.year.dropna()) == {2023, 2024, 2025}


def test_the_deposit_kept_with_the_edition_is_the_one_that_is_written_again(tmp_path):
    edition = lire_edition("mont-dore/2026")
    for chemin in ecrire_depot(edition, tmp_path, 900, 2026):
        assert chemin.read_bytes() == (edition.dossier / "depots" / chemin.name).read_bytes()


@pytest.mark.lent
def test_a_hundred_thousand_households_keep_the_truth(tmp_path):
    verite = generer(tmp_path, fiction(menages=100_000))
    lecture = lire_csv(tmp_path / "ccas_aides.csv", ("N° dossier",))
    assert len(lecture.table) == verite["lignes"]
    assert lecture.table["N° dossier"].nunique() == verite["lignes"] - verite["anomalies"]["doublon"]
