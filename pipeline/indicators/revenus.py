"""Chapter 4: income, poverty and minimum benefits. Figures of Filosofi are said as INSEE publishes them."""

import math

from pipeline.model import Chapter, Figure, Indicator, Mean, Published, Ratio, Share, Total

_DIFFICULTE = ("personnes en difficulté",)
_PART = (0, 100)
_POSITIF = (0, math.inf)
_FILOSOFI = (
    "Ménages fiscaux : ni les personnes sans domicile, ni celles qui vivent en foyer ou en établissement, ni les "
    "ménages sans revenu déclaré. L'INSEE appelle à la prudence pour comparer deux années proches."
)
_PLANCHER = f"L'INSEE écrit 5 % pour tout taux inférieur : lire « au plus 5 % », sans classer. {_FILOSOFI}"
_DECLARE = (
    "Avant impôts et prestations : ne se compare ni au niveau de vie, ni au taux de pauvreté de la commune, qui "
    "sont calculés après redistribution."
)
_FILOSOFI_2 = (
    "Filosofi 2, à partir de 2023 : méthode et sources nouvelles, ne se compare à aucun chiffre de la série qui "
    f"s'arrête en 2021. {_FILOSOFI}"
)
_SOUS_60 = "niveau de vie est sous 60 % de la médiane nationale"
_RECENT = "Le chiffre le plus récent, dans la série ouverte en 2023."


def _mediane(nom: str, label: str, quoi: str, why: str, ou: tuple[str, str], caveat: str) -> Indicator:
    """The median of an income by consumption unit, as published; `ou`: its table and its column."""
    table, colonne = ou
    return Indicator(
        id=nom,
        label=label,
        definition=f"{quoi} annuel par unité de consommation que la moitié des habitants ne dépassent pas.",
        why=why,
        measure=Published(colonne, "€", decimals=0, bounds=_POSITIF),
        table=table,
        higher_is="favorable",
        caveat=caveat,
    )


def _sous_le_seuil(
    nom: str, label: str, seuil: str, why: str, table: str, caveat: str, decimales: int = 0
) -> Indicator:
    """Share of the inhabitants under 60 % of a median, as published."""
    return Indicator(
        id=nom,
        label=label,
        definition=f"Part des habitants dont le {seuil}.",
        why=why,
        measure=Published("taux_pauvrete", "%", decimals=decimales, bounds=_PART),
        table=table,
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=caveat,
    )


def _pauvrete(suffixe: str, qui: str, why: str, publics: tuple[str, ...]) -> Indicator:
    """Poverty rate of a part of the households, as published."""
    return Indicator(
        id=f"taux_pauvrete_{suffixe}",
        label=f"Taux de pauvreté des ménages {qui}",
        definition=f"Part des personnes des ménages {qui} dont le niveau de vie est sous 60 % de la médiane nationale.",
        why=why,
        measure=Published(f"taux_pauvrete_{suffixe}", "%", decimals=0, bounds=_PART),
        table="revenus",
        higher_is="defavorable",
        publics=publics,
        caveat=_PLANCHER,
    )


# Ages of the tax reference person; 75 and over is told with ageing.
_AGES = {
    "moins_30": (
        "dont le référent a moins de 30 ans",
        "Étudier, se loger et débuter sans appui.",
        ("jeunes",),
    ),
    "30_39": (
        "dont le référent a de 30 à 39 ans",
        "L'âge des jeunes enfants et des premiers prêts.",
        ("familles",),
    ),
    "40_49": (
        "dont le référent a de 40 à 49 ans",
        "L'âge des séparations et des adolescents.",
        ("familles",),
    ),
    "50_59": (
        "dont le référent a de 50 à 59 ans",
        "Perdre son emploi à cet âge se rattrape mal.",
        _DIFFICULTE,
    ),
    "60_74": (
        "dont le référent a de 60 à 74 ans",
        "Les petites retraites commencent ici.",
        ("personnes âgées",),
    ),
}
PAUVRETES_PAR_AGE = tuple(_pauvrete(nom, *textes) for nom, textes in _AGES.items())

_OCCUPATIONS = {
    "proprietaires": ("propriétaires", "Posséder son logement ne protège pas des charges ni des travaux."),
    "locataires": ("locataires", "Le loyer et l'énergie passent avant le reste : là se jouent les impayés."),
}
PAUVRETES_PAR_OCCUPATION = tuple(
    _pauvrete(nom, qui, why, _DIFFICULTE) for nom, (qui, why) in _OCCUPATIONS.items()
)

_REVENUS = {
    "part_revenus_activite": ("revenus d'activité", "Dit si le territoire vit du travail.", "neutre"),
    "part_chomage": ("indemnités de chômage", "Un revenu qui s'épuise avec les droits.", "defavorable"),
    "part_pensions": (
        "pensions, retraites et rentes",
        "Dit le poids des retraités dans les revenus.",
        "neutre",
    ),
    "part_patrimoine": ("revenus du patrimoine", "Loyers et placements creusent les écarts.", "neutre"),
    "part_prestations": (
        "prestations sociales",
        "Ce que la solidarité apporte au revenu des ménages.",
        "neutre",
    ),
    "part_prestations_familiales": ("prestations familiales", "Soutien aux familles avec enfants.", "neutre"),
    "part_minima_sociaux": (
        "minima sociaux",
        "RSA, AAH, minimum vieillesse : le dernier filet.",
        "defavorable",
    ),
    "part_prestations_logement": (
        "prestations logement",
        "Sans elles, le loyer ne serait pas payé.",
        "neutre",
    ),
    "part_impots": ("impôts directs (déduits)", "Ce que les ménages rendent à la redistribution.", "neutre"),
}
STRUCTURE = tuple(
    Indicator(
        id=nom,
        label=f"Part des {quoi} dans le revenu disponible",
        definition=f"Part des {quoi} dans le revenu disponible de l'ensemble des ménages fiscaux.",
        why=why,
        measure=Published(nom, "%", bounds=(-100, 200)),
        table="revenus",
        higher_is=sens,
        caveat=f"Activité, pensions, patrimoine et prestations, moins les impôts, font 100 %. {_FILOSOFI}",
    )
    for nom, (quoi, why, sens) in _REVENUS.items()
)

NIVEAUX = (
    _mediane(
        "niveau_vie_median",
        "Niveau de vie médian",
        "Revenu disponible",
        "Situe d'un chiffre les moyens des habitants, après impôts et prestations.",
        ("revenus", "niveau_vie_median"),
        f"Arrondi à 10 € par l'INSEE ; une médiane ne s'additionne pas. {_FILOSOFI}",
    ),
    _sous_le_seuil(
        "taux_pauvrete",
        "Taux de pauvreté",
        _SOUS_60,
        "La mesure de référence de la pauvreté, celle des politiques publiques.",
        "revenus",
        _PLANCHER,
    ),
    Indicator(
        id="part_menages_imposes",
        label="Part des ménages fiscaux imposés",
        definition="Ménages fiscaux qui paient l'impôt sur le revenu, rapportés à tous les ménages fiscaux.",
        why="Dit combien de ménages ont un revenu qui dépasse le seuil de l'impôt.",
        measure=Published("part_menages_imposes", "%", decimals=0, bounds=_PART),
        table="revenus",
        higher_is="favorable",
        caveat=_FILOSOFI,
    ),
    Indicator(
        id="niveau_vie_decile_1",
        label="Niveau de vie maximal des 10 % les plus modestes",
        definition="Niveau de vie que les 10 % d'habitants les plus modestes ne dépassent pas (premier décile).",
        why="Ce avec quoi vivent ceux que le CCAS rencontre le plus.",
        measure=Published("decile_1", "€", decimals=0, bounds=_POSITIF),
        table="revenus",
        higher_is="favorable",
        publics=_DIFFICULTE,
        caveat=_FILOSOFI,
    ),
    Indicator(
        id="niveau_vie_decile_9",
        label="Niveau de vie minimal des 10 % les plus aisés",
        definition="Niveau de vie que dépassent les 10 % d'habitants les plus aisés (neuvième décile).",
        why="Situe le haut de l'échelle, pour lire les écarts.",
        measure=Published("decile_9", "€", decimals=0, bounds=_POSITIF),
        table="revenus",
        caveat=_FILOSOFI,
    ),
    Indicator(
        id="rapport_interdecile",
        label="Rapport interdécile",
        definition="Neuvième décile du niveau de vie rapporté au premier (D9/D1).",
        why="Dit combien de fois les plus aisés ont au moins plus que les plus modestes.",
        measure=Published("rapport_interdecile", "", bounds=_POSITIF),
        table="revenus",
        higher_is="defavorable",
        caveat=_FILOSOFI,
    ),
    Indicator(
        id="indice_gini",
        label="Indice de Gini",
        definition="Concentration des niveaux de vie, de 0 (tous égaux) à 1 (un seul a tout), telle que publiée.",
        why="Résume les inégalités dans toute l'échelle, et pas seulement à ses bouts.",
        measure=Published("gini", "", decimals=3, bounds=(0, 1)),
        table="revenus",
        higher_is="defavorable",
        caveat=f"Publié par IRIS et aux niveaux supérieurs ; jamais recalculé à partir des déciles. {_FILOSOFI}",
    ),
    Indicator(
        id="menages_fiscaux",
        label="Nombre de ménages fiscaux",
        definition="Ménages du Fichier localisé social et fiscal, sur lesquels portent les chiffres de ce chapitre.",
        why="Dit sur combien de ménages reposent les revenus publiés.",
        measure=Total("menages_fiscaux", "ménages"),
        table="revenus",
        caveat="Dans les communes frontalières, bien moins que de ménages au recensement (revenus de l'étranger).",
    ),
)

DECLARES = (
    _mediane(
        "revenu_declare_median",
        "Niveau médian du revenu déclaré",
        "Revenu déclaré",
        "Compare les IRIS d'une même commune par ce que les habitants gagnent avant toute aide.",
        ("revenus_declares", "revenu_declare_median"),
        _DECLARE,
    ),
    _sous_le_seuil(
        "taux_bas_revenus_declares",
        "Taux de bas revenus déclarés",
        "revenu déclaré par unité de consommation est sous 60 % de la médiane",
        "Repère les IRIS où la redistribution est la plus nécessaire.",
        "revenus_declares",
        _DECLARE,
    ),
    Indicator(
        id="indice_gini_declare",
        label="Indice de Gini des revenus déclarés",
        definition="Concentration des revenus déclarés, de 0 (tous égaux) à 1 (un seul a tout), telle que publiée.",
        why="Un même revenu médian peut cacher un IRIS homogène ou très partagé.",
        measure=Published("gini", "", decimals=3, bounds=(0, 1)),
        table="revenus_declares",
        higher_is="defavorable",
        caveat=_DECLARE,
    ),
)

FILOSOFI_2 = (
    _mediane(
        "niveau_vie_median_filosofi_2",
        "Niveau de vie médian (Filosofi 2)",
        "Revenu disponible",
        _RECENT,
        ("revenus_2", "niveau_vie_median"),
        _FILOSOFI_2,
    ),
    _sous_le_seuil(
        "taux_pauvrete_filosofi_2",
        "Taux de pauvreté (Filosofi 2)",
        _SOUS_60,
        _RECENT,
        "revenus_2",
        _FILOSOFI_2,
        decimales=1,
    ),
)

_CAF = (
    "Foyers allocataires de la CAF en décembre, sans la MSA, arrondis à 5. Un ménage peut compter plusieurs foyers : "
    "un indice et non un taux. Les personnes domiciliées n'y ont pas toutes d'adresse."
)

MINIMA = (
    Indicator(
        id="foyers_rsa",
        label="Nombre de foyers bénéficiaires du RSA",
        definition="Foyers allocataires ayant un droit au revenu de solidarité active versable en décembre.",
        why="Le premier des minima sociaux d'âge actif, et un public de l'insertion.",
        measure=Total("foyers_rsa", "foyers"),
        table="allocataires",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=_CAF,
    ),
    Indicator(
        id="rapport_rsa_menages",
        label="Rapport entre foyers au RSA et ménages",
        definition="Foyers bénéficiaires du RSA pour 100 ménages du dernier recensement connu.",
        why="Compare le poids du RSA entre territoires de tailles différentes.",
        measure=Ratio("foyers_rsa", of="menages", noun="ménages"),
        table="allocataires",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=_CAF,
    ),
    Indicator(
        id="montant_rsa_moyen",
        label="Montant mensuel moyen du RSA par foyer",
        definition="RSA versé au titre du mois de décembre, rapporté aux foyers bénéficiaires.",
        why="Bas, il signale des foyers qui ont d'autres ressources ; haut, des foyers sans rien.",
        measure=Mean("montant_rsa", of="foyers_rsa", unit="€", decimals=0),
        table="allocataires",
        publics=_DIFFICULTE,
        caveat=f"Montant d'un seul mois, arrondi, sur un nombre de foyers arrondi à 5. {_CAF}",
    ),
    Indicator(
        id="foyers_prime_activite",
        label="Nombre de foyers bénéficiaires de la prime d'activité",
        definition="Foyers allocataires ayant un droit à la prime d'activité versable en décembre.",
        why="Compte les travailleurs modestes, que l'on rencontre peu dans les permanences.",
        measure=Total("foyers_prime_activite", "foyers"),
        table="allocataires",
        publics=_DIFFICULTE,
        caveat=_CAF,
    ),
    Indicator(
        id="rapport_prime_activite_menages",
        label="Rapport entre foyers à la prime d'activité et ménages",
        definition="Foyers bénéficiaires de la prime d'activité pour 100 ménages du dernier recensement connu.",
        why="Situe la part du travail qui ne suffit pas à vivre.",
        measure=Ratio("foyers_prime_activite", of="menages", noun="ménages"),
        table="allocataires",
        publics=_DIFFICULTE,
        caveat=_CAF,
    ),
    Indicator(
        id="part_quotient_moins_800",
        label="Part des foyers allocataires au quotient familial sous 800 €",
        definition="Foyers allocataires dont le quotient familial est sous 800 €, parmi ceux dont il est connu.",
        why="Dit combien de familles relèvent des premiers tarifs de la cantine ou du centre de loisirs.",
        measure=Share(
            "foyers_qf_moins_400 + foyers_qf_400_799",
            of="foyers_qf_moins_400 + foyers_qf_400_799 + foyers_qf_800_1199 + foyers_qf_1200_1599 "
            "+ foyers_qf_1600_1999 + foyers_qf_2000_3999 + foyers_qf_4000_plus",
        ),
        table="allocataires_quotient",
        higher_is="defavorable",
        publics=("familles", "personnes en difficulté"),
        caveat=f"Parmi les allocataires seulement. {_CAF}",
    ),
)

CHAPITRE = Chapter(
    id="revenus",
    title="Revenus, précarité et minima sociaux",
    question="De quoi vivent les habitants, combien sont pauvres, et qui sont-ils ?",
    indicators=(
        *NIVEAUX,
        *PAUVRETES_PAR_AGE,
        *PAUVRETES_PAR_OCCUPATION,
        *STRUCTURE,
        *DECLARES,
        *FILOSOFI_2,
        *MINIMA,
    ),
    figures=(
        Figure("comparaison", ("taux_pauvrete",), "Taux de pauvreté"),
        Figure("comparaison", ("niveau_vie_median",), "Niveau de vie médian"),
        Figure("carte", ("taux_bas_revenus_declares",), "Taux de bas revenus déclarés"),
    ),
)
