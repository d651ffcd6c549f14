"""Sentences written from the numbers: what a figure is, against whom it stands, how it has moved.

In: `Faits`. Out: French sentences, in Markdown: each number links to its indicator's card. A sentence
says « plus », « moins », « en hausse » only where the comparison's state does; where no test exists the
values are set side by side and nothing is claimed.
"""

from __future__ import annotations

from pipeline.methods.comparaisons import Position
from pipeline.model import Growth, Indicator, Mean, Published, Share, Statut, Total, genre
from pipeline.report import francais
from pipeline.report.faits import Ecart, Fait, Faits, Lieu
from pipeline.report.nombres import arrondir, avec_unite

_FOIS = {2: "deux", 3: "trois", 4: "quatre", 5: "cinq"}
_PRECISION_FOIS = 0.1

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
    lu = chiffre(indicateur, fait) + (" (chiffre fragile)" if fait.statut is Statut.FRAGILE else "")
    morceaux = [
        f"{_quand(fait)}, {sujet(indicateur)} est de {lu} {lieu.dans}{reserve}",
        contre_comparateurs(faits, indicateur, fait),
    ]
    phrase = ", ".join(morceau for morceau in morceaux if morceau)
    suite = depuis(faits, indicateur, fait) if evolution else ""
    return f"{phrase}. {francais.majuscule(suite)}." if suite else f"{phrase}."


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


def a_change(faits: Faits, indicateur: Indicator, fait: Fait) -> bool:
    """Whether a change is established, or the measure is one of change itself."""
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
    """« deux fois  » when the ratio is about a whole number from two to five, else nothing."""
    if petit <= 0:
        return ""
    rapport = grand / petit
    entier = round(rapport)
    proche = abs(rapport - entier) <= _PRECISION_FOIS * entier / 2
    return f"{_FOIS[entier]} fois " if entier in _FOIS and proche else ""


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
    """« La part des demandes est la plus élevée pour « Alimentation » : 46,3 % en 2025 », among solid figures."""
    tous = faits.faits.get((indicateur.id, faits.etude.code), ())
    annee = max((fait.millesime for fait in tous if fait.lisible), default=0)
    solides = [
        fait for fait in tous if fait.millesime == annee and fait.statut is Statut.VALIDE and fait.groupe
    ]
    if len(solides) < 2:
        return ""
    fait = max(solides, key=lambda fait: (fait.valeur, fait.groupe))
    superlatif = "la plus élevée" if genre(indicateur.label) == "f" else "le plus élevé"
    groupe = faits.libelle_groupe(indicateur, fait.groupe)
    return (
        f"{francais.majuscule(sujet(indicateur))} est {superlatif} pour «\u00a0{groupe}\u00a0» : "
        f"{chiffre(indicateur, fait)} {_en(fait)}."
    )


def quartiers(faits: Faits, indicateur: Indicator, *, detail: bool = True) -> str:
    """Where the indicator is highest and lowest among quartiers, and in `detail` which differ from the commune."""
    lus = _quartiers_lisibles(faits, indicateur)
    if len(lus) < 3 or isinstance(indicateur.measure, Total):
        return ""
    tries = sorted(lus, key=lambda couple: (couple[0].valeur, couple[1].code))
    (bas, lieu_bas), (haut, lieu_haut) = tries[0], tries[-1]
    phrase = (
        f"Selon le quartier, {sujet(indicateur)} va de {lien(indicateur, valeur_courte(indicateur, bas))} "
        f"({lieu_bas.nom}) à {chiffre(indicateur, haut)} ({lieu_haut.nom}) {_en(haut)}"
    )
    dessus, dessous = (
        [lieu.nom for fait, lieu in lus if _position(faits, fait) == position]
        for position in (Position.AU_DESSUS, Position.AU_DESSOUS)
    )
    suites = [
        f"{adverbe} que dans l’ensemble de la commune à {francais.enumerer(noms)}"
        for adverbe, noms in (("plus", dessus), ("moins", dessous))
        if noms and detail
    ]
    return f"{phrase} : {', et '.join(suites)}." if suites else f"{phrase}."


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
    derniers = [(faits.dernier(indicateur.id, lieu.code), lieu) for lieu in faits.quartiers]
    recent = max((fait.millesime for fait, _ in derniers if fait is not None), default=0)
    return [
        (fait, lieu)
        for fait, lieu in derniers
        if fait is not None and fait.millesime == recent and fait.statut is Statut.VALIDE
    ]


def _position(faits: Faits, fait: Fait) -> str:
    ecarts = faits.compares(fait, "commune")
    return ecarts[0].position if ecarts else Position.NE_SE_COMPARE_PAS
