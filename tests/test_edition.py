"""What a person writes in `edition.toml`: read as it is, or refused with one French sentence."""

import datetime
import re

import pytest
from conftest import texte_edition

from pipeline.edition import PROFILS, lire_edition, lire_profil
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur

TEXTE = """\
[edition]
titre = "Analyse des besoins sociaux"
redaction = "CCAS du Mont-Dore"
profil = "nouvelle_caledonie"
comparateurs = ["988-sud", "988"]

[territoire]
code = "98817"
nom = "Le Mont-Dore"

[[quartiers]]
code = "98817-plum"
nom = "Plum"
tuile = [1, 2]

[[quartiers]]
code = "98817-robinson"
nom = "Robinson"
tuile = [3, 2]

[[fichiers]]
source = "ccas_aides"
chemin = "depots/aides.csv"
depose_par = "Accueil"
depose_le = 2026-01-15
exercices = [2024, 2025]

[fichiers.colonnes]
motif = "Nature"

[fichiers.valeurs.motif]
"Loyer" = "logement"
"""


def refus(ouvrir, texte):
    with pytest.raises(ErreurUtilisateur) as erreur:
        ouvrir(texte)
    return str(erreur.value)


def une_phrase(message):
    """One French sentence: a capital or a path, a final period, none of the validator's English."""
    assert message.endswith(".")
    assert "\n" not in message
    assert not re.search(r"\b(should|input|valid|must|field|type)\b", message, re.IGNORECASE), message
    return True


def test_an_edition_is_what_its_file_says(ouvrir, tmp_path):
    edition = ouvrir(TEXTE)
    assert (edition.nom, edition.annee, edition.territoire.code) == ("essai/2026", 2026, "98817")
    assert [quartier.nom for quartier in edition.quartiers] == ["Plum", "Robinson"]
    assert edition.quartiers[1].tuile == (3, 2)
    assert edition.edition.comparateurs == ("988-sud", "988")
    [fichier] = edition.fichiers
    assert fichier.depose_le == datetime.date(2026, 1, 15)
    assert fichier.exercices == (2024, 2025)
    assert fichier.valeurs == {"motif": {"Loyer": "logement"}}
    assert not fichier.fictif


def test_every_folder_follows_from_the_name(ouvrir, tmp_path):
    edition = ouvrir(TEXTE)
    assert edition.dossier == tmp_path / "data" / "raw" / "essai" / "2026"
    assert edition.traitement == tmp_path / "data" / "processed" / "essai" / "2026"
    assert edition.rapports == tmp_path / "reports" / "essai" / "2026"
    assert edition.chemin(edition.fichiers[0]) == (edition.dossier / "depots" / "aides.csv").resolve()


def test_files_are_found_by_their_source(ouvrir):
    deux = TEXTE + '[[fichiers]]\nsource = "isee_superficie"\nchemin = "../../isee/isee_superficie.csv"\n'
    edition = ouvrir(deux)
    assert [f.chemin for f in edition.fichiers_de("isee_superficie")] == ["../../isee/isee_superficie.csv"]
    assert edition.fichiers_de("inconnue") == ()
    assert (
        edition.chemin(edition.fichiers[1]) == edition.racine.resolve() / "data/raw/isee/isee_superficie.csv"
    )


@pytest.mark.parametrize("nom", ["mont-dore", "2026", "", "/", "mont-dore/", "mont-dore/deux", "a/b/2026"])
def test_the_name_of_an_edition_is_a_territory_and_a_year(nom, tmp_path):
    with pytest.raises(ErreurUtilisateur, match=re.escape(f"« {nom} »")) as erreur:
        lire_edition(nom, tmp_path)
    assert "<territoire>/<annee>" in str(erreur.value)


def test_an_edition_that_is_not_there_says_how_to_open_one(tmp_path):
    with pytest.raises(ErreurUtilisateur, match=r"essai/2026/edition\.toml est introuvable") as erreur:
        lire_edition("essai/2026", tmp_path)
    assert une_phrase(str(erreur.value))


@pytest.mark.parametrize(
    ("avant", "apres", "champ", "valeur"),
    [
        # missing
        ('titre = "Analyse des besoins sociaux"\n', "", "edition › titre", "obligatoire"),
        ('nom = "Le Mont-Dore"\n', "", "territoire › nom", "obligatoire"),
        ('nom = "Robinson"\n', "", "quartiers › 2 › nom", "obligatoire"),
        ("tuile = [3, 2]", "tuile = [3]", "quartiers › 2 › tuile › 2", "obligatoire"),
        ('source = "ccas_aides"\n', "", "fichiers › 1 › source", "obligatoire"),
        ('[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n', "", "territoire", "obligatoire"),
        ('nom = "Robinson"', 'nom = ""', "quartiers › 2 › nom", "est vide"),
        # unknown
        ('titre = "Ana', 'titer = "x"\ntitre = "Ana', "edition › titer", "faute de frappe"),
        ('chemin = "depots/aides.csv"', 'chemin = "a"\nsha = "b"', "fichiers › 1 › sha", "« b »"),
        ("[territoire]", "[nouveau]\n[territoire]", "nouveau", "faute de frappe"),
        # not one of those that it may be
        ('titre = "Ana', 'exercice = "civile"\ntitre = "Ana', "edition › exercice",
         "doit être « demande » ou « seance » : « civile »"),
        # what the report would take for something else
        ('nom = "Robinson"', 'nom = "Robinson | Nord"', "quartiers › 2 › nom", "« | », signe réservé"),
        ('nom = "Robinson"', 'nom = "Robinson\\nNord"', "quartiers › 2 › nom", "sur une ligne"),
        ('depose_par = "Accueil"', 'depose_par = "[Accueil]"', "fichiers › 1 › depose_par", "« [ », signe réservé"),
        ('depose_par = "Accueil"', 'depose_par = "A\\nB"', "fichiers › 1 › depose_par", "sur une ligne"),
        # wrong type
        ('code = "98817"\n', "code = 98817\n", "territoire › code", "« 98817 »"),
        ("tuile = [3, 2]", 'tuile = ["trois", 2]', "quartiers › 2 › tuile › 1", "« trois »"),
        ("tuile = [3, 2]", "tuile = [3.5, 2]", "quartiers › 2 › tuile › 1", "« 3.5 »"),
        ("tuile = [3, 2]", "tuile = [3, 2, 1]", "quartiers › 2 › tuile", "[3, 2, 1]"),
        ("tuile = [3, 2]", "tuile = 3", "quartiers › 2 › tuile", "« 3 »"),
        ("tuile = [3, 2]", "tuile = [-1, 2]", "quartiers › 2 › tuile › 1", "« -1 »"),
        ("tuile = [3, 2]", "tuile = [0, 2]", "quartiers › 2 › tuile › 1", "trop petit : « 0 »"),
        ("tuile = [3, 2]", "tuile = [3, 500]", "quartiers › 2 › tuile › 2", "trop grand : « 500 »"),
        ('comparateurs = ["988-sud", "988"]', 'comparateurs = "988"', "edition › comparateurs", "« 988 »"),
        ('comparateurs = ["988-sud", "988"]', "comparateurs = [988]", "edition › comparateurs › 1", "« 988 »"),
        ("depose_le = 2026-01-15", 'depose_le = "hier"', "fichiers › 1 › depose_le", "« hier »"),
        ("depose_le = 2026-01-15", "depose_le = 2026-01-15T10:00:00", "fichiers › 1 › depose_le", "sans heure"),
        ("exercices = [2024, 2025]", 'exercices = ["2024 ?"]', "fichiers › 1 › exercices › 1", "« 2024 ? »"),
        ("exercices = [2024, 2025]", "exercices = [20255]", "fichiers › 1 › exercices › 1", "« 20255 »"),
        ("exercices = [2024, 2025]", 'fictif = "peut-être"', "fichiers › 1 › fictif", "« peut-être »"),
        ("exercices = [2024, 2025]", 'sha256 = "abc"', "fichiers › 1 › sha256", "« abc »"),
        ("exercices = [2024, 2025]", f'sha256 = "{"G" * 64}"', "fichiers › 1 › sha256", "G" * 64),
        ('[fichiers.colonnes]\nmotif = "Nature"', 'colonnes = "Nature"', "fichiers › 1 › colonnes", "« Nature »"),
        ("valeurs.motif]\n\"Loyer\"", "valeurs]\nmotif", "fichiers › 1 › valeurs › motif", "« logement »"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_file_its_field_and_its_value(ouvrir, avant, apres, champ, valeur):
    assert avant in TEXTE
    message = refus(ouvrir, TEXTE.replace(avant, apres, 1))
    assert "essai/2026/edition.toml" in message
    assert f"« {champ} »" in message
    assert valeur in message
    assert une_phrase(message)


def test_a_request_is_of_the_year_it_was_made_unless_the_edition_says_of_its_sitting(ouvrir):
    assert ouvrir(TEXTE).edition.exercice == "demande"
    autre = TEXTE.replace('titre = "Ana', 'exercice = "seance"\ntitre = "Ana')
    assert ouvrir(autre).edition.exercice == "seance"


def test_what_is_counted_by_sitting_says_so_with_every_figure_made_of_requests(ouvrir):
    autre = TEXTE.replace('titre = "Ana', 'exercice = "seance"\ntitre = "Ana')
    dites = {
        exercice: {i.id: i.caveat for chapitre in chapitres_de(lue.profil) for i in chapitre.indicators}
        for exercice, lue in (("demande", ouvrir(TEXTE)), ("seance", ouvrir(autre)))
    }
    changees = {nom for nom, dit in dites["seance"].items() if dit != dites["demande"][nom]}
    assert {"demandes", "menages_demandeurs", "taux_accord", "montant_accorde"} <= changees
    assert all("ne compte dans aucune année" in dites["seance"][nom] for nom in changees)
    # what is to beware of in an indicator that bears the name of a table is no matter of the others of that table
    propre = "n'est publiée avec les populations de référence"
    assert propre in dites["demande"]["population"] and propre not in dites["demande"]["densite"]
    # sittings are counted by sitting in any case, and inhabitants by census
    assert not {"seances", "part_decisions", "population"} & changees


def test_all_the_mistakes_are_told_at_once_each_with_its_place(ouvrir):
    message = refus(ouvrir, TEXTE.replace('nom = "Le Mont-Dore"', "nom = 1\nmaire = 2"))
    assert "edition.toml, 2 erreurs : 1) le champ « territoire › nom » doit être un texte" in message
    assert "2) le champ « territoire › maire »" in message
    assert une_phrase(message)


def test_what_is_wrong_between_fields_is_told_at_once_too(ouvrir):
    faux = TEXTE.replace("98817-robinson", "98817-plum").replace("tuile = [3, 2]", "tuile = [1, 2]")
    message = refus(ouvrir, faux + '[comparables]\n[[contours]]\nniveau = "rue"\nchemin = "a"\ncle = "b"\n')
    assert "4 erreurs : 1)" in message
    assert all(dit in message for dit in ("« 98817-plum »", "« tuile »", "« rue »", "[comparables]"))
    assert une_phrase(message)


def test_a_quartier_of_another_commune_is_told_with_its_code(ouvrir):
    message = refus(ouvrir, TEXTE.replace("98817-robinson", "98818-robinson"))
    assert (
        "« 98818-robinson » (quartier « Robinson ») est un code de la commune 98818, et non de 98817"
        in message
    )
    assert une_phrase(message)


def en_france(commune, *codes, iris=()):
    """An edition of a commune of France whose first quartier is made of the IRIS given, if any."""
    blocs = [f'[[quartiers]]\ncode = "{code}"\nnom = "Q{rang}"\n' for rang, code in enumerate(codes)]
    return "\n".join(
        [
            '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\ncomparateurs = []\n',
            f'[territoire]\ncode = "{commune}"\nnom = "Ici"\n',
            *blocs[:1],
            f"iris = {list(iris)}" if iris else "",
            *blocs[1:],
            '[[fichiers]]\nsource = "insee_bpe"\nchemin = "a.csv"\n',
        ]
    )


def test_an_iris_of_another_commune_is_told_even_within_a_list(ouvrir):
    message = refus(ouvrir, en_france("01053", "01053-centre", iris=("010530101", "010040102")))
    assert "« 010040102 » (quartier « Q0 ») est un code de la commune 01004, et non de 01053" in message


@pytest.mark.parametrize(
    ("commune", "code"),
    [
        ("01053", "010530101"),
        ("01053", "centre"),
        ("2A004", "2A0040101"),
        # an arrondissement of Paris; a commune that merged into the one under study on 1 January 2025
        ("75056", "751010101"),
        ("33008", "33409-bourg"),
    ],
)
def test_a_quartier_of_the_commune_or_of_what_it_is_made_of_is_accepted(ouvrir, commune, code):
    [quartier] = ouvrir(en_france(commune, code)).quartiers
    assert quartier.code == code


def test_beyond_ten_mistakes_the_others_are_counted(ouvrir):
    message = refus(ouvrir, "".join(f"faute_{rang} = {rang}\n" for rang in range(13)) + TEXTE)
    assert "13 erreurs : 1)" in message and "10) " in message and "11) " not in message
    assert message.endswith(" ; et 3 de plus.")


def test_a_mistake_in_the_only_file_does_not_make_its_list_too_short(ouvrir):
    assert refus(ouvrir, TEXTE.replace("depose_le = 2026-01-15", 'depose_le = "hier"')).endswith("« hier ».")


@pytest.mark.parametrize("nom", ["nom", "racine", "profil"])
def test_what_is_written_outside_of_its_table_is_told(ouvrir, nom):
    message = refus(ouvrir, f'{nom} = "Le Mont-Dore"\n' + TEXTE)
    assert f"le champ « {nom} » n'est pas dans sa table" in message
    assert une_phrase(message)


@pytest.mark.parametrize(
    ("avant", "apres", "champ"),
    [
        (TEXTE[TEXTE.index("[[fichiers]]") :], "", "fichiers"),
        ('[fichiers.valeurs.motif]\n"Loyer" = "logement"\n', "", "fichiers › 1 › valeurs"),
        ('[fichiers.colonnes]\nmotif = "Nature"', "", "fichiers › 1 › colonnes"),
        (TEXTE[TEXTE.index("[[quartiers]]") : TEXTE.index("[[fichiers]]")], "", "quartiers"),
    ],
)
def test_a_number_where_a_table_is_due_is_told(ouvrir, avant, apres, champ):
    dehors, _, dedans = champ.rpartition(" › ")
    texte = TEXTE.replace(avant, apres).replace('motif = "Nature"', 'quartier = "Nature"')
    faute = f"{dedans} = 3\n"
    message = refus(ouvrir, texte.replace("exercices", f"{faute}exercices") if dehors else faute + texte)
    assert f"« {champ} »" in message
    assert une_phrase(message)


def test_a_file_that_tells_quartiers_by_their_name_takes_the_edition_s_list(ouvrir):
    par_nom = TEXTE.replace('motif = "Nature"', 'quartier = "Secteur"')
    assert ouvrir(par_nom).fichiers[0].valeurs == {
        "motif": {"Loyer": "logement"},
        "quartier": {"Plum": "98817-plum", "Robinson": "98817-robinson"},
    }
    sa_liste = par_nom.replace("valeurs.motif]", "valeurs.quartier]")
    assert ouvrir(sa_liste).fichiers[0].valeurs == {"quartier": {"Loyer": "logement"}}


def test_a_right_checksum_is_kept(ouvrir):
    edition = ouvrir(TEXTE.replace("exercices = [2024, 2025]", f'sha256 = "{"0f" * 32}"'))
    assert edition.fichiers[0].sha256 == "0f" * 32


def test_a_quartier_is_declared_once(ouvrir):
    message = refus(ouvrir, TEXTE.replace("98817-robinson", "98817-plum"))
    assert "« 98817-plum »" in message
    assert une_phrase(message)


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ('nom = "Robinson"', 'nom = "Plum"', "deux quartiers se nomment « Plum »"),
        ('["988-sud", "988"]', '["988-sud", "988", "988"]', "« 988 » est déclaré deux fois"),
        ('["988-sud", "988"]', '["98817", "988"]', "« 98817 », la commune ou l'un de ses quartiers"),
        (
            '["988-sud", "988"]',
            '["98817-plum", "988"]',
            "« 98817-plum », la commune ou l'un de ses quartiers",
        ),
    ],
)
def test_a_place_has_one_name_and_one_part_in_the_edition(ouvrir, avant, apres, dit):
    assert avant in TEXTE
    assert dit in refus(ouvrir, TEXTE.replace(avant, apres, 1))


def test_a_file_that_the_notepad_has_saved_is_read(ouvrir):
    # Windows writes a mark at the beginning of what it saves in UTF-8
    assert ouvrir("\ufeff" + TEXTE).territoire.nom == "Le Mont-Dore"


def test_the_communes_shown_in_detail_are_those_of_a_comparator(ouvrir):
    assert ouvrir(TEXTE.replace('profil = "n', 'detail = "988-sud"\nprofil = "n')).edition.detail == "988-sud"
    message = refus(ouvrir, TEXTE.replace('profil = "n', 'detail = "988-nord"\nprofil = "n'))
    assert "« 988-nord », qui n'est pas parmi les comparateurs" in message
    assert une_phrase(message)


def test_two_quartiers_do_not_share_a_tile(ouvrir):
    message = refus(ouvrir, TEXTE.replace("tuile = [3, 2]", "tuile = [1, 2]"))
    assert "« tuile »" in message
    assert une_phrase(message)


def test_an_edition_without_any_file_is_refused(ouvrir):
    sans = "fichiers = []\n" + TEXTE.partition("[[fichiers]]")[0]
    assert "« fichiers »" in refus(ouvrir, sans)
    assert "« fichiers » est obligatoire" in refus(ouvrir, sans.removeprefix("fichiers = []\n"))


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        ('profil = "nouvelle_caledonie"\n', ""),
        ('profil = "nouvelle_caledonie"', "profil = 988"),
        (TEXTE.partition("[territoire]")[0], 'edition = "2026"\n'),
        (TEXTE.partition("[territoire]")[0], ""),
    ],
)
def test_the_header_names_its_profile(ouvrir, avant, apres):
    message = refus(ouvrir, TEXTE.replace(avant, apres, 1))
    assert "edition.toml" in message
    assert "profil" in message
    assert une_phrase(message)


def test_an_unknown_profile_is_named_with_those_that_exist(ouvrir):
    message = refus(ouvrir, TEXTE.replace("nouvelle_caledonie", "belgique"))
    assert "« belgique »" in message
    assert "france, nouvelle_caledonie" in message


def test_what_is_no_toml_says_on_which_line(ouvrir):
    message = refus(ouvrir, TEXTE.replace('nom = "Plum"', "nom = Plum"))
    assert "edition.toml n'est pas un fichier TOML valide" in message
    assert "ligne 13, colonne 7" in message
    assert une_phrase(message)


def test_what_is_not_utf_8_is_to_be_saved_again(ouvrir):
    with pytest.raises(ErreurUtilisateur, match=r"edition\.toml n'est pas en UTF-8"):
        ouvrir(TEXTE.replace("Analyse", "Évaluation").encode("cp1252"))


# --- Profiles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("nom", sorted(fichier.stem for fichier in PROFILS.glob("*.toml")))
def test_every_profile_can_be_read_and_is_complete(nom):
    profil = lire_profil(nom)
    assert profil.secret.seuil >= 3
    assert profil.cadre.texte.strip().endswith(".")
    niveaux = [niveau.id for niveau in profil.niveaux]
    assert len(set(niveaux)) == len(niveaux)
    assert {"quartier", "commune", "pays"} <= set(niveaux)
    assert all(sens.endswith(".") for sens in profil.glossaire.values())


def test_the_censuses_of_new_caledonia_are_dated_in_order():
    dates = lire_profil("nouvelle_caledonie").recensement.dates
    assert [date.date.year for date in dates] == [date.millesime for date in dates]
    assert sorted(date.millesime for date in dates) == [date.millesime for date in dates]


def test_vintages_of_the_french_census_compare_at_five_years_at_least():
    recensement = lire_profil("france").recensement
    assert (recensement.mode, recensement.ecart_minimal) == ("glissant", 5)
    assert lire_profil("nouvelle_caledonie").recensement.mode == "exhaustif"


def test_new_caledonia_and_france_differ_in_law_and_currency():
    caledonie, france = lire_profil("nouvelle_caledonie"), lire_profil("france")
    assert (caledonie.monnaie.symbole, france.monnaie.symbole) == ("F CFP", "€")
    assert "ne s'applique pas" in caledonie.cadre.texte
    assert "impose" in france.cadre.texte


RUPTURE = """
[[ruptures]]
annee = 2023.5
libelle = "nouveau logiciel"
series = ["activite"]
explication = "Le logiciel a changé en juillet 2023."
"""


def test_an_edition_has_the_breaks_of_its_profile_and_its_own(ouvrir):
    edition = ouvrir(texte=texte_edition() + RUPTURE)
    assert [rupture.libelle for rupture in edition.ruptures_declarees] == ["mai 2024", "nouveau logiciel"]


def test_a_break_of_an_unknown_series_is_refused(ouvrir):
    with pytest.raises(ErreurUtilisateur, match=r"ruptures.*série"):
        ouvrir(texte=texte_edition() + RUPTURE.replace('"activite"', '"série"'))
