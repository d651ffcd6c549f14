"""The figures a chapter declares, drawn from published facts only.

In: `Faits`, and for the pyramid the population by sex and age. Out: `Trace`s, what a figure shows in numbers,
which the report draws and the deck makes a native chart of; None where there is nothing to draw (no quartier
value, a single date).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import transform
from pipeline.model import ErreurUtilisateur, Figure, Growth, Indicator, Statut, Total
from pipeline.report import cartes, charts, phrases
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.charts.subject import preparer
from pipeline.report.faits import Fait, Faits, Lieu

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from pipeline.edition import Contours

# Dimensions whose categories have an order of their own, which their labels follow.
_ORDONNES = ("tranche",)
# Under so many values, a table says as much as a drawing.
_DESSINABLES = 3


@dataclass(frozen=True)
class Trace:
    """What a figure shows: its kind, its rows (columns of `charts`), its subject, what else its drawing takes."""

    genre: str
    lignes: pd.DataFrame
    sujet: Sujet
    options: Mapping[str, Any] = field(default_factory=dict)


_DESSINS: Mapping[str, Callable[..., Graphique]] = {
    "pyramide": charts.pyramide,
    "entonnoir": charts.entonnoir,
    "evolution": charts.evolution,
    "evolution_indice": charts.evolution_indice,
    "classement": charts.classement,
    "carte": cartes.carte_tuiles,
    "choroplethe": cartes.choropleth,
    "symboles": cartes.symboles,
    "lorenz": charts.lorenz,
    "pente": lambda lignes, sujet, *, fin, **noms: charts.pente(lignes, fin, sujet, **noms),
    "comparaison": charts.comparaison,
    "repartition": charts.repartition,
    "barres": charts.barres,
}


def pareilles(trace: Trace, autre: Trace) -> bool:
    """Whether two figures show the same thing to the last digit: one drawing then serves for both."""
    return (
        (trace.genre, trace.sujet, [*trace.options]) == (autre.genre, autre.sujet, [*autre.options])
        and trace.lignes.equals(autre.lignes)
        and all(_egales(valeur, autre.options[nom]) for nom, valeur in trace.options.items())
    )


def _egales(valeur: Any, autre: Any) -> bool:
    if isinstance(valeur, pd.DataFrame):
        return isinstance(autre, pd.DataFrame) and valeur.equals(autre)
    return not isinstance(autre, pd.DataFrame) and valeur == autre


def dessiner(trace: Trace) -> Graphique:
    """The chart of a figure."""
    return _DESSINS[trace.genre](trace.lignes, trace.sujet, **trace.options)


def tracer(faits: Faits, figure: Figure, pyramide: pd.DataFrame) -> Trace | None:
    """What one declared figure shows, or None when the facts do not carry it."""
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    indicateurs = [declares[nom] for nom in figure.indicators]
    match figure.kind:
        case "pyramide":
            return _pyramide(faits, figure, pyramide)
        case "evolution":
            return _evolution(faits, figure, indicateurs[0])
        case "classement":
            return _classement(faits, figure, indicateurs[0])
        case "carte":
            return _carte(faits, figure, indicateurs[0])
        case "pente":
            return _pente(faits, figure, indicateurs[0])
        case "comparaison":
            return _comparaison(faits, figure, indicateurs[0])
        case "repartition":
            return _repartition(faits, figure, indicateurs)
        case "barres":
            return _barres(faits, figure, indicateurs[0])


def _sujet(faits: Faits, figure: Figure, indicateur: Indicator, periode: str, objets: str) -> Sujet:
    return Sujet(
        nom=f"{figure.kind}-{indicateur.id}",
        titre=f"{figure.title}{' ' if periode.startswith('par ') else ', '}{periode}",
        # a period ends with its last year: « par quartier, 2014-2019 »
        source=f"Source : {faits.producteurs(indicateur, int(periode[-4:]))}.",
        unite=indicateur.measure.unit,
        decimales=indicateur.measure.decimals,
        nous=faits.etude.nom,
        objets=objets,
        signe=isinstance(indicateur.measure, Growth),
        fictif=faits.est_fictif(indicateur),
    )


def ligne(lieu: Lieu, fait: Fait | None) -> dict[str, object]:
    """A territory's row, as `charts` takes it: name, value, interval, status."""
    if fait is None:
        return {"territoire": lieu.nom, "valeur": None, "statut": Statut.ABSENT.value}
    return {
        "territoire": lieu.nom,
        "valeur": fait.valeur,
        "borne_basse": fait.basse,
        "borne_haute": fait.haute,
        "statut": fait.statut.value,
    }


def cadre(lignes: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Rows of one drawing as a frame."""
    cadre = pd.DataFrame(lignes)
    numeriques = [nom for nom in ("valeur", "borne_basse", "borne_haute") if nom in cadre]
    return cadre.astype(dict.fromkeys(numeriques, float))


def _millesimes_quartiers(faits: Faits, indicateur: Indicator) -> list[int]:
    annees = {fait.millesime for lieu in faits.quartiers for fait in faits.serie(indicateur.id, lieu.code)}
    return sorted(annees)


def _periode(faits: Faits, indicateur: Indicator, millesime: int) -> str:
    fait = faits.a(indicateur.id, faits.etude.code, millesime)
    return f"{fait.depuis}-{millesime}" if fait is not None and fait.depuis else str(millesime)


def _pyramide(faits: Faits, figure: Figure, population: pd.DataFrame) -> Trace | None:
    """The two latest censuses by sex and age: the last one filled, the one before as an outline."""
    annees = sorted(population["millesime"].unique())
    if not annees:
        return None
    indicateur = next(faits.indicateurs())
    sujet = _sujet(faits, figure, indicateur, str(annees[-1]), "tranches d'âge")
    avant = population[population["millesime"] == annees[-2]] if len(annees) > 1 else None
    options = {
        "periode": str(annees[-1]),
        "reference": avant,
        "nom_reference": str(annees[-2]) if avant is not None else "",
    }
    return Trace("pyramide", population[population["millesime"] == annees[-1]], sujet, options)


def _evolution(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    """The commune and, for a ratio, its comparators over real dates; a count alone, or they would crush it."""
    rapport = hasattr(indicateur.measure, "of")
    lieux = (faits.etude, *(faits.comparateurs if rapport else ()))
    lignes = [
        ligne(lieu, fait) | {"date": annee_decimale(faits, indicateur, fait.millesime)}
        for lieu in lieux
        for fait in faits.serie(indicateur.id, lieu.code)
    ]
    if len({ligne["date"] for ligne in lignes}) < 2:
        return None
    annees = sorted({int(ligne["date"]) for ligne in lignes})
    sujet = _sujet(faits, figure, indicateur, f"{annees[0]}-{annees[-1]}", "territoires")
    return Trace("evolution", cadre(lignes), sujet, {"ruptures": ruptures(faits, indicateur, annees)})


def ruptures(faits: Faits, indicateur: Indicator, annees: Sequence[int]) -> list[tuple[float, str]]:
    """Declared breaks of the indicator's series that fall between the dates drawn."""
    serie = transform.series().get(indicateur.table)
    return [
        (rupture.annee, rupture.libelle)
        for rupture in faits.edition.ruptures_declarees
        if serie in rupture.series and annees[0] < rupture.annee < annees[-1] + 1
    ]


def annee_decimale(faits: Faits, indicateur: Indicator, millesime: int) -> float:
    """A census's first day as a decimal year; the year itself of anything else."""
    recensement = transform.est_recensement(indicateur.table)
    recenses = faits.edition.profil.recensement.dates if recensement else ()
    date = next((d.date for d in recenses if d.millesime == millesime), None)
    return float(millesime) if date is None else date.year + (date.timetuple().tm_yday - 1) / 365.25


def _quartiers(faits: Faits, indicateur: Indicator) -> tuple[int, pd.DataFrame] | None:
    millesimes = _millesimes_quartiers(faits, indicateur)
    if not millesimes:
        return None
    lignes = [ligne(lieu, faits.a(indicateur.id, lieu.code, millesimes[-1])) for lieu in faits.quartiers]
    return millesimes[-1], cadre(lignes)


def _classement(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    lus = _quartiers(faits, indicateur)
    if lus is None:
        return None
    millesime, lignes = lus
    sujet = _sujet(faits, figure, indicateur, _periode(faits, indicateur, millesime), "quartiers")
    commune = faits.a(indicateur.id, faits.etude.code, millesime)
    repere = (faits.etude.nom, commune.valeur) if commune is not None and commune.lisible else None
    return Trace("classement", lignes, sujet, {"repere": repere})


def _carte(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    """The quartiers, else the communes shown in detail, on their outlines; quartiers as tiles without any."""
    quartiers = faits.edition.quartiers
    if fond := _fond_de_carte(faits, indicateur):
        return _sur_le_fond(faits, figure, indicateur, *fond)
    lus = _quartiers(faits, indicateur)
    if lus is None or not all(quartier.tuile for quartier in quartiers):
        return None
    millesime, lignes = lus
    places = pd.DataFrame(
        [(q.nom, q.tuile[0] - 1, q.tuile[1] - 1) for q in quartiers],
        columns=["territoire", "colonne", "rangee"],
    )
    periode = f"par quartier, {_periode(faits, indicateur, millesime)}"
    sujet = _sujet(faits, figure, indicateur, periode, "quartiers")
    sujet, classes = _classer(faits, indicateur, sujet)
    return Trace("carte", lignes.merge(places, on="territoire"), sujet, {"nord": "nord en haut", **classes})


def _classer(faits: Faits, indicateur: Indicator, sujet: Sujet) -> tuple[Sujet, dict[str, tuple[float, ...]]]:
    """The classes established for a map, if there are any, and the line under it that says whose they are."""
    classes = faits.classes.get(indicateur.id)
    if classes is None:
        return sujet, {}
    if classes.reprises:
        annee = faits.edition.edition.precedente.rpartition("/")[2]
        sujet = replace(sujet, source=f"{sujet.source} Mêmes classes que sur la carte de l’édition {annee}.")
    return sujet, {"bornes": classes.bornes}


def bornes_de_carte(faits: Faits, figure: Figure) -> tuple[float, ...]:
    """Inner bounds of the classes that a map has of itself; none where there is no map, or circles."""
    trace = tracer(faits, figure, pd.DataFrame())
    if trace is None or trace.genre not in ("carte", "choroplethe"):
        return ()
    return cartes.bornes_par_defaut(preparer(trace.lignes), trace.sujet)


def _fond_de_carte(faits: Faits, indicateur: Indicator) -> tuple[Contours, tuple[Lieu, ...]] | None:
    """The outlines of the smallest level where the indicator is known, and the places they draw."""
    for lieux in (faits.quartiers, (faits.etude, *faits.membres) if faits.membres else ()):
        if not any(faits.dernier(indicateur.id, lieu.code) for lieu in lieux):
            continue
        for contours in faits.edition.contours:
            if contours.niveau == lieux[0].niveau:
                return contours, lieux
    return None


def _sur_le_fond(
    faits: Faits, figure: Figure, indicateur: Indicator, contours: Contours, lieux: Sequence[Lieu]
) -> Trace:
    """A choropleth of what is a ratio, circles for what is a count."""
    formes = _assembler_quartiers(
        faits, cartes.contours(faits.edition.chemin(contours), contours.cle), contours.niveau
    )
    millesime = max(f.millesime for lieu in lieux if (f := faits.dernier(indicateur.id, lieu.code)))
    lignes = [
        ligne(lieu, faits.a(indicateur.id, lieu.code, millesime)) | {"code": lieu.code} for lieu in lieux
    ]
    geometries = formes.rename(columns={"territoire": "code"}).merge(cadre(lignes), on="code")
    if not len(geometries):
        raise ErreurUtilisateur(
            f"Aucun contour de {contours.chemin} n'a le code d'un territoire de l'édition (colonne "
            f"« {contours.cle} ») : corriger [[contours]] dans edition.toml."
        )
    objet = "commune" if lieux[0] == faits.etude else "quartier"
    periode = f"par {objet}, {_periode(faits, indicateur, millesime)}"
    sujet = _sujet(faits, figure, indicateur, periode, f"{objet}s")
    if contours.source:
        sujet = replace(sujet, source=f"{sujet.source.rstrip('.')} ; contours : {contours.source}.")
    if absents := [lieu.nom for lieu in lieux if lieu.code not in set(geometries["code"])]:
        sujet = replace(
            sujet, source=f"{sujet.source} Sans contour, hors de la carte : {', '.join(absents)}."
        )
    if isinstance(indicateur.measure, Total):
        return Trace("symboles", geometries, sujet)
    return Trace("choroplethe", geometries, *_classer(faits, indicateur, sujet))


def _assembler_quartiers(faits: Faits, formes: GeoDataFrame, niveau: str) -> GeoDataFrame:
    """Outlines of IRIS put together into the quartiers they make."""
    noms = {iris: q.code for q in faits.edition.quartiers for iris in q.iris}
    if faits.quartiers and niveau == faits.quartiers[0].niveau and noms:
        codes = formes["territoire"].map(lambda code: noms.get(code, code))
        return formes.assign(territoire=codes).dissolve(by="territoire", as_index=False)
    return formes


def _pente(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    millesimes = _millesimes_quartiers(faits, indicateur)
    if len(millesimes) < 2:
        return None
    debut, fin = millesimes[0], millesimes[-1]
    cadres = [
        cadre([ligne(lieu, faits.a(indicateur.id, lieu.code, annee)) for lieu in faits.quartiers])
        for annee in (debut, fin)
    ]
    sujet = _sujet(faits, figure, indicateur, f"{debut} et {fin}", "quartiers")
    options = {"fin": cadres[1], "nom_debut": str(debut), "nom_fin": str(fin)}
    return Trace("pente", cadres[0], sujet, options)


def _comparaison(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    """The commune and its comparators; two values alone are read in the chapter's table."""
    lieux = (faits.etude, *faits.comparateurs)
    connus = [(lieu, faits.dernier(indicateur.id, lieu.code)) for lieu in lieux]
    lignes = [ligne(lieu, fait) for lieu, fait in connus if fait is not None]
    if len(lignes) < _DESSINABLES:
        return None
    annees = sorted({fait.millesime for _, fait in connus if fait is not None})
    sujet = _sujet(faits, figure, indicateur, "-".join(map(str, annees)), "territoires")
    return Trace("comparaison", cadre(lignes), sujet)


def _repartition(faits: Faits, figure: Figure, indicateurs: Sequence[Indicator]) -> Trace | None:
    """Shares of one whole, side by side; territories where one of them is missing are left out."""
    lignes = []
    for lieu in (faits.etude, *faits.comparateurs):
        parts = [faits.dernier(indicateur.id, lieu.code) for indicateur in indicateurs]
        if any(part is None for part in parts):
            continue
        lignes += [
            ligne(lieu, part) | {"categorie": phrases.court(indicateur)}
            for indicateur, part in zip(indicateurs, parts, strict=True)
        ]
    if not lignes:
        return None
    lieu = faits.plus_proche(indicateurs[0])
    periode = str(faits.dernier(indicateurs[0].id, lieu.code).millesime)
    sujet = _sujet(faits, figure, indicateurs[0], periode, "territoires")
    return Trace("repartition", cadre(lignes), sujet)


def _barres(faits: Faits, figure: Figure, indicateur: Indicator) -> Trace | None:
    """One bar a group of the commune's latest vintage, the one before as a marker."""
    tous = faits.faits.get((indicateur.id, faits.etude.code), ())
    annees = sorted({fait.millesime for fait in tous})
    if not annees or isinstance(indicateur.measure, Growth):
        return None
    derniere = [fait for fait in tous if fait.millesime == annees[-1]]
    if len(derniere) < 2:
        return None
    lignes = []
    for fait in derniere:
        ancien = faits.a(indicateur.id, faits.etude.code, annees[-1] - 1, fait.groupe)
        lignes.append(
            {
                "categorie": faits.libelle_groupe(indicateur, fait.groupe),
                "valeur": fait.valeur,
                "statut": fait.statut.value,
                "precedent": ancien.valeur if ancien is not None else None,
                "statut_precedent": ancien.statut.value if ancien is not None else Statut.ABSENT.value,
            }
        )
    cadre = pd.DataFrame(lignes).astype({"valeur": float, "precedent": float})
    if indicateur.by in _ORDONNES:
        cadre["rang"] = cadre["categorie"].rank()
    sujet = _sujet(faits, figure, indicateur, str(annees[-1]), "catégories")
    if cadre["precedent"].isna().all():
        cadre = cadre.drop(columns=["precedent", "statut_precedent"])
        return Trace("barres", cadre, sujet, {"periode": str(annees[-1])})
    options = {"periode": str(annees[-1]), "precedente": str(annees[-1] - 1)}
    return Trace("barres", cadre, sujet, options)
