"""Sentences written from the numbers: what a figure is, against whom it stands, how it has moved.

In: `Faits`. Out: French sentences, in Markdown: each number links to its indicator's card. A sentence
says « plus », « moins », « en hausse » only where the comparison's state does; where no test exists the
values are set side by side and nothing is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.methods.comparaisons import Position, depasse
from pipeline.model import Growth, Indicator, Mean, Published, Share, Statut, Total, genre
from pipeline.report import francais
from pipeline.report.faits import Ecart, Fait, Faits, Lieu
from pipeline.report.nombres import arrondir, avec_unite

_FOIS = {2: "deux", 3: "trois", 4: "quatre", 5: "cinq"}
_PRECISION_FOIS = 0.1
_PRECISION_EXACTE = 0.02
_NOMS_EN_TETE = 3

# Said by a sentence that stands alone; a list that gathers such sentences says it once, above them.
RESERVE = " (inconnu pour la commune)"


def valeur(indicateur: Indicator, fait: Fait) -> str:
    """A figure with its unit: « 15,7 % », « +0,34 % par an », and « 5 % au plus » where it is a floor."""
    mesure = indicateur.measure
    texte = avec_unite(fait.valeur, mesure.unit, mesure.decimals, signe=isinstance(mesure, Growth))
    return f"{texte} au plus" if fait.statut is Statut.PLANCHER else texte


def valeur_courte(indicateur: Indicator, fait: Fait) -> str:
    """A figure where its unit is already said: « 15,7 % », « 27 620 », « 190,9 », and « ≤ 5 % » for a floor."""
    mesure = indicateur.measure
    unite = mesure.unit.split(" ")[0] if mesure.unit[:1] in "%‰" else ""
    texte = avec_unite(fait.valeur, unite, mesure.decimals, signe=isinstance(mesure, Growth))
    return f"≤\u00a0{texte}" if fait.statut is Statut.PLANCHER else texte


def libelle(indicateur: Indicator) -> str:
    """A label that says its unit, for the rows of a table: « Population (habitants) »."""
    unite = indicateur.measure.unit
    dite = unite[:1] in "%‰" or indicateur.label.startswith("Nombre ")
    return indicateur.label if not unite or dite else f"{indicateur.label} ({unite})"


def lien(indicateur: Indicator, texte: str) -> str:
    """A number that leads to its indicator's card."""
    return f"[{texte}](#indicateur-{indicateur.id})"


def nom(indicateur: Indicator) -> str:
    """A label that leads to its card and says its unit, for the rows and the columns of a table."""
    return lien(indicateur, libelle(indicateur))


def chiffre(indicateur: Indicator, fait: Fait) -> str:
    """A figure linked to its card, with its unit unless the label has said it (« nombre de demandes »)."""
    dite = indicateur.label.startswith("Nombre ") and isinstance(indicateur.measure, Total | Mean)
    return lien(indicateur, (valeur_courte if dite else valeur)(indicateur, fait))


def sujet(indicateur: Indicator) -> str:
    """« la part des 60 ans et plus », « l'indice de jeunesse », « le taux de chômage »."""
    label = indicateur.label[:1].lower() + indicateur.label[1:]
    article = "la" if genre(indicateur.label) == "f" else "le"
    return francais.elider(article, label)


def court(indicateur: Indicator) -> str:
    """A share's label without « Part des »: « Ménages propriétaires », as a chart's legend names it."""
    return francais.majuscule(indicateur.label.removeprefix("Part des "))


def pronom(indicateur: Indicator) -> str:
    """« elle » or « il »."""
    return "elle" if genre(indicateur.label) == "f" else "il"


def situer(faits: Faits, indicateur: Indicator, *, evolution: bool = True) -> str:
    """The figure where it is known, against the territories around, and since the previous vintage.

    A fragile figure says so, here as in a table.
    An indicator unknown for the commune is told for the smallest territory that has it, and says so.
    """
    lieu = faits.plus_proche(indicateur)
    if lieu is None:
        return ""
    fait = faits.dernier(indicateur.id, lieu.code)
    reserve = "" if lieu == faits.etude else RESERVE
    lu = _est(indicateur, fait) + (" (chiffre fragile)" if fait.statut is Statut.FRAGILE else "")
    morceaux = [
        f"{_quand(fait)}, {sujet(indicateur)} {lu} {lieu.dans}{reserve}",
        contre_comparateurs(faits, indicateur, fait),
    ]
    phrase = ", ".join(morceau for morceau in morceaux if morceau)
    suite = depuis(faits, indicateur, fait) if evolution else ""
    return f"{phrase}. {francais.majuscule(suite)}." if suite else f"{phrase}."


def _est(indicateur: Indicator, fait: Fait) -> str:
    """« est de 12 », and « est nul » of what is counted and is not there."""
    if fait.valeur == 0 and indicateur.label.startswith("Nombre "):
        return f"est {lien(indicateur, 'nul')}"
    return f"est de {chiffre(indicateur, fait)}"


def se_commente(faits: Faits, indicateur: Indicator) -> bool:
    """Whether a sentence is made of its latest figure: one that rests on a few cases is left to the tables."""
    lieu = faits.plus_proche(indicateur)
    return lieu is not None and faits.dernier(indicateur.id, lieu.code).statut is not Statut.FRAGILE


def changement(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    """« La part des 60 ans et plus est passée de 13,4 % en 2014 à 15,7 % en 2019 »."""
    ancien = precedent(faits, indicateur, fait)
    accord = "e" if genre(indicateur.label) == "f" else ""
    return (
        f"{francais.majuscule(sujet(indicateur))} est passé{accord} de "
        f"{lien(indicateur, valeur_courte(indicateur, ancien))} {_en(ancien)} à {chiffre(indicateur, fait)} "
        f"{_en(fait)}{_ampleur(indicateur, fait, ancien)}."
    )


def _ampleur(indicateur: Indicator, fait: Fait, ancien: Fait) -> str:
    if not isinstance(indicateur.measure, Share):
        return ""
    points = arrondir(fait.valeur, 1) - arrondir(ancien.valeur, 1)
    return f" ({avec_unite(points, 'points', 1, signe=True)})"


def precedent(faits: Faits, indicateur: Indicator, fait: Fait) -> Fait | None:
    """The earlier figure that this one may be set against, if there is one."""
    ecarts = faits.compares(fait, "precedent")
    ancien = (
        faits.a(indicateur.id, fait.territoire, ecarts[0].contre_millesime, fait.groupe) if ecarts else None
    )
    return ancien if ancien is not None and ancien.lisible else None


def a_change(faits: Faits, fait: Fait) -> bool:
    """Whether a change since the previous vintage is established."""
    positions = {ecart.position for ecart in faits.compares(fait, "precedent")}
    return bool(positions & {Position.AU_DESSUS, Position.AU_DESSOUS})


def _quand(fait: Fait) -> str:
    return f"Entre {fait.depuis} et {fait.millesime}" if fait.depuis else f"En {fait.millesime}"


def contre_comparateurs(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    """« plus que dans le Grand Nouméa (12,9 %), autant que dans la province Sud (15,7 %) ».

    A count is not set against that of a larger territory; a measure without a test is only set beside.
    """
    if isinstance(indicateur.measure, Total):
        return ""
    groupes: dict[str, list[str]] = {}
    for ecart in faits.compares(fait, "comparateur"):
        autre = faits.a(indicateur.id, ecart.contre, fait.millesime, fait.groupe)
        if autre is not None and autre.lisible:
            fragile = ", fragile" if autre.statut is Statut.FRAGILE else ""
            texte = lien(indicateur, valeur_courte(indicateur, autre)) + fragile
            rapport = _rapport(indicateur, fait, autre, ecart)
            groupes.setdefault(rapport, []).append(f"{faits.lieux[ecart.contre].dans} ({texte})")
    a_cote = groupes.pop("", [])
    morceaux = [francais.joindre(rapport, francais.enumerer(lieux)) for rapport, lieux in groupes.items()]
    if a_cote:
        morceaux.append(f"à rapprocher de ce qui s’observe {francais.enumerer(a_cote)}")
    return ", ".join(morceaux)


def _rapport(indicateur: Indicator, fait: Fait, autre: Fait, ecart: Ecart) -> str:
    """« plus que », « deux fois moins que », « autant que », « sans écart établi avec la valeur »."""
    if ecart.position == Position.NE_SE_COMPARE_PAS:
        return ""
    if valeur(indicateur, fait) == valeur(indicateur, autre):
        return "autant que"
    if ecart.position == Position.NON_DIFFERENT:
        return "sans écart établi avec ce qui s’observe"
    sens, plus_grand, plus_petit = (
        ("plus", fait.valeur, autre.valeur)
        if ecart.position == Position.AU_DESSUS
        else ("moins", autre.valeur, fait.valeur)
    )
    return f"{_multiple(plus_grand, plus_petit)}{sens} que"


def _multiple(grand: float, petit: float) -> str:
    """« deux fois  », « environ deux fois  », when the ratio is, or is about, two to five; else nothing."""
    if petit <= 0:
        return ""
    rapport = grand / petit
    entier = round(rapport)
    ecart = abs(rapport - entier) / entier if entier in _FOIS else math.inf
    if ecart > _PRECISION_FOIS / 2:
        return ""
    return f"{'' if ecart <= _PRECISION_EXACTE / 2 else 'environ '}{_FOIS[entier]} fois "


def depuis(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    """« elle est en hausse de 3,6 points depuis 2014 (12,1 %) », only where the change is established.

    Nothing of a fragile figure, nor since one.
    """
    ancien = precedent(faits, indicateur, fait)
    if ancien is None or Statut.FRAGILE in (fait.statut, ancien.statut):
        return ""
    avant = lien(indicateur, valeur_courte(indicateur, ancien))
    ecarts = faits.compares(fait, "precedent")
    if not ecarts or ecarts[0].position == Position.NE_SE_COMPARE_PAS:
        return _sans_test(indicateur, fait, ancien)
    if valeur(indicateur, fait) == valeur(indicateur, ancien):
        return f"{pronom(indicateur)} n’a pas bougé depuis {ancien.millesime}"
    if ecarts[0].position == Position.NON_DIFFERENT:
        return f"aucune évolution n’est établie depuis {ancien.millesime} ({avant})"
    sens = "en hausse" if ecarts[0].position == Position.AU_DESSUS else "en baisse"
    return f"{pronom(indicateur)} est {sens}{_points(indicateur, fait, ancien)} depuis {ancien.millesime} ({avant})"


def _sans_test(indicateur: Indicator, fait: Fait, ancien: Fait) -> str:
    """« il était de 528 en 2024 », « il était le même en 2024 »: set side by side, nothing claimed."""
    if not isinstance(indicateur.measure, Total | Growth | Mean | Published):
        return ""
    egal = "la même" if genre(indicateur.label) == "f" else "le même"
    avant = f"de {lien(indicateur, valeur_courte(indicateur, ancien))}"
    inchange = valeur(indicateur, fait) == valeur(indicateur, ancien)
    return f"{pronom(indicateur)} était {egal if inchange else avant} {_en(ancien)}"


def _points(indicateur: Indicator, fait: Fait, ancien: Fait) -> str:
    if not isinstance(indicateur.measure, Share):
        return ""
    ecart = abs(arrondir(fait.valeur, 1) - arrondir(ancien.valeur, 1))
    return f" de {avec_unite(ecart, 'points', 1)}"


def _en(fait: Fait) -> str:
    return f"entre {fait.depuis} et {fait.millesime}" if fait.depuis else f"en {fait.millesime}"


def en_tete(faits: Faits, indicateur: Indicator) -> str:
    """« La part des demandes est la plus élevée pour « Alimentation » : 46,3 % en 2025 », among solid figures.

    The first is said to be the highest only if its interval is above all the others'; those that it does not
    leave behind are named beside it. What gathers the rest (« Autre ») is never first, and is said to be left out
    where it could be.
    """
    premiers, restes = _premiers(faits, indicateur)
    if not premiers:
        return ""
    premier = premiers[0]
    hors = "".join(f", hors {_entre_guillemets(faits, indicateur, fait)}" for fait in restes[:1])
    debut = francais.majuscule(sujet(indicateur))
    if len(premiers) > _NOMS_EN_TETE:
        return f"{debut} {_sans_premier(faits, indicateur, premiers)}{hors}."
    if len(premiers) > 1:
        return f"{debut} : {_ex_aequo(faits, indicateur, premiers)} {_en(premier)}, sans écart établi{hors}."
    superlatif = "la plus élevée" if genre(indicateur.label) == "f" else "le plus élevé"
    return (
        f"{debut} est {superlatif} pour {_entre_guillemets(faits, indicateur, premier)} : "
        f"{chiffre(indicateur, premier)} {_en(premier)}{hors}."
    )


def _premiers(faits: Faits, indicateur: Indicator) -> tuple[list[Fait], list[Fait]]:
    """The highest of the named groups and those that it does not leave behind; so of what gathers the rest.

    Nothing where fewer than two named groups have a solid figure.
    """
    tous = faits.faits.get((indicateur.id, faits.etude.code), ())
    annee = max((fait.millesime for fait in tous if fait.lisible), default=0)
    solides = [f for f in tous if f.millesime == annee and f.statut is Statut.VALIDE and f.groupe]
    solides.sort(key=lambda fait: (fait.valeur, fait.groupe), reverse=True)
    nommes = [fait for fait in solides if not _est_reste(faits, indicateur, fait)]
    if len(nommes) < 2:
        return [], []
    haut = nommes[0]
    proches = [f for f in solides if not depasse(haut.valeur, haut.basse, f.valeur, f.haute)]
    return [f for f in proches if f in nommes], [f for f in proches if f not in nommes]


def _est_reste(faits: Faits, indicateur: Indicator, fait: Fait) -> bool:
    """Whether a group is made of what no other holds: « Autre », « Sans fournisseur précisé »."""
    mot = faits.libelle_groupe(indicateur, fait.groupe).lower()
    return fait.groupe == "autre" or mot in ("autre", "autres") or "précisé" in mot


def _ex_aequo(faits: Faits, indicateur: Indicator, rangs: Sequence[Fait]) -> str:
    """« « Logement » (53,9 %) et « Mobilité » (50,1 %) arrivent en tête »."""
    return f"{francais.enumerer([_nomme(faits, indicateur, fait) for fait in rangs])} arrivent en tête"


def _sans_premier(faits: Faits, indicateur: Indicator, rangs: Sequence[Fait]) -> str:
    """« ne désigne aucun premier en 2025 : 9 se suivent sans écart établi, de « Isolement » (49,4 %) à … »."""
    haut, bas = (_nomme(faits, indicateur, fait) for fait in (rangs[0], rangs[-1]))
    return (
        f"ne désigne aucun premier {_en(rangs[0])} : {len(rangs)} se suivent sans écart établi avec le plus haut, "
        f"de {haut} à {bas}"
    )


def _nomme(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    """« « Logement » (53,9 %) »."""
    return (
        f"{_entre_guillemets(faits, indicateur, fait)} ({lien(indicateur, valeur_courte(indicateur, fait))})"
    )


def _entre_guillemets(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    return f"«\u00a0{faits.libelle_groupe(indicateur, fait.groupe)}\u00a0»"


def quartiers(faits: Faits, indicateur: Indicator, *, detail: bool = True) -> str:
    """Which quartiers differ from the commune, all of them in `detail`; where none does, the range without a name.

    A measure that is never tested is told by its extremes, set side by side.
    """
    lus = _quartiers_lisibles(faits, indicateur)
    if len(lus) < 3 or isinstance(indicateur.measure, Total):
        return ""
    tries = sorted(lus, key=lambda couple: (couple[0].valeur, couple[1].code))
    positions = [_position(faits, fait) for fait, _ in tries]
    dessus, dessous = (
        [couple for couple, lue in zip(tries, positions, strict=True) if lue == position]
        for position in (Position.AU_DESSUS, Position.AU_DESSOUS)
    )
    if dessus or dessous:
        return _quartiers_ecartes(faits, indicateur, dessus[::-1], dessous, detail=detail)
    testes = Position.NON_DIFFERENT in positions
    return _etendue(faits, indicateur, tries, nommer=not testes)


def _quartiers_ecartes(
    faits: Faits,
    indicateur: Indicator,
    dessus: Sequence[tuple[Fait, Lieu]],
    dessous: Sequence[tuple[Fait, Lieu]],
    *,
    detail: bool,
) -> str:
    """« … s’écarte de celle de la commune (15,7 %) : plus élevée à Boulari (20,0 %), moins élevée à Plum (10,0 %) »."""
    feminin = genre(indicateur.label) == "f"
    fait = (dessus or dessous)[0][0]
    commune = faits.a(indicateur.id, faits.etude.code, fait.millesime)
    lue = f" ({lien(indicateur, valeur_courte(indicateur, commune))})" if commune and commune.lisible else ""
    suites = []
    for adverbe, couples in (("plus", dessus), ("moins", dessous)):
        montres = couples if detail else couples[:1]
        noms = [f"{lieu.nom} ({lien(indicateur, valeur_courte(indicateur, lu))})" for lu, lieu in montres]
        notamment = "notamment " if len(montres) < len(couples) else ""
        if noms:
            suites.append(
                f"{adverbe} {'élevée' if feminin else 'élevé'} {notamment}à {francais.enumerer(noms)}"
            )
    return (
        f"Selon le quartier, {sujet(indicateur)} s’écarte de {'celle' if feminin else 'celui'} de la commune{lue} "
        f"{_en(fait)} : {', '.join(suites)}."
    )


def _etendue(faits: Faits, indicateur: Indicator, tries: Sequence[tuple[Fait, Lieu]], *, nommer: bool) -> str:
    """From the lowest to the highest: with names where nothing is tested, else without, and without a claim."""
    (bas, lieu_bas), (haut, lieu_haut) = tries[0], tries[-1]
    noms = (f" ({lieu_bas.nom})", f" ({lieu_haut.nom})") if nommer else ("", "")
    hors = ", hors petits effectifs" if len(tries) < len(_quartiers_connus(faits, indicateur)) else ""
    suite = "" if nommer else " ; aucun quartier ne s’écarte de façon établie de l’ensemble de la commune"
    return (
        f"Selon le quartier, {sujet(indicateur)} va de {lien(indicateur, valeur_courte(indicateur, bas))}{noms[0]} "
        f"à {chiffre(indicateur, haut)}{noms[1]} {_en(haut)}{hors}{suite}."
    )


def d_un_quartier(faits: Faits, indicateur: Indicator, lieu: Lieu) -> str:
    """Where a quartier differs from the commune; nothing where no difference is established."""
    fait = faits.dernier(indicateur.id, lieu.code)
    ecarts = faits.compares(fait, "commune") if fait is not None else ()
    commune = faits.a(indicateur.id, faits.etude.code, fait.millesime) if ecarts else None
    if commune is None or ecarts[0].position not in (Position.AU_DESSUS, Position.AU_DESSOUS):
        return ""
    ensemble = lien(indicateur, valeur_courte(indicateur, commune))
    rapport = _rapport(indicateur, fait, commune, ecarts[0])
    ecart = francais.joindre(rapport, f"dans l’ensemble de la commune ({ensemble})")
    return f"{_quand(fait)}, {sujet(indicateur)} est de {chiffre(indicateur, fait)} {lieu.dans}, {ecart}."


def _quartiers_lisibles(faits: Faits, indicateur: Indicator) -> list[tuple[Fait, Lieu]]:
    """Quartiers whose latest figure may be ranked: neither fragile, nor secret, nor absent."""
    return [(f, lieu) for f, lieu in _quartiers_connus(faits, indicateur) if f.statut is Statut.VALIDE]


def _quartiers_connus(faits: Faits, indicateur: Indicator) -> list[tuple[Fait, Lieu]]:
    """Quartiers that have a figure at the latest vintage, fragile or not."""
    derniers = [(faits.dernier(indicateur.id, lieu.code), lieu) for lieu in faits.quartiers]
    recent = max((fait.millesime for fait, _ in derniers if fait is not None), default=0)
    return [(fait, lieu) for fait, lieu in derniers if fait is not None and fait.millesime == recent]


def _position(faits: Faits, fait: Fait) -> str:
    ecarts = faits.compares(fait, "commune")
    return ecarts[0].position if ecarts else Position.NE_SE_COMPARE_PAS
