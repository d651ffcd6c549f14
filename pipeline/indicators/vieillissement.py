"""Chapter 3: how many older people, how fast their number grows, and who lives alone."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Published, Ratio, Share, Total

_AINES = ("personnes âgées",)

# Each threshold opens a different need: retirement, frailty, dependency.
_SEUILS = {
    60: "Âge à partir duquel se préparent les retraites et l'adaptation des logements.",
    65: "Âge des comparaisons internationales, proche de celui du départ en retraite.",
    70: "Âge auquel apparaissent les premières fragilités : portage, transport, lien social.",
    75: "Âge à partir duquel se comptent les places d'hébergement et les services à domicile.",
    80: "Âge auquel la perte d'autonomie devient fréquente : aide à domicile, hébergement.",
    90: "Le très grand âge, où presque chacun a besoin d'aide au quotidien.",
}

PARTS = tuple(
    Indicator(
        id=f"part_{age}_plus",
        label=f"Part des {age} ans et plus",
        definition=f"Population âgée de {age} ans et plus, rapportée à la population totale.",
        why=why,
        measure=Share(f"pop_{age}_plus", of="pop"),
        table="population",
        publics=_AINES,
    )
    for age, why in _SEUILS.items()
)

EFFECTIFS = tuple(
    Indicator(
        id=f"population_{age}_plus",
        label=f"Population de {age} ans et plus",
        definition=f"Nombre d'habitants âgés de {age} ans et plus.",
        why=why,
        measure=Total(f"pop_{age}_plus", "habitants"),
        table="population",
        publics=_AINES,
    )
    for age, why in _SEUILS.items()
)

EVOLUTIONS = tuple(
    Indicator(
        id=f"evolution_{age}_plus",
        label=f"Évolution annuelle moyenne des {age} ans et plus",
        definition=f"Taux de variation annuel moyen du nombre d'habitants de {age} ans et plus.",
        why="Dit à quel rythme les services aux aînés devront grandir.",
        measure=Growth(f"pop_{age}_plus"),
        table="population",
        publics=_AINES,
    )
    for age in (60, 75, 80)
)

# Living alone, among those who live in a household, at each age of isolation.
_SEULS = {
    "80_plus": (
        "80 ans et plus",
        "Vivre seul à cet âge est le premier facteur d'isolement et d'entrée en établissement.",
        "defavorable",
        _AINES,
    ),
    "65_79": ("65 à 79 ans", "Repérer tôt l'isolement, avant la perte d'autonomie.", "defavorable", _AINES),
    "55_64": (
        "55 à 64 ans",
        "À cet âge, la solitude accompagne souvent la perte d'un emploi ou d'un conjoint.",
        "defavorable",
        ("ensemble",),
    ),
    "25_54": (
        "25 à 54 ans",
        "Isolement des adultes, souvent après une séparation ou une perte d'emploi.",
        "neutre",
        ("ensemble",),
    ),
}

SEULS = {
    bornes: Indicator(
        id=f"part_{bornes}_seuls",
        label=f"Part des {ages} vivant seuls",
        definition=f"Personnes de {ages} vivant seules, parmi celles qui vivent dans un ménage.",
        why=why,
        measure=Share(f"seules_{bornes}", of=f"pop_menages_{bornes}"),
        table="modes_de_vie",
        higher_is=sens,
        publics=publics,
    )
    for bornes, (ages, why, sens, publics) in _SEULS.items()
}

# From Filosofi and from départements.
PAUVRETE_ET_AIDES = (
    Indicator(
        id="taux_pauvrete_75_plus",
        label="Taux de pauvreté des ménages dont le référent a 75 ans ou plus",
        definition="Part des personnes de ces ménages dont le niveau de vie est sous 60 % de la médiane nationale.",
        why="Les petites pensions renoncent aux soins, au chauffage et à l'aide à domicile.",
        measure=Published("taux_pauvrete_75_plus", "%", decimals=0, bounds=(0, 100)),
        table="revenus",
        higher_is="defavorable",
        publics=_AINES,
        caveat="L'INSEE écrit 5 % pour tout taux inférieur : lire « au plus 5 % », sans classer. Ménages fiscaux : "
        "sans les personnes qui vivent en établissement.",
    ),
    Indicator(
        id="rapport_apa_75_plus",
        label="Rapport entre bénéficiaires de l'APA et habitants de 75 ans et plus",
        definition="Bénéficiaires de l'allocation personnalisée d'autonomie, pour 100 habitants de 75 ans et plus.",
        why="Mesure la perte d'autonomie reconnue, à domicile et en établissement.",
        measure=Ratio(
            "apa_domicile + apa_etablissement", of="pop_75_plus", noun="habitants de 75 ans et plus"
        ),
        table="aide_sociale",
        publics=_AINES,
        caveat="Connu par département. L'APA s'ouvre à 60 ans : un indice, et non un taux.",
    ),
    Indicator(
        id="rapport_ash_75_plus",
        label="Rapport entre bénéficiaires de l'aide sociale à l'hébergement et 75 ans et plus",
        definition="Personnes âgées bénéficiaires de l'aide sociale à l'hébergement, pour 1 000 habitants "
        "de 75 ans et plus.",
        why="Compte ceux dont ni la pension ni la famille ne paient l'établissement ; le CCAS instruit leur dossier.",
        measure=Ratio("ash_ages", of="pop_75_plus", per=1000, noun="habitants de 75 ans et plus"),
        table="aide_sociale",
        publics=_AINES,
        caveat="Connu par département.",
    ),
)

CHAPITRE = Chapter(
    id="vieillissement",
    title="Vieillissement et isolement",
    question="Combien de personnes âgées, à quel rythme leur nombre augmente-t-il, et vivent-elles seules ?",
    indicators=(
        *EFFECTIFS,
        *PARTS,
        *EVOLUTIONS,
        Indicator(
            id="indice_grand_age",
            label="Indice de grand âge",
            definition="Nombre de personnes de 80 ans et plus pour 100 personnes de 60 à 79 ans.",
            why="Mesure le poids des plus âgés parmi les aînés, donc des besoins d'aide parmi les retraités.",
            measure=Ratio("pop_80_plus", of="pop_60_79", noun="personnes de 60 à 79 ans"),
            table="population",
            publics=_AINES,
            caveat="Usage courant : 80 ans et plus pour 100 personnes de 65 à 79 ans ; ici 60-79 ans, "
            "seule borne connue au quartier.",
        ),
        Indicator(
            id="indice_grand_age_65_79",
            label="Indice de grand âge parmi les 65 ans et plus",
            definition="Nombre de personnes de 80 ans et plus pour 100 personnes de 65 à 79 ans.",
            why="Mesure le poids des plus âgés parmi les aînés, donc des besoins d'aide parmi les retraités.",
            measure=Ratio("pop_80_plus", of="pop_65_79", noun="personnes de 65 à 79 ans"),
            table="population",
            publics=_AINES,
        ),
        Indicator(
            id="aidants_potentiels",
            label="Rapport entre aidants potentiels et grand âge",
            definition="Nombre de personnes de 50 à 59 ans pour une personne de 80 ans et plus.",
            why="Les enfants de 50 à 59 ans sont les premiers aidants : moins il y en a, plus l'aide "
            "professionnelle est nécessaire.",
            measure=Ratio("pop_50_59", of="pop_80_plus", per=1),
            table="population",
            higher_is="favorable",
            publics=_AINES,
            caveat="Un ordre de grandeur : les enfants n'habitent pas tous la commune.",
        ),
        Indicator(
            id="aidants_55_64",
            label="Rapport entre les 55 à 64 ans et le grand âge",
            definition="Nombre de personnes de 55 à 64 ans pour une personne de 80 ans et plus.",
            why="La génération des enfants : moins elle est nombreuse, plus l'aide professionnelle est nécessaire.",
            measure=Ratio("pop_55_64", of="pop_80_plus", per=1),
            table="population",
            higher_is="favorable",
            publics=_AINES,
            caveat="Un ordre de grandeur : les enfants n'habitent pas tous la commune. L'usage est de rapporter "
            "aux 85 ans et plus, qui ne sont pas publiés pour toutes les communes.",
        ),
        SEULS["80_plus"],
        SEULS["65_79"],
        Indicator(
            id="part_75_plus_communaute",
            label="Part des 75 ans et plus vivant hors d'un ménage",
            definition="Personnes de 75 ans et plus vivant en maison de retraite ou dans une autre communauté.",
            why="Mesure l'hébergement collectif ; le reste vieillit à domicile.",
            measure=Share("communaute_75_plus", of="pop_75_plus"),
            table="modes_de_vie",
            publics=_AINES,
        ),
        Indicator(
            id="part_80_plus_hors_menage",
            label="Part des 80 ans et plus vivant hors d'un ménage",
            definition="Personnes de 80 ans et plus vivant en maison de retraite ou dans une autre communauté.",
            why="Mesure l'hébergement collectif ; le reste vieillit à domicile.",
            measure=Share("pop_80_plus - pop_menages_80_plus", of="pop_80_plus"),
            table="modes_de_vie",
            publics=_AINES,
        ),
        Indicator(
            id="part_population_seule",
            label="Part des habitants vivant seuls",
            definition="Personnes vivant seules, parmi la population des ménages.",
            why="À tout âge, vivre seul fragilise en cas de coup dur.",
            measure=Share("seules", of="pop_menages"),
            table="modes_de_vie",
        ),
        SEULS["55_64"],
        SEULS["25_54"],
        *PAUVRETE_ET_AIDES,
    ),
    figures=(
        Figure("pente", ("part_60_plus",), "Part des 60 ans et plus, quartier par quartier"),
        Figure("classement", ("part_60_plus",), "Part des 60 ans et plus"),
        Figure("carte", ("part_60_plus",), "Part des 60 ans et plus"),
        Figure("evolution", ("part_80_plus",), "Part des 80 ans et plus aux recensements"),
    ),
)
