"""Population ahead, in the report: `socle.projection` and its trial in, sentences, tables and a figure out.

Every figure comes with its range; what is refused is said with its reason, and nothing is said that the
tables do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.avenir import APA, SEULS, Part, parts
from pipeline.epreuves import CALEES, COHORTES, COLONNES, CONSTANTE, LINEAIRE, eprouver
from pipeline.methods.projection import CONFIANCE_FOURCHETTE
from pipeline.methods.refus import Refus
from pipeline.model import Statut
from pipeline.report import tables
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.faits import Faits, Lieu
from pipeline.report.figures import Trace
from pipeline.report.francais import enumerer, majuscule
from pipeline.report.nombres import nombre
from pipeline.report.section import Section

if TYPE_CHECKING:
    import duckdb

GROUPES = {
    "tous": "Ensemble des habitants",
    "60_plus": "60 ans et plus",
    "75_plus": "75 ans et plus",
    "80_plus": "80 ans et plus",
    SEULS: "80 ans et plus vivant seuls",
    APA: "Bénéficiaires de l’APA",
}
# What a scenario takes elsewhere: its name, its unit, and what is said of it where it is not known.
_EMPRUNTS = {
    SEULS: ("la part des 80 ans et plus vivant seuls observée", "%", "elle n’est pas connue"),
    APA: (
        "le rapport entre bénéficiaires de l’APA et habitants de 75 ans et plus observé",
        "pour 100",
        "il n’est pas connu",
    ),
}
_DESSINES = ("60_plus", "75_plus", "80_plus")
_PAR_QUARTIER = ("60_plus", "80_plus")
_RECUL = 15  # years drawn before the last census
_REFUSEE = "[refusé]{.statut}"


# How each method is told, in this order.
_METHODES = {
    CONSTANTE: "population **constante**",
    LINEAIRE: "prolongement **linéaire**",
    COHORTES: "**cohortes** (Hamilton-Perry : chacun vieillit, part ou arrive au rythme de sa génération)",
    CALEES: "**cohortes calées** sur le total linéaire",
}

_SECTION = partial(Section, "avenir", "vieillissement", "Population à venir")


def section(con: duckdb.DuckDBPyConnection, faits: Faits, dessiner: Callable[[Trace], Graphique]) -> Section:
    """The section; one sentence, with its reason, where the edition's censuses project nothing for its commune."""
    lignes = con.execute("select * from socle.projection order by territoire, horizon").df()
    commune = lignes[lignes["territoire"] == faits.etude.code]
    if commune.empty:
        return _SECTION((f"Population à venir {faits.etude.dans} : non donnée. {_motif(con, faits)}",))
    constantes = parts(con, faits.etude.code)
    epreuve = con.execute("select * from socle.contre_epreuve order by classe, groupe, methode").df()
    classes = [classe for classe in lignes["classe"].unique() if classe]
    return _SECTION(
        phrases=(*_phrases(faits, commune, constantes), *_refus(commune)),
        tables=tuple(_tables(faits, lignes, commune, epreuve[epreuve["classe"].isin(classes)], constantes)),
        figure=None if (trace := _trace(con, faits, commune)) is None else dessiner(trace),
        chapeau=_chapeau(epreuve),
    )


def _chapeau(epreuve: pd.DataFrame) -> str:
    """How the figures were made; people who are followed by age are said so."""
    dites = [phrase for methode, phrase in _METHODES.items() if (epreuve["methode"] == methode).any()]
    return (
        "Une projection prolonge ce que les derniers recensements ont montré ; elle ne prévoit ni un événement ni une "
        f"décision. Méthodes : {', '.join(dites)}. Chacune a été essayée sur un recensement mis de côté ; celle qui "
        "s’y trompe le moins est retenue pour chaque âge et chaque taille de lieu, et son erreur fait la fourchette, "
        "élargie à ce qu’un recensement plus récent laisse penser. Les lieux sont projetés un à un : les quartiers "
        "n’ont pas à faire la commune."
    )


def _motif(con: duckdb.DuckDBPyConnection, faits: Faits) -> str:
    """Why the censuses of the edition project nothing for its commune."""
    try:
        eprouver(con, faits.edition.profil)
    except Refus as refus:
        return str(refus)
    return "Les recensements ne suivent pas ce territoire d’un bout à l’autre."


def _phrases(faits: Faits, commune: pd.DataFrame, constantes: Mapping[str, Part]) -> list[str]:
    """One sentence a group of ages that has a range, at the farthest horizon that has one."""
    dites = []
    for groupe, nom in GROUPES.items():
        donnees = commune[(commune["groupe"] == groupe) & commune["borne_basse"].notna()]
        if len(donnees):
            ligne, ailleurs = donnees.iloc[-1], _empruntee(faits, groupe, constantes)
            dites.append(_scenario(faits, ligne, ailleurs) if ailleurs else _phrase(faits, nom, ligne))
    return dites


def _empruntee(faits: Faits, groupe: str, constantes: Mapping[str, Part]) -> Part | None:
    """The share that another territory lends to a group; None where the group is the commune's own."""
    part = constantes.get(groupe)
    return part if part and part.territoire != faits.etude.code else None


def _scenario(faits: Faits, ligne: pd.Series, part: Part) -> str:
    """What another territory's share would make of the commune's old people: never said to be counted there."""
    quoi, unite, inconnu = _EMPRUNTS[ligne["groupe"]]
    ailleurs = faits.lieux[part.territoire].dans if part.territoire in faits.lieux else "plus largement"
    return (
        f"Un scénario, et non un compte : si {quoi} {ailleurs} en {part.millesime} "
        f"({nombre(100 * part.part)} {unite}) s’appliquait {faits.etude.dans}, où {inconnu}, "
        f"ils y seraient entre **{nombre(ligne['borne_basse'])} et "
        f"{nombre(ligne['borne_haute'])}** en {ligne['horizon']} (et {nombre(ligne['depart'])} en {ligne['depuis']})."
    )


def _nom(faits: Faits, groupe: str, constantes: Mapping[str, Part]) -> str:
    """A group's name in a table; of a scenario, whose share it is."""
    part = _empruntee(faits, groupe, constantes)
    if part is None:
        return GROUPES[groupe]
    lieu = faits.lieux.get(part.territoire)
    return f"{GROUPES[groupe]}, scénario : part {lieu.de if lieu else 'd’un territoire plus vaste'}"


def _phrase(faits: Faits, nom: str, ligne: pd.Series) -> str:
    """« 60 ans et plus, au Mont-Dore : 4 345 en 2019, entre 6 070 et 8 271 en 2034, (…) »."""
    return (
        f"{nom}, {faits.etude.dans} : {nombre(ligne['depart'])} en {ligne['depuis']}, entre "
        f"**{nombre(ligne['borne_basse'])} et {nombre(ligne['borne_haute'])}** en {ligne['horizon']}, "
        f"par la méthode qui se trompe le moins sur le recensement mis de côté, « {ligne['methode']} » : erreur "
        f"moyenne de {nombre(ligne['mape'], 1)} % à {nombre(ligne['recul'])} ans, {_biais(ligne['malpe'])}."
    )


def _biais(malpe: float) -> str:
    """« plutôt trop haut (+0,5 %) »: which way a method is wrong on average."""
    ecart = nombre(malpe, 1, signe=True)
    if ecart == nombre(0, 1, signe=True):
        return "sans pencher d’un côté"
    return f"plutôt trop {'haut' if malpe > 0 else 'bas'} ({ecart} %)"


def _refus(commune: pd.DataFrame) -> list[str]:
    """What is not given for the commune, and why, once."""
    rangs = {groupe: rang for rang, groupe in enumerate(GROUPES)}
    refusees = commune[commune["borne_basse"].isna()]
    refusees = refusees.sort_values(
        ["groupe", "horizon"], key=lambda c: c.map(rangs) if c.name == "groupe" else c
    )
    dites = []
    for (groupe, motif), lignes in refusees.groupby(["groupe", "motif"], sort=False):
        quand = enumerer([str(horizon) for horizon in lignes["horizon"]])
        dites.append(f"{GROUPES[str(groupe)]}, {quand} : non donné. {motif}")
    return dites


def _tables(
    faits: Faits,
    lignes: pd.DataFrame,
    commune: pd.DataFrame,
    epreuve: pd.DataFrame,
    constantes: Mapping[str, Part],
) -> list[str]:
    confiance = f"fourchettes à {nombre(100 * CONFIANCE_FOURCHETTE)} %"
    dites = [
        tables.markdown(
            _par_groupe(faits, commune, constantes),
            f"Population à venir {faits.etude.dans}, {confiance}",
            "avenir",
        )
    ]
    quartiers = [lieu for lieu in faits.quartiers if (lignes["territoire"] == lieu.code).any()]
    if quartiers:
        titre = f"Aînés à venir dans les quartiers, {confiance}"
        dites.append(tables.markdown(_par_quartier(lignes, quartiers), titre, "avenir-quartiers"))
    titre = (
        f"Ce que chaque méthode aurait donné du recensement de {epreuve['millesime'].iloc[0]} : erreur moyenne / biais "
        "(+ : trop haut), en %"
    )
    return [*dites, tables.markdown(tableau_epreuve(epreuve), titre, "avenir-epreuve")]


def _par_groupe(faits: Faits, commune: pd.DataFrame, constantes: Mapping[str, Part]) -> pd.DataFrame:
    """One row a group of ages, one column a horizon."""
    rangs = []
    for groupe in GROUPES:
        siennes = commune[commune["groupe"] == groupe]
        if len(siennes):
            depart = f"{siennes['depuis'].iloc[0]}"
            rangs.append(
                {"Groupe": _nom(faits, groupe, constantes), depart: nombre(siennes["depart"].iloc[0])}
                | {str(ligne.horizon): _cellule(ligne) for ligne in siennes.itertuples()}
            )
    return pd.DataFrame(rangs)


def _par_quartier(lignes: pd.DataFrame, quartiers: list[Lieu]) -> pd.DataFrame:
    """One row a quartier: what was counted and the middle horizon, for each group of ages that has a range."""
    horizon = sorted(lignes["horizon"].unique())[1]
    retenues = lignes[lignes["horizon"] == horizon].set_index(["territoire", "groupe"])
    donnes = retenues["borne_basse"].groupby("groupe").count()
    rangs = []
    for lieu in quartiers:
        rang = {"Quartier": lieu.nom}
        for groupe in [groupe for groupe in _PAR_QUARTIER if donnes[groupe]]:
            ligne = retenues.loc[(lieu.code, groupe)]
            rang[f"{GROUPES[groupe]}, {ligne['depuis']}"] = nombre(ligne["depart"])
            rang[f"{GROUPES[groupe]}, {horizon}"] = _bornes(ligne["borne_basse"], ligne["borne_haute"])
        rangs.append(rang)
    return pd.DataFrame(rangs)


def _cellule(ligne: object) -> str:
    """« 6 249 (5 436 à 6 928) », the range alone under 2 000 inhabitants, or a word."""
    bornes = _bornes(ligne.borne_basse, ligne.borne_haute)
    return bornes if pd.isna(ligne.population) else f"{nombre(ligne.population)} ({bornes})"


def _bornes(basse: float, haute: float) -> str:
    return _REFUSEE if pd.isna(basse) else f"{nombre(basse)} à {nombre(haute)}"


def tableau_epreuve(epreuve: pd.DataFrame) -> pd.DataFrame:
    """One row a class of places and a group of ages, one column a method: « 2,1 / +0,5 », the best in bold."""
    rangs = []
    for groupe, nom in GROUPES.items():
        for classe, lignes in epreuve[epreuve["groupe"] == groupe].groupby("classe", sort=True):
            rangs.append({"Âge et lieux": f"{nom}, {lignes['lieux'].iloc[0]} {classe}"} | _erreurs(lignes))
    return pd.DataFrame(rangs)


def _erreurs(lignes: pd.DataFrame) -> dict[str, str]:
    meilleure = lignes["mape"].min()
    dites = {}
    for ligne in lignes.itertuples():
        erreur = nombre(ligne.mape, 1)
        gras = f"**{erreur}**" if ligne.mape == meilleure else erreur
        dites[majuscule(ligne.methode)] = f"{gras} / {nombre(ligne.malpe, 1, signe=True)}"
    return dict(sorted(dites.items(), reverse=True))


def _trace(con: duckdb.DuckDBPyConnection, faits: Faits, commune: pd.DataFrame) -> Trace | None:
    """Counted, then projected with its range: the old of the commune, else all its inhabitants."""
    donnees = commune[commune["population"].notna()]
    aines = donnees[donnees["groupe"].isin(_DESSINES)]
    donnees = aines if len(aines) else donnees[donnees["groupe"] == "tous"]
    if donnees.empty:
        return None
    depuis = int(donnees["depuis"].iloc[0])
    lignes = [
        ligne for groupe in donnees["groupe"].unique() for ligne in _comptes(con, faits, groupe, depuis)
    ]
    lignes += [
        {
            "territoire": GROUPES[ligne.groupe],
            "date": float(ligne.horizon),
            "valeur": ligne.population,
            "borne_basse": ligne.borne_basse,
            "borne_haute": ligne.borne_haute,
            "statut": Statut.VALIDE.value,
        }
        for ligne in donnees.itertuples()
    ]
    options = {"reperes": _reperes(faits, depuis)}
    return Trace("evolution", pd.DataFrame(lignes), _sujet(depuis, donnees), options)


def _comptes(
    con: duckdb.DuckDBPyConnection, faits: Faits, groupe: str, depuis: int
) -> list[dict[str, object]]:
    """What the censuses up to the last one counted of a group of ages."""
    comptes = con.execute(
        f"select millesime, {COLONNES[groupe]} from socle.population where territoire = ? "
        f"and millesime between ? and ? and {COLONNES[groupe]} is not null order by millesime",
        [faits.etude.code, depuis - _RECUL, depuis],
    ).fetchall()
    return [
        _point(groupe, annee, effectif, depuis if annee == depuis else None) for annee, effectif in comptes
    ]


def _point(groupe: str, annee: int, effectif: float, depuis: int | None) -> dict[str, object]:
    """A count; the last one is where the ribbon of the ranges begins."""
    borne = float(effectif) if annee == depuis else None
    return {
        "territoire": GROUPES[groupe],
        "date": float(annee),
        "valeur": float(effectif),
        "borne_basse": borne,
        "borne_haute": borne,
        "statut": Statut.VALIDE.value,
    }


def _reperes(faits: Faits, depuis: int) -> list[tuple[float, str]]:
    """Where counts end and projections begin, and the declared breaks that came since."""
    declarees = [(r.annee, r.libelle) for r in faits.edition.ruptures_declarees if r.annee > depuis]
    return [(float(depuis), f"recensement de {depuis}"), *declarees]


def _sujet(depuis: int, donnees: pd.DataFrame) -> Sujet:
    """What the figure is of: the old, or everyone."""
    tous = set(donnees["groupe"]) == {"tous"}
    return Sujet(
        nom="avenir-habitants" if tous else "avenir-aines",
        titre=f"{'Habitants' if tous else 'Aînés'} comptés jusqu’en {depuis}, puis projetés jusqu’en "
        f"{donnees['horizon'].max()}",
        source="Source : recensements de la population ; projection et contre-épreuve : méthode du rapport.",
        unite="habitants",
        objets="groupes d’âge",
        intervalle=f"fourchette à {nombre(100 * CONFIANCE_FOURCHETTE)} %",
    )
