"""The fictional deposit: about nobody, the same twice, and true to what is told of it, down to its mistakes."""

import datetime
import json
import re
import zipfile
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from pipeline import ingest, regles
from pipeline.conversions import en_date, en_nombre
from pipeline.edition import Fichier, lire_edition
from pipeline.fictif import ANOMALIES, VERITE, Fiction, ecrire_depot, ecrire_extrait, generer
from pipeline.fictif.aides import inventer_aides
from pipeline.fictif.ecriture import centimes
from pipeline.fictif.fichiers import PUBLIC_INCONNU, QUARTIER_INCONNU, ecrire_aides, inventer
from pipeline.fictif.logiciel import ACCUEIL, AIDES, EN_ATTENTE, EXPORTS, FICHIERS, USAGERS
from pipeline.fictif.population import inventer_enfants, inventer_menages, inventer_personnes
from pipeline.identite import colonnes_interdites
from pipeline.model import Source
from pipeline.readers import AVANT_ENTETE, TOTAL, lire_csv
from pipeline.sources.registre import SOURCES

CLE = bytes(range(32))
QUARTIERS = {"Boulari": 2586, "Plum": 2193, "Saint Louis": 1398, "La Coulée": 3379}
CODES_QUARTIERS = {
    nom: f"98817-{code}"
    for nom, code in zip(QUARTIERS, ("boulari", "plum", "saint-louis", "la-coulee"), strict=True)
}
ANNEES = (2023, 2024, 2025)
RUPTURE = datetime.date(2024, 5, 13)
ACTIVITE = tuple(source for source in SOURCES if source.serie == "activite")


def fiction(**changements: object) -> Fiction:
    return Fiction(
        **{"quartiers": QUARTIERS, "annees": ANNEES, "menages": 300, "rupture": RUPTURE} | changements
    )


def fichier(source: str) -> Fichier:
    """What an edition declares of one table of the deposit."""
    export = EXPORTS[source]
    valeurs = {nom: dict(codes) for nom, codes in export.codes.items()}
    valeurs |= {"quartier": CODES_QUARTIERS, "dispositif": dict(fiction().dispositifs)}
    return Fichier(
        source=source, chemin=export.fichier, fictif=True, colonnes=dict(export.colonnes), valeurs=valeurs
    )


def lire(dossier: Path, source: Source) -> ingest.Chargement:
    declare = fichier(source.id)
    return ingest.examiner(source, declare, dossier / declare.chemin, CLE)


def inventees(combien: int, **changements: object):
    invention = fiction(menages=combien, **changements)
    menages = inventer_menages(invention)
    return inventer_aides(invention, menages, inventer_personnes(invention, menages))


# --- The files -------------------------------------------------------------------------------------


def test_the_same_fiction_gives_the_same_bytes_and_another_seed_other_ones(tmp_path):
    for nom, graine in (("a", 2026), ("b", 2026), ("c", 7)):
        generer(tmp_path / nom, fiction(menages=40, graine=graine))
    for nom in (*FICHIERS, VERITE):
        assert (tmp_path / "a" / nom).read_bytes() == (tmp_path / "b" / nom).read_bytes()
        assert (tmp_path / "a" / nom).read_bytes() != (tmp_path / "c" / nom).read_bytes()


@pytest.fixture(scope="module")
def dossier(tmp_path_factory):
    """The deposit of 900 households, with every mistake at its usual rate."""
    chemin = tmp_path_factory.mktemp("depot")
    generer(chemin, fiction(menages=900))
    return chemin


@pytest.fixture(scope="module")
def verite(dossier):
    return json.loads((dossier / VERITE).read_text(encoding="utf-8"))


def test_the_deposit_is_six_files_of_three_formats_and_the_truth(dossier):
    assert sorted(chemin.name for chemin in dossier.iterdir()) == sorted((*FICHIERS, VERITE))
    assert {Path(nom).suffix for nom in FICHIERS} == {".csv", ".tsv", ".xlsx"}
    assert {export.fichier for export in EXPORTS.values()} == set(FICHIERS)
    assert set(EXPORTS) == {source.id for source in ACTIVITE}


def test_the_export_of_aids_is_what_business_software_exports(dossier):
    octets = (dossier / AIDES).read_bytes()
    lignes = octets.decode("cp1252").split("\r\n")
    assert lignes[0].startswith("EXPORT FICTIF")
    assert lignes[4].split(";") == [
        "N° dossier", "N° foyer", "Nom usager", "Prénom", "Né(e) le", "Adresse", "Date demande", "Nature",
        "Montant demandé", "Prescripteur", "Urgence", "Quartier", "Situation familiale", "Sexe", "Date commission",
        "Décision", "Instance", "Motif du refus", "Montant accordé", "Type d'aide", "Fournisseur", "Date mandat",
        "Montant mandaté", "Mandat annulé", "Observations",
    ]  # fmt: skip
    assert lignes[-2].startswith("TOTAL;")
    with pytest.raises(UnicodeDecodeError):
        octets.decode("utf-8")


def test_the_extraction_of_users_is_tab_separated_in_utf_8(dossier):
    lecture = lire_csv(dossier / USAGERS, ("NOM", "DDN", "Ressources mensuelles"))
    assert lecture.detecte.startswith("UTF-8, séparateur tabulation")
    assert lecture.table["NOM"].str.isupper().all()
    assert lecture.table["Ressources mensuelles"].str.fullmatch(r"\d{1,3}(\xa0\d{3})*,\d\d").all()


def test_the_workbook_of_the_front_desk_has_a_sheet_a_month_merged_titles_and_dates_of_two_kinds(dossier):
    classeur = CalamineWorkbook.from_path(dossier / ACCUEIL)
    mois = [nom for nom in classeur.sheet_names if nom.startswith("Accueil ")]
    assert len(mois) == 12 * len(ANNEES)
    genres = Counter()
    for nom in mois:
        feuille = classeur.get_sheet_by_name(nom)
        assert feuille.merged_cell_ranges == [((0, 0), (0, 6))]
        lignes = feuille.to_python()
        assert lignes[-1][0] == "Total"
        assert lignes[-1][1] == len(lignes) - 4
        genres[type(lignes[3][1])] += 1
    assert genres == {str: 18, datetime.date: 18}


def test_a_workbook_carries_no_clock(dossier):
    for nom in FICHIERS:
        if nom.endswith(".xlsx"):
            with zipfile.ZipFile(dossier / nom) as archive:
                assert {membre.date_time for membre in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
                jours = re.findall(r"\d{4}-\d\d-\d\d", archive.read("docProps/core.xml").decode())
                assert jours == ["2026-01-01", "2026-01-01"]


@pytest.mark.parametrize(
    ("montant", "ecrit"),
    [(1234.5, "1\xa0234,50"), (0, "0,00"), (12, "12,00"), (1_000_000, "1\xa0000\xa0000,00")],
)
def test_amounts_are_written_with_spaces_and_a_comma(montant, ecrit):
    assert centimes(montant) == ecrit
    assert en_nombre(pd.Series([ecrit], dtype="string"))[0][0] == montant


def test_the_totals_row_is_the_sum_of_the_rows(tmp_path):
    invention = fiction(anomalies={})
    ecrire_aides(tmp_path / AIDES, invention, inventees(300, anomalies={}))
    lecture = lire_csv(tmp_path / AIDES, ("N° dossier", "Montant accordé"))
    [total] = lecture.ecartees.loc[lecture.ecartees["motif"] == TOTAL, "contenu"]
    ecrit = en_nombre(pd.Series([total.removeprefix("Montant accordé : ")], dtype="string"))[0][0]
    assert ecrit == en_nombre(lecture.table["Montant accordé"])[0].sum()


def test_the_reader_finds_titles_and_total_and_every_row(dossier, verite):
    colonnes = dict.fromkeys(
        leur for source in ("ccas_demandes", "ccas_decisions", "ccas_paiements")
        for leur in EXPORTS[source].colonnes.values()
    )  # fmt: skip
    lecture = lire_csv(dossier / AIDES, tuple(colonnes))
    assert len(lecture.table) == verite["aides"]["lignes"]
    assert Counter(lecture.ecartees["motif"]) == {AVANT_ENTETE: 4, TOTAL: 1}
    assert colonnes_interdites(lecture.table) == []


# --- Through the door ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lots(dossier):
    return {source.id: lire(dossier, source) for source in ACTIVITE}


def charger(lots: dict[str, ingest.Chargement]) -> duckdb.DuckDBPyConnection:
    """A base as ingestion makes it, rules between tables applied."""
    con = duckdb.connect()
    con.execute("set threads = 1; create schema brut; create schema qualite")
    for source in ACTIVITE:
        ingest.ecrire_brut(con, source, [lots[source.id]])
    ingest.ecrire_qualite(con, list(lots.values()))
    regles.appliquer(con)
    return con


@pytest.fixture(scope="module")
def base(lots):
    con = charger(lots)
    yield con
    con.close()


def comptes(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, int]:
    """Rule → rows, over all the files."""
    colonne = "sum(lignes)" if table == "comptages" else "count(distinct (fichier, ligne))"
    return dict(con.execute(f"select regle, {colonne}::int from qualite.{table} group by regle").fetchall())


def test_every_row_read_is_loaded_or_rejected_as_the_truth_says(base, verite):
    lus = base.execute(
        "select source, lignes_lues, lignes_chargees, lignes_rejetees from qualite.fichiers"
    ).fetchall()
    assert len(lus) == len(ACTIVITE)
    for source, lues, chargees, rejetees in lus:
        assert lues == chargees + rejetees
        assert {"bonnes": chargees, "fautives": rejetees} == verite["tables"][source], source
        assert base.execute(f"select count(*) from brut.{source}").fetchone() == (chargees,)


def test_every_line_of_the_flat_export_is_read_or_set_aside_in_each_of_its_tables(lots, verite):
    for source in ("ccas_demandes", "ccas_decisions", "ccas_paiements"):
        qualite = lots[source].qualite
        assert qualite["lignes_lues"] + qualite["lignes_ecartees"] == verite["aides"]["lignes"] + 5


REJETS = {
    "date_illisible": "date attendue (jj/mm/aaaa ou aaaa-mm-jj)",
    "quartier_inconnu": "quartier inconnu : compléter [valeurs.quartier]",
    "numero_repris": "numéro de demande repris avec un autre contenu",
    "doublon": "doublon de la clé (demande, date_seance)",
    "seance_avant_demande": "séance avant la demande",
    "refus_avec_montant": "refus avec un montant accordé",
    "paiement_avant_demande": "paiement avant la demande",
    "paiement_superieur": "paiement supérieur au montant accordé",
    "validite_trop_longue": "validité de plus d'un an",
    "refus_avec_dates": "dates de validité sur un refus",
    "remise_en_double": "doublon de la clé (menage, date_remise, nature)",
    "appel_en_double": "doublon de la clé (appel, type_menage, motif_non_pourvue)",
    "nuits_sans_place": "nuitées attribuées à des demandes non pourvues",
    "service_en_double": "doublon de la clé (date_service, service_rendu, quartier)",
}
SIGNALEMENTS = {
    "accord_sans_montant": "accord sans montant accordé",
    "accorde_plus_que_demande": "montant accordé supérieur au montant demandé",
    "urgence_regularisee": "paiement avant la séance (urgence régularisée ensuite)",
    "couple_deux_fois": (
        "même demande faite le même jour par deux personnes du ménage (couple compté deux fois ?)"
    ),
    "deux_quartiers": regles.DEUX_QUARTIERS.phrase,
    "charges_doubles": "charges supérieures au double des ressources",
    "renouvellement_en_premiere": (
        "première domiciliation d'une personne déjà domiciliée (renouvellement ?)"
    ),
    "presence_orpheline": regles.PRESENCE_ORPHELINE.phrase,
    "plus_de_passages": "plus de passages que de places",
}
COMPTAGES = {
    "ajournee_puis_accordee": regles.AJOURNEE_PUIS_ACCORDEE,
    "pret": regles.PRET,
    "autre_annee": regles.AUTRE_ANNEE,
    "renouvellement": regles.RENOUVELLEMENT,
    "ayants_droit": regles.AYANTS_DROIT,
    "radiee_en_cours": regles.RADIEE_EN_COURS,
    "autre_perimetre": regles.AUTRE_PERIMETRE,
}


def test_every_planted_error_is_sent_back_and_nothing_else_is(base, lots, verite):
    planted = verite["anomalies"]
    trouvees = comptes(base, "rejets")
    # the second request of a number used twice breaks the key too, as copied payments do
    del trouvees["doublon de la clé (demande)"]
    del trouvees["doublon de la clé (demande, date_paiement, montant)"]
    [public] = [regle for regle in trouvees if regle.endswith("compléter [valeurs.public]")]
    assert trouvees.pop(public) == planted["public_inconnu"]
    assert trouvees == {phrase: planted[nom] for nom, phrase in REJETS.items()}
    restes = pd.concat([lot.non_mappees for lot in lots.values()])
    assert sorted(restes[["colonne", "valeur", "lignes"]].values.tolist()) == [
        ["public", PUBLIC_INCONNU, planted["public_inconnu"]],
        ["quartier", QUARTIER_INCONNU, planted["quartier_inconnu"]],
    ]


def test_every_planted_oddity_is_flagged_and_nothing_else_is(base, verite):
    planted = verite["anomalies"]
    trouvees = comptes(base, "a_verifier")
    assert trouvees.pop(regles.DEUX_MENAGES.phrase) == planted["deux_menages"] + planted["enfant_deux_foyers"]
    # the answers to the requests sent back
    assert trouvees.pop(regles.DECISION_ORPHELINE.phrase) == verite["comptages"]["decision_orpheline"]
    assert trouvees.pop(regles.PAIEMENT_ORPHELIN.phrase) == verite["comptages"]["paiement_orphelin"]
    assert trouvees == {phrase: planted[nom] for nom, phrase in SIGNALEMENTS.items()}


def test_persons_who_may_be_one_are_a_list_that_somebody_can_read(base, verite):
    [(paires, motifs)] = base.execute(
        "select count(*), count(distinct motif) from qualite.rapprochements"
    ).fetchall()
    # what is written of one person in two ways has one pseudonym, and is no pair
    assert verite["anomalies"]["variante_du_nom"] > paires
    assert 0 < paires < verite["aides"]["personnes"] / 100 and motifs > 1


def test_what_is_counted_in_a_way_of_its_own_is_told(base, verite):
    attendus = {regle.phrase: verite["comptages"][nom] for nom, regle in COMPTAGES.items()}
    assert comptes(base, "comptages") == attendus
    assert min(attendus.values()) > 5


def test_every_mistake_is_planted_and_has_its_rule(verite):
    sans_regle = {"variante_du_nom", "public_inconnu", "deux_menages", "enfant_deux_foyers"}
    assert set(verite["anomalies"]) == set(ANOMALIES) == set(REJETS) | set(SIGNALEMENTS) | sans_regle
    assert min(verite["anomalies"].values()) >= 4


def test_what_is_loaded_is_what_the_truth_says(base, verite):
    dit = verite["aides"]
    demandes = base.execute("select * from brut.ccas_demandes").df()
    assert demandes["personne"].nunique() == dit["personnes"]
    assert demandes["menage"].nunique() == dit["menages"]
    annees = demandes["date_demande"].dt.year.value_counts().items()
    assert {str(annee): combien for annee, combien in annees} == dit["par_annee"]
    for colonne in ("motif", "type_menage", "sexe"):
        assert demandes[colonne].value_counts().to_dict() == dit[f"par_{colonne}"]
    quartiers = {CODES_QUARTIERS[nom]: compte for nom, compte in dit["par_quartier"].items()}
    assert demandes["quartier"].value_counts().to_dict() == quartiers


def test_the_table_of_requests_gives_their_last_answer_and_aid_without_loans(base, verite):
    base.execute(
        "create schema if not exists socle;"
        "create or replace table socle.territoires as select '98817' as territoire, 'etude' as role"
    )
    sql = (Path(regles.__file__).parent / "sql" / "aides_demandes.sql").read_text(encoding="utf-8")
    lus = base.execute(f"select * from ({sql})").df()
    dit = verite["aides"]
    assert lus["decision"].value_counts().to_dict() == dit["par_decision"]
    montants = lus.groupby("millesime")["montant"].sum()
    assert {str(annee): int(somme) for annee, somme in montants.items()} == dit["montant"]
    assert sum(dit["montant_prets"].values()) > 0


def test_spelling_variants_are_still_one_person_and_homonyms_stay_apart(base, verite):
    # `personnes` counts names and birth dates before any was spelt another way
    assert verite["anomalies"]["variante_du_nom"] > 50
    assert verite["aides"]["homonymes"] > 0
    lues = base.execute("select count(distinct personne) from brut.ccas_demandes").fetchone()
    assert lues == (verite["aides"]["personnes"],)


def test_a_person_is_the_same_in_the_three_files_where_she_is(base):
    # the extraction of users writes in capitals, the workbook as the export does
    def communes(table: str) -> int:
        requete = (
            f"select count(distinct personne) from brut.{table} semi join brut.ccas_demandes using (personne)"
        )
        return base.execute(requete).fetchone()[0]

    demandeurs = base.execute("select count(distinct personne) from brut.ccas_demandes").fetchone()[0]
    assert communes("ccas_personnes") == demandeurs
    assert communes("ccas_domiciliations") > 15
    assert communes("ccas_instructions") > 200


def test_a_household_is_the_same_in_every_file_where_it_is(base):
    for table in ("ccas_menages", "ccas_ressources", "ccas_accompagnements", "ccas_aide_alimentaire"):
        hors = base.execute(f"select count(*) from brut.{table} anti join brut.ccas_demandes using (menage)")
        assert hors.fetchone()[0] <= 3, table  # those whose only requests were sent back


def test_no_identity_goes_through_the_door(lots):
    tout = "".join(lot.table.to_csv() + lot.rejets.to_csv() + str(lot.qualite) for lot in lots.values())
    invention = fiction(menages=900)
    menages = inventer_menages(invention)
    personnes = inventer_personnes(invention, menages)
    noms = " ".join([*personnes["nom"], *personnes["prenom"], *menages["foyer"]]).casefold()
    interdits = {*re.findall(r"\w+", noms), "zorglube", "blorptague", "krobuz"} - {"d"}
    assert len(interdits) > 1_000
    assert not interdits & set(re.findall(r"\w+", tout.casefold()))


@pytest.fixture(scope="module")
def propre(tmp_path_factory):
    """The same deposit without a single mistake."""
    chemin = tmp_path_factory.mktemp("propre")
    verite = generer(chemin, fiction(menages=400, anomalies={}))
    return verite, charger({source.id: lire(chemin, source) for source in ACTIVITE})


def test_a_clean_deposit_raises_no_alarm(propre):
    verite, con = propre
    assert set(verite["anomalies"].values()) == {0}
    assert comptes(con, "rejets") == {}
    assert comptes(con, "a_verifier") == {}
    assert con.execute("select count(*) from qualite.non_mappees").fetchone() == (0,)


def test_a_clean_deposit_is_still_told_how_it_is_counted(propre):
    verite, con = propre
    assert comptes(con, "comptages") == {
        regle.phrase: verite["comptages"][nom] for nom, regle in COMPTAGES.items()
    }


@pytest.mark.parametrize(
    "anomalie",
    [
        "date_illisible",
        "doublon",
        "paiement_superieur",
        "couple_deux_fois",
        "variante_du_nom",
        "refus_avec_montant",
    ],
)
def test_each_mistake_comes_at_the_rate_asked(anomalie):
    aides = inventees(600, anomalies={anomalie: 0.02})
    lignes = len(aides.lignes) - len(aides.anomalies["couple_deux_fois"])
    plantees = {nom: len(rangs) for nom, rangs in aides.anomalies.items()}
    assert plantees == dict.fromkeys(plantees, 0) | {anomalie: int(0.02 * lignes + 0.5)}


@pytest.mark.parametrize("anomalie", ["deux_quartiers", "deux_menages"])
def test_households_with_a_mistake_come_at_the_rate_asked(anomalie):
    aides = inventees(600, anomalies={anomalie: 0.05})
    assert len(set(aides.anomalies[anomalie])) == 600 * 0.05


def test_no_line_has_two_mistakes():
    aides = inventees(900)
    lignes = [rang for nom, rangs in aides.anomalies.items() if nom in REJETS for rang in rangs]
    assert len(set(lignes)) == len(lignes)
    touches = aides.demandes.loc[aides.lignes.loc[lignes, "demande"], "menage"]
    assert not set(touches) & {*aides.anomalies["deux_quartiers"], *aides.anomalies["deux_menages"]}


def test_one_quartier_is_too_few_to_move():
    aides = inventees(200, quartiers={"Plum": 1})
    assert len(aides.anomalies["deux_quartiers"]) == 0


# --- What is invented ------------------------------------------------------------------------------


def test_codes_of_the_software_are_codes_of_the_tables():
    for source in ACTIVITE:
        export = EXPORTS[source.id]
        for nom, codes in export.codes.items():
            for controle in source.schema.columns[nom].checks:
                if controle.name == "isin":
                    assert set(codes.values()) <= set(controle.statistics["allowed_values"])


def test_households_make_one_to_six_requests():
    par_menage = inventees(900, anomalies={}).demandes.groupby("foyer").size()
    assert (par_menage.min(), par_menage.max(), len(par_menage)) == (1, 6, 900)


def test_quartiers_come_in_proportion_to_their_population():
    menages = inventer_menages(fiction(menages=20_000))
    parts = menages["quartier"].value_counts(normalize=True)
    for nom, poids in QUARTIERS.items():
        attendue = poids / sum(QUARTIERS.values())
        assert abs(parts[nom] - attendue) < 4 * (attendue * (1 - attendue) / 20_000) ** 0.5


def test_food_is_what_most_requests_are_for():
    parts = inventees(6_000).demandes["motif"].value_counts(normalize=True)
    assert abs(parts["alimentaire"] - 0.64) < 0.02
    assert abs(parts["energie"] - 0.10) < 0.02


def test_requests_rise_after_the_break_and_not_without_one():
    def hausse(**changements: object) -> float:
        jours = inventees(6_000, **changements).demandes["date_demande"]
        return (
            jours.between("2024-06-01", "2024-12-31").sum() / jours.between("2023-06-01", "2023-12-31").sum()
        )

    assert 1.35 < hausse() < 1.65
    assert 0.9 < hausse(rupture=None) < 1.1


def test_requests_are_made_on_working_days_within_the_years():
    jours = inventees(900, anomalies={}).demandes["date_demande"]
    assert jours.dt.day_of_week.max() <= 4
    assert set(jours.dt.year) == set(ANNEES)
    assert jours.is_monotonic_increasing


@pytest.fixture(scope="module")
def lignes():
    """Lines of a clean export, with their request."""
    aides = inventees(900, anomalies={})
    return aides.lignes.join(aides.demandes, on="demande")


def test_dates_follow_each_other_and_stop_with_the_last_year(lignes):
    rendues = lignes[lignes["date_seance"].notna()]
    assert (rendues["date_seance"] >= rendues["date_demande"]).all()
    payees = lignes[lignes["date_paiement"].notna()]
    assert (payees["date_paiement"] > payees["date_seance"]).all()
    assert lignes[["date_seance", "date_paiement"]].max().max() <= pd.Timestamp(2025, 12, 31)
    assert lignes.loc[lignes["date_seance"].isna(), "decision"].isna().all()


def test_a_request_adjourned_is_examined_again_later(lignes):
    deux_fois = lignes[lignes["demande"].duplicated(keep=False)]
    premieres = deux_fois.drop_duplicates("demande")
    secondes = deux_fois.drop_duplicates("demande", keep="last").set_index("demande")
    assert len(premieres) > 30
    assert set(premieres["decision"]) == {"ajournement"}
    assert (secondes.loc[premieres["demande"], "date_seance"].to_numpy() > premieres["date_seance"]).all()
    assert deux_fois.groupby("demande").size().max() == 2


def test_delays_are_skewed_to_the_right():
    aides = inventees(3_000, anomalies={})
    premieres = aides.lignes.drop_duplicates("demande").set_index("demande")
    jours = (premieres["date_seance"] - aides.demandes["date_demande"]).dt.days.dropna()
    assert jours.median() < jours.mean() < jours.quantile(0.9)
    assert jours.max() > 60


def test_only_granted_requests_have_an_amount_and_never_above_what_was_asked(lignes):
    accordees = lignes["decision"].isin(["accord", "accord_partiel"])
    assert (lignes["montant_accorde"].notna() == accordees).all()
    assert (lignes.loc[accordees, "montant_accorde"] <= lignes.loc[accordees, "montant_demande"]).all()
    partiels = lignes[lignes["decision"] == "accord_partiel"]
    assert (partiels["montant_accorde"] < partiels["montant_demande"]).all()


def test_a_household_has_one_or_two_adults_of_age_and_children_who_are_not():
    invention = fiction(menages=900)
    menages = inventer_menages(invention)
    personnes = inventer_personnes(invention, menages)
    assert set(personnes.groupby("menage").size()) == {1, 2}
    assert personnes["naissance"].max() < pd.Timestamp(2023 - 18, 1, 1)
    seuls = menages.index[menages["type_menage"].isin(["personne_seule", "famille_monoparentale"])]
    assert (personnes[personnes["menage"].isin(seuls)].groupby("menage").size() == 1).all()
    enfants = inventer_enfants(invention, menages, personnes)
    avec = menages.loc[enfants["menage"].unique(), "type_menage"]
    assert set(avec) == {"famille_monoparentale", "couple_avec_enfants"}
    parents = personnes["naissance"].to_numpy()[enfants["menage"]]
    assert ((enfants["naissance"].to_numpy() - parents).astype("timedelta64[D]").astype(int) > 15 * 365).all()


def test_nobody_has_the_name_and_birth_date_of_another():
    invention = fiction(menages=30_000)
    personnes = inventer_personnes(invention, inventer_menages(invention))
    assert not personnes.duplicated(["nom", "prenom", "naissance"]).any()


def test_elections_last_a_year_and_renewals_follow_on():
    elections = inventer(fiction(anomalies={})).tables["ccas_domiciliations"]
    accordees = elections[elections["decision"] == "accord"].sort_values(["nom", "prenom", "date_debut"])
    assert ((accordees["date_fin"] - accordees["date_debut"]).dt.days.between(364, 365)).all()
    renouvelees = accordees[accordees["nature"] == "renouvellement"]
    veilles = accordees["date_fin"].shift() + pd.Timedelta(days=1)
    assert len(renouvelees) > 5
    assert (veilles[renouvelees.index] == renouvelees["date_debut"]).all()


def test_the_aids_of_the_budget_are_those_paid():
    invention = inventer(fiction(anomalies={}))
    budget = invention.tables["ccas_budget"].query("chapitre == 'aides'").set_index("exercice")["execute"]
    lignes = invention.aides.lignes.query("annule == 'non'")
    payes = lignes.groupby(lignes["date_paiement"].dt.year)["montant_paye"].sum()
    assert budget.to_dict() == payes.astype(float).to_dict()


def test_amounts_follow_the_currency(tmp_path):
    invention = fiction(monnaie="€", pas=5)
    ecrire_aides(tmp_path / AIDES, invention, inventees(300, monnaie="€", pas=5))
    table = lire_csv(tmp_path / AIDES, ("Montant demandé",)).table
    assert table["Montant demandé"].str.endswith(" €").all()
    assert en_nombre(table["Montant demandé"])[0].median() < 400


# --- The demonstration -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    edition = lire_edition("mont-dore/2026")
    return edition, ecrire_depot(edition, tmp_path_factory.mktemp("demonstration"), 900, 2026)


def test_the_demonstration_deposit_has_the_quartiers_of_the_edition_and_its_population(demonstration):
    edition, chemins = demonstration
    assert [chemin.name for chemin in chemins] == [*FICHIERS, VERITE]
    table = lire_csv(chemins[0], ("Quartier", "Date demande")).table
    assert {quartier.nom for quartier in edition.quartiers} == set(table["Quartier"]) - {QUARTIER_INCONNU}
    # Robinson is the most populous (5,408 inhabitants of 27,620), La Lembi the least (411).
    comptes = table["Quartier"].value_counts()
    assert comptes.index[0] == "Robinson"
    assert comptes.drop(QUARTIER_INCONNU).index[-1] == "La Lembi-Grand sud-Ile Ouen"
    assert set(en_date(table["Date demande"])[0].dt.year.dropna()) == {2023, 2024, 2025}


def contenu(chemin: Path) -> object:
    """A file's bytes; a workbook's members, which another library may compress otherwise."""
    if chemin.suffix != ".xlsx":
        return chemin.read_bytes()
    with zipfile.ZipFile(chemin) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist() if nom.startswith("xl/worksheets")}


def test_the_deposit_kept_with_the_edition_is_the_one_that_is_written_again(demonstration):
    edition, chemins = demonstration
    for chemin in chemins:
        assert contenu(chemin) == contenu(edition.dossier / "depots" / chemin.name)


def test_the_deposit_of_the_edition_before_is_the_same_requests_as_they_were_known_a_year_earlier(
    tmp_path, demonstration
):
    _, chemins = demonstration
    avant = lire_edition("mont-dore/2025")
    [extrait] = ecrire_extrait(avant, lire_edition("mont-dore/2026"), tmp_path, 900, 2026)
    assert extrait.read_bytes() == (avant.dossier / "depots" / extrait.name).read_bytes()
    colonnes = ("N° dossier", "Date demande", "Date commission", "Décision", "Date mandat", "Montant mandaté")
    ancien, recent = (lire_csv(chemin, colonnes).table for chemin in (extrait, chemins[0]))
    # no request and no decision of 2025, an impossible date included
    for nom in ("Date demande", "Date commission", "Date mandat"):
        assert set(ancien[nom].dropna().str[-4:]) == {"2023", "2024"}
    # every request of the two years is there, and those decided since were still waiting
    des_deux_ans = recent[recent["Date demande"].str[-4:] <= "2024"]
    assert set(ancien["N° dossier"]) == set(des_deux_ans["N° dossier"])
    attente = set(ancien.loc[ancien["Décision"] == EN_ATTENTE, "N° dossier"])
    decidees_apres = set(des_deux_ans.loc[des_deux_ans["Date commission"].str[-4:] == "2025", "N° dossier"])
    assert decidees_apres and attente <= decidees_apres
    assert (
        ancien.loc[ancien["Décision"] == EN_ATTENTE, ["Date commission", "Montant mandaté"]]
        .isna()
        .all()
        .all()
    )


def test_the_edition_declares_the_tables_as_the_software_shows_them(demonstration):
    edition, _ = demonstration
    declares = {fichier.source: fichier for fichier in edition.fichiers if fichier.source in EXPORTS}
    assert set(declares) == set(EXPORTS)
    quartiers = {quartier.nom: quartier.code for quartier in edition.quartiers}
    for source, export in EXPORTS.items():
        lu = declares[source]
        assert (lu.chemin, lu.colonnes, lu.fictif) == (f"depots/{export.fichier}", export.colonnes, True)
        valeurs = {nom: dict(codes) for nom, codes in export.codes.items()}
        if "quartier" in export.colonnes:
            valeurs["quartier"] = quartiers
        if "dispositif" in export.colonnes:
            valeurs["dispositif"] = dict(fiction().dispositifs)
        assert lu.valeurs == valeurs


@pytest.mark.lent
def test_a_hundred_thousand_households_keep_the_truth(tmp_path):
    invention = fiction(menages=100_000)
    aides = inventees(100_000)
    ecrire_aides(tmp_path / AIDES, invention, aides)
    lecture = lire_csv(tmp_path / AIDES, ("N° dossier",))
    assert len(lecture.table) == len(aides.lignes) + len(aides.anomalies["doublon"])
    assert (
        lecture.table["N° dossier"].nunique()
        == len(aides.demandes) - len(aides.anomalies["numero_repris"]) // 2
    )
