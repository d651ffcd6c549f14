"""One page a quartier, and two a commune: key figures, what sets it apart, small charts.

In: an `Atelier`. Out: what fills `fiches-quartiers` and `fiche-commune`. A quartier is set against its
commune, the commune against its comparators; what is under secrecy or fragile is said in its place. The other
communes of the territory shown in detail may have theirs, with the comparators that hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.indicators import connus
from pipeline.methods.comparaisons import Position
from pipeline.model import ErreurUtilisateur, Figure, Indicator, Statut
from pipeline.report import document, papiers, phrases, tables
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.document import Dessins
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.figures import Trace, annee_decimale, cadre, ligne
from pipeline.report.papiers import Annexe, Atelier, Papier
from pipeline.transform import sources_de

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from pipeline.edition import Edition

_CLES = 4
_ECARTS = 4
_PAR_CHAPITRE = 3
_COLONNES = 5
_HAUTEUR = 80.0
_POPULATION, _DEMANDEURS = "population", "menages_demandeurs"
_AGES = ("part_0_19", "part_20_39", "part_40_59", "part_60_plus")


def quartiers(atelier: Atelier, places: int) -> dict[str, Any]:
    """A page on all the quartiers, then one on each where there is enough to fill it."""
    faits = atelier.faits
    connus = _connus(atelier)
    publics = [i for i in connus if not faits.est_activite(i)]
    ensemble = tables.par_quartier(faits, publics[:_COLONNES])
    titre = "Les quartiers de la commune"
    return {
        "ensemble": tables.markdown(ensemble, titre, "quartiers") if len(ensemble) else "",
        "fiches": [_fiche(atelier, lieu, connus, places) for lieu in faits.quartiers if len(connus) >= _CLES],
    }


def _connus(atelier: Atelier) -> list[Indicator]:
    """Population, then of each chapter the first ratios that are known for one quartier at least, else a count."""
    faits = atelier.faits
    retenus: list[Indicator] = []
    for chapitre in faits.chapitres:
        siens = [
            i
            for i in chapitre.indicators
            if not i.by
            and (document.relatif(i) or i.id in (_POPULATION, _DEMANDEURS))
            and any(faits.dernier(i.id, lieu.code) for lieu in faits.quartiers)
        ]
        # a count where there is no ratio to read; the population comes first all the same
        retenus += sorted(siens, key=lambda i: i.id == _DEMANDEURS)[:_PAR_CHAPITRE]
    return retenus


def _fiche(atelier: Atelier, lieu: Lieu, connus: Sequence[Indicator], places: int) -> dict[str, Any]:
    faits = atelier.faits
    cles = [i for i in connus if (fait := faits.dernier(i.id, lieu.code)) and fait.statut is Statut.VALIDE]
    table = tables.contre_commune(faits, connus, lieu)
    dessins = (_population(atelier, lieu) if places > 2 else None, _ages(atelier, lieu))
    return {
        "code": lieu.code,
        "nom": lieu.nom,
        "cles": [document.carte(faits, indicateur, lieu) for indicateur in cles[:_CLES]],
        "ecarts": _ecarts(atelier, lieu)[: max(1, min(places - 1, _ECARTS))],
        "compare": _se_compare(atelier, lieu),
        "table": tables.markdown(table, f"{lieu.nom} et la commune", f"fiche-{lieu.code}"),
        "figures": [dessin for dessin in dessins if dessin is not None],
    }


def _se_compare(atelier: Atelier, lieu: Lieu) -> bool:
    """Whether one figure of the quartier at least was compared with its commune's, whatever came of it."""
    derniers = (atelier.faits.dernier(indicateur.id, lieu.code) for indicateur in _simples(atelier))
    ecarts = (ecart for fait in derniers if fait for ecart in atelier.faits.compares(fait, "commune"))
    return any(ecart.position != Position.NE_SE_COMPARE_PAS for ecart in ecarts)


def _ecarts(atelier: Atelier, lieu: Lieu) -> list[str]:
    """Where the quartier differs from its commune, the widest gap first."""
    dites: list[tuple[float, str]] = []
    for indicateur in _simples(atelier):
        if phrase := phrases.d_un_quartier(atelier.faits, indicateur, lieu):
            [ecart, *_] = atelier.faits.compares(atelier.faits.dernier(indicateur.id, lieu.code), "commune")
            dites.append((-abs(ecart.effet), phrase))
    return [phrase for _, phrase in sorted(dites)]


def _simples(atelier: Atelier) -> list[Indicator]:
    return [indicateur for indicateur in atelier.faits.indicateurs() if not indicateur.by]


def _sujet(atelier: Atelier, lieu: Lieu, indicateur: Indicator, nom: str, titre: str) -> Sujet:
    return Sujet(
        nom=f"{nom}-{lieu.code}",
        titre=titre,
        source=f"Source : {atelier.faits.producteurs(indicateur)}.",
        unite=indicateur.measure.unit,
        decimales=indicateur.measure.decimals,
        nous=lieu.nom,
        hauteur=_HAUTEUR,
        fictif=atelier.faits.est_fictif(indicateur),
    )


def _population(atelier: Atelier, lieu: Lieu) -> Graphique | None:
    """Population of the quartier and of its commune, 100 at the first date that both have."""
    indicateur = atelier.declares.get(_POPULATION)
    if indicateur is None:
        return None
    series = {place: _par_date(atelier, indicateur, place) for place in (lieu, atelier.faits.etude)}
    communes = sorted(set.intersection(*(set(serie) for serie in series.values())))
    if len(communes) < 2:
        return None
    lignes = [
        ligne(place, serie[annee]) | {"date": annee_decimale(atelier.faits, indicateur, annee)}
        for place, serie in series.items()
        for annee in communes
    ]
    titre = f"Population, {communes[0]}-{communes[-1]} (indice 100 en {communes[0]})"
    sujet = _sujet(atelier, lieu, indicateur, "population", titre)
    return atelier.dessins.ajouter(Trace("evolution_indice", cadre(lignes), sujet))


def _par_date(atelier: Atelier, indicateur: Indicator, lieu: Lieu) -> dict[int, Fait]:
    return {fait.millesime: fait for fait in atelier.faits.serie(indicateur.id, lieu.code)}


def _ages(atelier: Atelier, lieu: Lieu) -> Graphique | None:
    """The ages of the quartier beside those of its commune."""
    faits = atelier.faits
    indicateurs = [atelier.declares[nom] for nom in _AGES if nom in atelier.declares]
    if len(indicateurs) < len(_AGES):
        return None
    lignes: list[dict[str, object]] = []
    annees: set[int] = set()
    for place in (lieu, faits.etude):
        parts = [faits.dernier(indicateur.id, place.code) for indicateur in indicateurs]
        if any(part is None for part in parts):
            return None
        annees |= {part.millesime for part in parts}
        couples = zip(indicateurs, parts, strict=True)
        lignes += [ligne(place, part) | {"categorie": phrases.court(i)} for i, part in couples]
    if len(annees) > 1:
        return None
    sujet = _sujet(atelier, lieu, indicateurs[0], "ages", f"Population par âge, {annees.pop()}")
    return atelier.dessins.ajouter(Trace("repartition", cadre(lignes), sujet))


def commune(atelier: Atelier, places: int) -> dict[str, Any]:
    """Two pages on the commune: figures, what stands out, one table over the chapters, its pyramid."""
    contexte = atelier.contexte
    retenus = [
        indicateur
        for chapitre in atelier.faits.chapitres
        for indicateur in [i for i in chapitre.indicators if _situe(atelier, i)][: max(1, places - 2)]
    ]
    dessins = [
        atelier.dessins.dessiner(atelier.faits, figure, atelier.pyramide) for figure in _voulues(atelier)
    ]
    return {
        "cles": contexte["cles"],
        "ressort": contexte["ressort"][:places],
        "table": tables.markdown(
            tables.situation(atelier.faits, retenus), "La commune et ses comparateurs", "fiche-commune"
        )
        if retenus
        else "",
        "figures": [dessin for dessin in dessins if dessin is not None][: 2 if places > 2 else 1],
    }


def _voulues(atelier: Atelier) -> list[Figure]:
    """The report's pyramid and its curve of the population."""
    figures = (figure for chapitre in atelier.faits.chapitres for figure in chapitre.figures)
    return [f for f in figures if (f.kind, f.indicators) in (("pyramide", ()), ("evolution", (_POPULATION,)))]


def _situe(atelier: Atelier, indicateur: Indicator) -> bool:
    return not indicateur.by and atelier.faits.dernier(indicateur.id, atelier.faits.etude.code) is not None


def des_quartiers(combien: int) -> Papier:
    """A page a quartier, after that on all of them."""
    return Papier(
        "fiches-quartiers",
        "Fiches des quartiers",
        "fiches-quartiers.md.j2",
        quartiers,
        pages=combien + 1,
        provenance=False,
    )


COMMUNE = Papier("fiche-commune", "Fiche de la commune", "fiche-commune.md.j2", commune, pages=2)


def verifier_detail(edition: Edition) -> None:
    """The edition shows communes in detail; else one sentence."""
    if not edition.edition.detail:
        raise ErreurUtilisateur(
            f"{edition.dossier / 'edition.toml'} : aucune commune n'est montrée en détail ; nommer dans "
            "[edition] detail le territoire (une intercommunalité) dont on veut la fiche des communes."
        )


def des_communes(con: duckdb.DuckDBPyConnection, faits: Faits, dessins: Path, sortie: Path) -> list[Annexe]:
    """A `fiche-<code>` for each commune of the territory shown in detail, the one studied among them, by code.

    From what is known of all of them alike: the activity of the CCAS, which the others do not have, is in the
    fiche of the commune studied only. Raises `ErreurUtilisateur` where the edition names no such territory.
    """
    verifier_detail(faits.edition)
    lieux = sorted((faits.etude, *faits.membres), key=lambda lieu: lieu.code)
    communs = _en_commun(faits)
    ateliers = [_d_une_commune(con, communs, lieu, dessins / lieu.code) for lieu in lieux]

    def composer(atelier: Atelier) -> Annexe:
        papier = replace(COMMUNE, nom=f"fiche-{atelier.faits.etude.code}")
        [annexe] = papiers.ecrire(atelier, [papier], sortie)
        return annexe

    with ThreadPoolExecutor(max_workers=2) as taches:
        return list(taches.map(composer, ateliers))


def _en_commun(faits: Faits) -> Faits:
    """The facts without the indicators that no commune but the one studied has."""
    membres = {lieu.code for lieu in faits.membres}
    connus_ = {
        nom for (nom, code), siens in faits.faits.items() if code in membres and any(f.lisible for f in siens)
    }
    communs = replace(faits, chapitres=connus(faits.chapitres, connus_))
    sources = {source for indicateur in communs.indicateurs() for source in sources_de(indicateur.table)}
    return replace(communs, fictives=faits.fictives & sources)


def _d_une_commune(con: duckdb.DuckDBPyConnection, faits: Faits, lieu: Lieu, dessins: Path) -> Atelier:
    """What the fiche of a commune is made from: the edition's facts, read from that commune."""
    edition = faits.edition
    tenants = con.execute(
        "select contenant from socle.appartenances where contenu = ?", [lieu.code]
    ).fetchall()
    etudiee = lieu.code == edition.territoire.code
    larges = tuple(code for code in edition.edition.comparateurs if etudiee or (code,) in tenants)
    sienne = edition.model_copy(
        update={
            "edition": edition.edition.model_copy(update={"comparateurs": larges}),
            "territoire": edition.territoire.model_copy(update={"code": lieu.code, "nom": lieu.nom}),
            "quartiers": (),
        }
    )
    siens = replace(faits, edition=sienne)
    contexte = {
        "cles": document.chiffres_cles(siens),
        "ressort": document.ce_qui_ressort(siens)[0],
        "textes": {},
        "prudences": document.prudences(siens),
    }
    dessins.mkdir(parents=True)
    pyramide = document.population_par_age(con, lieu.code)
    return Atelier(siens, contexte, document.DIFFUSABLE, Dessins(dessins), pyramide)
