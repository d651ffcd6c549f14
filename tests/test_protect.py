"""What the publication of the shipped edition lets a reader compute: an attack on the figures as they are printed.

The attacker reads `publication.indicateurs` and reasons on the columns that indicators are made of: an unknown
number in each, never negative; what a printed row gives; parts that add up to a whole. Nothing of the module is
used but its lists of what is public and of what counts no heads, and what definitions say that counts have to do
with one another.
"""

from collections import defaultdict

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import RACINE
from livree import EDITION
from scipy import sparse
from scipy.optimize import linprog

from pipeline import comptes, protect, quantites, transform
from pipeline.disclosure import Cellule
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.model import Share, Statut, colonnes

COMMUNE = "98817"
PAS_DES_TETES = {*quantites.PUBLIQUES, *quantites.PERSONNES_DERRIERE}


def colonnes_de(indicateur):
    """Columns of the numerator, then of the denominator."""
    mesure = indicateur.measure
    return colonnes(mesure.a), colonnes(mesure.of) if hasattr(mesure, "of") else ()


def personnels(profil):
    """Indicators of the activity that sum columns: medians are given over enough persons only."""
    series = transform.series()
    return [
        indicateur
        for chapitre in chapitres_de(profil)
        for indicateur in chapitre.indicators
        if series[indicateur.table] == "activite" and type(indicateur.measure).__name__ != "Published"
    ]


def _nom(cellule):
    """Column and group of a count that a definition names."""
    return cellule.mesure, cellule.croisement[0] if len(cellule.croisement) == 1 else cellule.croisement


class Attaque:
    """Everything that is printed, as equations between unknown counts (column, year, place, group)."""

    def __init__(self, con, edition, imprimes=(Statut.VALIDE, Statut.FRAGILE)):
        self.inconnues, self.vraies, self.equations, self.morceaux = {}, [], {}, {}
        self.lignes = con.execute("select * from publication.indicateurs").df().to_dict("records")
        parus = {ligne["indicateur"] for ligne in self.lignes}
        self.indicateurs = {i.id: i for i in personnels(edition.profil) if i.id in parus}
        self.seuil = edition.profil.secret.seuil
        for table in sorted({i.table for i in self.indicateurs.values()}):
            self._lire(con, table)
        self.lignes = [ligne for ligne in self.lignes if ligne["indicateur"] in self.indicateurs]
        for ligne in self.lignes:
            if ligne["statut"] == Statut.SECRET:
                self._ajouter_vides(ligne)
        self._additionner()
        for ligne in self.lignes:
            if ligne["statut"] in imprimes:
                self._imprimer(ligne)
        membres = sorted(self.equations)
        termes = [(rang, place, signe) for rang, e in enumerate(membres) for place, signe in e]
        lignes_, places, signes = np.array(termes).T
        self.matrice = sparse.csr_array((signes, (lignes_, places)), shape=(len(membres), len(self.vraies)))
        self.second = self.matrice @ np.array(self.vraies)

    def place(self, colonne, annee, lieu=COMMUNE, groupe=()):
        """Rank of an unknown; a column « …_ensemble » is the column summed over all its parts."""
        if colonne.endswith("_ensemble"):
            colonne, lieu, groupe = colonne.removesuffix("_ensemble"), COMMUNE, ()
        return self.inconnues.get((colonne, annee, lieu, groupe))

    def _lire(self, con, table):
        """True numbers of the columns that indicators of this table sum."""
        siens = [i for i in self.indicateurs.values() if i.table == table]
        axes = {i.by for i in siens}
        for ligne in con.execute(f"select * from socle.{table}").df().to_dict("records"):
            for axe in axes:
                for nom in {n for i in siens if i.by == axe for noms in colonnes_de(i) for n in noms}:
                    brute = nom.removesuffix("_redresses")
                    groupe = (axe, str(ligne[axe])) if axe else ()
                    self._poser(brute, ligne["millesime"], ligne["territoire"], groupe, ligne[brute])

    def _poser(self, colonne, annee, lieu, groupe, valeur):
        if colonne.endswith("_ensemble"):
            colonne, lieu, groupe = colonne.removesuffix("_ensemble"), COMMUNE, ()
        if pd.notna(valeur) and (colonne, annee, lieu, groupe) not in self.inconnues:
            self.inconnues[colonne, annee, lieu, groupe] = len(self.vraies)
            self.vraies.append(float(valeur))

    def _ou(self, ligne):
        """Year, place and group of a printed row."""
        axe = self.indicateurs[ligne["indicateur"]].by
        return ligne["millesime"], ligne["territoire"], (axe, ligne["groupe"]) if axe else ()

    def _ajouter_vides(self, ligne):
        """A hidden category may be empty: the table has no row of it."""
        for noms in colonnes_de(self.indicateurs[ligne["indicateur"]]):
            for nom in noms:
                self._poser(nom.removesuffix("_redresses"), *self._ou(ligne), 0)

    def _ecrire(self, termes):
        self.equations[tuple(sorted(termes))] = None

    def _ecart(self, valeur):
        """An unknown that is never negative: what a whole holds beyond a part."""
        self.vraies.append(valeur)
        return len(self.vraies) - 1

    def _additionner(self):
        """Places, then groups, add up to the commune, with what is in none of them; a part is within its whole."""
        parts = defaultdict(list)
        for (colonne, annee, lieu, groupe), place in self.inconnues.items():
            if lieu != COMMUNE:
                parts[colonne, annee, groupe, "lieux"].append(place)
            elif groupe:
                parts[colonne, annee, (), groupe[0]].append(place)
        for (colonne, annee, groupe, _), places in parts.items():
            tout = self.place(colonne, annee, groupe=groupe)
            if tout is None:
                continue
            reste = self.vraies[tout] - sum(self.vraies[place] for place in places)
            if reste > -0.5:
                manque = [(self._ecart(reste), 1)] if reste > 0.5 else []
                self._ecrire([*((place, 1) for place in places), *manque, (tout, -1)])
        for indicateur in self.indicateurs.values():
            if isinstance(indicateur.measure, Share):
                self._inclure(indicateur)
        relations = [*comptes.PARTS, *((tout, (part,)) for tout, part in comptes.INCLUSES)]
        for annee, groupe in sorted({(annee, groupe) for _, annee, _, groupe in self.inconnues}):
            croisement = [groupe] if groupe else []
            for tout, parts in relations:
                noms = [_nom(cellule.croisee(croisement)) for cellule in parts]
                self._declarer(_nom(tout.croisee(croisement)), noms, annee)
        for annee in sorted({annee for _, annee, _, _ in self.inconnues}):
            for total, parts in comptes.SOMMES:
                self._declarer(_nom(total), list(map(_nom, parts)), annee)

    def _declarer(self, total, parts, annee):
        """What a definition says: a count holds others, and what it holds beyond them is never negative."""
        tout = self.place(total[0], annee, groupe=total[1])
        places = [self.place(nom, annee, groupe=groupe) for nom, groupe in parts]
        if tout is None or None in places:
            return
        reste = self.vraies[tout] - sum(self.vraies[place] for place in places)
        if reste < -0.5:
            return
        ecart = self._ecart(reste)
        self._ecrire([*((place, 1) for place in places), (ecart, 1), (tout, -1)])
        if (Cellule(total[0]), tuple(Cellule(nom) for nom, _ in parts)) in comptes.PARTS:
            self.inconnues[f"{total[0]} sans {parts}", annee, COMMUNE, total[1]] = ecart

    def _inclure(self, indicateur):
        (parts, touts) = colonnes_de(indicateur)
        if len(parts) > 1 or len(touts) > 1:
            return
        part, tout = (noms[0].removesuffix("_redresses") for noms in (parts, touts))
        for colonne, annee, lieu, groupe in list(self.inconnues):
            contenant = self.place(tout, annee, lieu, groupe)
            if colonne == part and contenant is not None:
                contenu = self.place(part, annee, lieu, groupe)
                ecart = self._ecart(self.vraies[contenant] - self.vraies[contenu])
                self._ecrire([(contenu, 1), (ecart, 1), (contenant, -1)])
                if self.vraies[contenant] and tout not in PAS_DES_TETES and contenu != contenant:
                    self.morceaux |= {(colonne, tout, annee, lieu, groupe): (contenu, ecart)}

    def _imprimer(self, ligne):
        """A printed row gives its numerator and its denominator."""
        for noms in colonnes_de(self.indicateurs[ligne["indicateur"]]):
            places = [self.place(nom.removesuffix("_redresses"), *self._ou(ligne)) for nom in noms]
            if places and None not in places:
                self._ecrire([(place, 1) for place in places])

    def intervalle(self, place):
        """Lowest and highest number of a count that a reader can believe in."""
        couts = np.zeros(len(self.vraies))
        extremes = []
        for signe in (1, -1):
            couts[place] = signe
            reponse = linprog(couts, A_eq=self.matrice, b_eq=self.second)
            extremes.append(signe * reponse.fun if reponse.status == 0 else -signe * np.inf)
        return extremes

    def tetes(self):
        """Unknowns that count persons or households, and are few."""
        for cle, place in self.inconnues.items():
            if cle[0] not in PAS_DES_TETES and 1 <= self.vraies[place] < self.seuil:
                yield cle, place


@pytest.fixture(scope="module")
def attaquer(construit):
    """Attack the publication, or what it would be if these statuses were printed too."""

    def attaquer_(*statuts):
        chemin = construit / "data/processed" / EDITION / "confidentiel.duckdb"
        with duckdb.connect(str(chemin), read_only=True) as con:
            return Attaque(con, lire_edition(EDITION, construit), (Statut.VALIDE, Statut.FRAGILE, *statuts))

    return attaquer_


def devinees(attaque):
    """Small counts that a reader knows not to be 0, or not to reach the threshold."""
    trouvees = {cle: attaque.intervalle(place) for cle, place in attaque.tetes()}
    return {cle for cle, (bas, haut) in trouvees.items() if bas > 1e-6 or haut < attaque.seuil - 1e-6}


def test_no_small_count_of_the_publication_can_be_computed_back(attaquer):
    attaque = attaquer()
    assert len(dict(attaque.tetes())) > 20
    assert devinees(attaque) == set()


def test_were_the_hidden_rows_printed_each_small_count_would_be_known(attaquer):
    attaque = attaquer(Statut.SECRET)
    petites = set(dict(attaque.tetes()))
    assert len(devinees(attaque)) > 0.95 * len(petites)


def test_nobody_is_known_to_be_on_one_side_of_a_share_with_all_the_others(attaquer):
    """0 % and 100 % are hidden: a reader can believe in as many persons as the threshold on the empty side."""
    attaque = attaquer()
    vides = {
        (cle, cote): place
        for cle, cotes in attaque.morceaux.items()
        for cote, place in enumerate(cotes)
        if attaque.vraies[place] == 0
    }
    assert len(vides) > 5
    assert {
        cle for cle, place in vides.items() if attaque.intervalle(place)[1] < attaque.seuil - 1e-6
    } == set()


def test_the_report_on_a_street_does_not_give_the_case_that_nobody_took_up():
    """35 reports, all with their author and what came of them, 34 taken up: no two of these figures go out together."""
    cadres = {
        "signalements": {
            "signalements": [35],
            "signalements_suivis": [35],
            "signalements_pris_en_charge": [34],
            "signalements_7_jours": [20],
        },
        "signalements_origine": {
            "origine": ["partenaire", "habitant"],
            "signalements_origine": [20, 15],
            "signalements_origine_ensemble": [35, 35],
        },
    }
    cadres = {
        (table, 2025): {
            nom: np.array(valeurs, dtype=object if nom == "origine" else float) for nom, valeurs in c.items()
        }
        | {"territoire": np.array(["Ensemble"] * len(next(iter(c.values()))), dtype=object)}
        for table, c in cadres.items()
    }
    noms = (
        "signalements",
        "part_signalements_pris_en_charge",
        "delai_signalement",
        "part_signalements_origine",
    )
    edition = lire_edition(EDITION, RACINE)
    declares = {i.id: i for i in personnels(edition.profil)}
    lus = [(declares[nom], cadres[declares[nom].table, 2025]) for nom in noms]
    lus = [
        (i, c | {"jours_prise_en_charge": np.array([300.0])} if i.table == "signalements" else c)
        for i, c in lus
    ]
    caches = {indicateur.id for indicateur, secrets in protect._secrets(lus, edition) if secrets}
    # the 35 is in two figures, the 34 in two others: one pair stays
    assert "part_signalements_pris_en_charge" in caches
    assert "delai_signalement" in caches or {"signalements", "part_signalements_origine"} <= caches


def test_a_relation_names_only_counts_that_indicators_tell():
    contes = {
        nom.removesuffix("_ensemble")
        for indicateur in personnels(lire_edition(EDITION, RACINE).profil)
        for noms in colonnes_de(indicateur)
        for nom in noms
    }
    incluses = (*comptes.INCLUSES, *comptes.INCLUSES_SEANCE)
    relations = [*comptes.PARTS, *comptes.SOMMES, *((tout, (part,)) for tout, part in incluses)]
    nommes = {
        nom for tout, parts in relations for cellule in (tout, *parts) for nom in colonnes(cellule.mesure)
    }
    assert nommes <= contes


def test_a_count_holds_its_known_cases_in_the_commune_and_in_each_quartier_that_tells_both():
    plum, motives = (("territoire", "plum"),), (("motif_sortie", "emploi"),)
    valeurs = {
        Cellule("menages"): 40,
        Cellule("menages_type"): 39,
        Cellule("menages", plum): 9,
        Cellule("menages_type", plum): 8,
        Cellule("menages_type", motives): 7,
        Cellule("accueils_orientes"): 30,
        Cellule("accueils", (("reponse", "orientation"),)): 28,
        Cellule("adherents"): 50,
        Cellule("adherents_sexe_connu"): 51,
    }
    lues = protect._inclusions({cellule: [cellule] for cellule in valeurs}, valeurs)
    # 51 of known sex among 50 would be two counts that do not tell of the same persons
    assert {(str(i.total), *map(str, i.parts)) for i in lues} == {
        ("menages, ensemble", "menages_type, ensemble"),
        ("menages, territoire : plum", "menages_type, territoire : plum"),
        ("accueils_orientes, ensemble", "accueils, reponse : orientation"),
    }


def test_where_requests_are_of_the_year_of_their_decision_its_decisions_hold_them():
    refus = Cellule("accords + refus_aide", (("part accords", "hors accords"),))
    valeurs = {
        Cellule("decisions"): 40,
        Cellule("demandes"): 38,
        Cellule("decisions", (("decision", "refus"),)): 9,
        refus: 8,
    }
    noms = {cellule: [cellule] for cellule in valeurs}
    # 2 decisions were adjournments, 1 refusal was reversed: one count tells the other
    lues = protect._inclusions(noms, valeurs, comptes.INCLUSES_SEANCE)
    assert [(i.total, i.parts) for i in lues] == [
        (Cellule("decisions"), (Cellule("demandes"),)),
        (Cellule("decisions", (("decision", "refus"),)), (refus,)),
    ]
    # by year of request, a sitting may decide those of the year before: neither holds the other
    assert list(protect._inclusions(noms, valeurs)) == []


# Amounts whose equality is the demonstration's own: help in cash is what the invented software gives no supplier.
FORTUITES = {"montant"}


def test_what_is_the_same_number_every_year_is_known_to_be_the_same_count(construit):
    """Two names of one count, or a count and what is known of nearly all of it: hiding one would not hide the other."""
    edition = lire_edition(EDITION, construit)
    chemin = construit / "data/processed" / EDITION / "confidentiel.duckdb"
    with duckdb.connect(str(chemin), read_only=True) as con:
        parus = {
            nom for (nom,) in con.execute("select distinct indicateur from resultat.indicateurs").fetchall()
        }
        lus = [protect._sans_poids(i) for i in personnels(edition.profil) if i.id in parus]
        cadres = protect._cadres(con, edition, lus)
    valeurs, voisines = defaultdict(dict), defaultdict(set)
    for annee in sorted({annee for _, annee in cadres}):
        siens = [(i, cadres[i.table, annee]) for i in lus if (i.table, annee) in cadres]
        systeme = protect._systeme(siens)
        for cellule, valeur in zip(systeme.cellules, systeme.valeurs.tolist(), strict=True):
            valeurs[cellule][annee] = valeur
        for relation in range(systeme.relations.shape[0]):
            rangs = systeme.relations.indices[slice(*systeme.relations.indptr[relation : relation + 2])]
            for rang in rangs:
                voisines[systeme.cellules[rang]] |= {systeme.cellules[autre] for autre in rangs}
    pareilles = defaultdict(list)
    for cellule, par_annee in valeurs.items():
        derives = (
            any(c.startswith(("hors ", "(")) for _, c in cellule.croisement) or "au-delà" in cellule.mesure
        )
        if len(par_annee) >= 3 and min(par_annee.values()) >= 10 and not derives:
            pareilles[tuple(sorted(par_annee.items()))].append(cellule)
    groupes = [groupe for groupe in pareilles.values() if len({c.mesure for c in groupe}) > 1]
    assert len(groupes) > 5
    for groupe in groupes:
        atteintes, reste = {groupe[0]}, set(groupe[1:])
        while proches := {c for c in reste if voisines[c] & atteintes}:
            atteintes, reste = atteintes | proches, reste - proches
        assert {c.mesure for c in reste} <= FORTUITES, groupe
