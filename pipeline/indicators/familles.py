"""Chapter 2: children, young people and families."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Mean, Rate, Ratio, Share, Total

_FAMILLES = ("familles",)
_JEUNES = ("jeunes",)

# Each age opens another service: crèche, nursery school, primary school, secondary school.
_ENFANCES = {
    "0_2": ("moins de 3 ans", "les modes d'accueil du jeune enfant"),
    "2_5": ("2 à 5 ans", "l'accueil du jeune enfant et l'école maternelle"),
    "3_5": ("3 à 5 ans", "l'école maternelle et la garderie"),
    "6_10": ("6 à 10 ans", "l'école élémentaire, la cantine et les centres de loisirs"),
    "11_17": ("11 à 17 ans", "le collège, le lycée et l'animation jeunesse"),
}

ENFANTS = tuple(
    Indicator(
        id=f"enfants_{bornes}",
        label=f"Nombre d'enfants de {nom}",
        definition=f"Habitants âgés de {nom}, en âge révolu.",
        why=f"Dimensionne {service}.",
        measure=Total(f"pop_{bornes}", "enfants"),
        table="enfants",
        publics=_FAMILLES,
    )
    for bornes, (nom, service) in _ENFANCES.items()
)

# Households by their (main) family, beside those of one person and of a single parent.
_COUPLES = {
    "couples_sans_enfant": (
        "couple sans enfant",
        "Souvent des couples dont les enfants sont partis, ou pas nés.",
    ),
    "couples_avec_enfant": (
        "couple avec enfant",
        "Premier public des écoles, des loisirs et du logement familial.",
    ),
}

COUPLES = tuple(
    Indicator(
        id=f"part_menages_{colonne}",
        label=f"Part des {nom.replace('couple', 'couples')} parmi les ménages",
        definition=f"Ménages formés d'un {nom}, rapportés à l'ensemble des ménages.",
        why=why,
        measure=Share(colonne, of="menages"),
        table="menages",
        publics=_FAMILLES,
    )
    for colonne, (nom, why) in _COUPLES.items()
)

# From civil registration, CNAF and départements.
ENFANTS_ET_PRESTATIONS = (
    Indicator(
        id="naissances",
        label="Nombre de naissances",
        definition="Naissances de l'année, comptées au domicile de la mère.",
        why="Annonce les besoins de garde dans l'année, et d'école dans trois ans.",
        measure=Total("naissances", "naissances"),
        table="etat_civil",
        publics=_FAMILLES,
    ),
    Indicator(
        id="evolution_naissances",
        label="Évolution annuelle moyenne des naissances",
        definition="Taux de variation annuel moyen du nombre de naissances, sur cinq ans.",
        why="Dit si les places d'accueil et les classes sont appelées à croître ou à fermer.",
        measure=Growth("naissances"),
        table="etat_civil",
        publics=_FAMILLES,
    ),
    Indicator(
        id="taux_couverture_petite_enfance",
        label="Taux de couverture de l'accueil du jeune enfant",
        definition="Places d'accueil (établissements, assistantes maternelles, garde à domicile, école à 2 ans) "
        "pour 100 enfants de moins de 3 ans.",
        why="Sans mode de garde, l'un des parents, la mère le plus souvent, ne peut pas travailler.",
        measure=Ratio(
            "places_eaje + places_assistantes + places_domicile + places_prescolarisation",
            of="enfants_moins_3",
            noun="enfants de moins de 3 ans",
        ),
        table="petite_enfance",
        higher_is="favorable",
        publics=_FAMILLES,
        caveat="Capacité théorique à un instant ; publiée pour les communes de plus de 10 000 habitants et les "
        "intercommunalités, meilleure échelle : on fait aussi garder dans les communes voisines.",
    ),
    Indicator(
        id="places_creche_pour_enfants",
        label="Rapport entre places de crèche et enfants de moins de 3 ans",
        definition="Places en établissement d'accueil du jeune enfant, pour 100 enfants de moins de 3 ans.",
        why="L'accueil collectif est le plus accessible aux familles modestes.",
        measure=Ratio("places_eaje", of="enfants_moins_3", noun="enfants de moins de 3 ans"),
        table="petite_enfance",
        higher_is="favorable",
        publics=_FAMILLES,
        caveat="Capacité théorique à un instant.",
    ),
    Indicator(
        id="rapport_couverts_caf",
        label="Rapport entre personnes couvertes par la CAF et habitants",
        definition="Personnes couvertes par une prestation légale de la CAF en décembre, pour 100 habitants.",
        why="Dit quelle part de la population est connue de la CAF, premier partenaire des familles.",
        measure=Ratio("personnes_couvertes", of="pop", noun="habitants"),
        table="allocataires",
        publics=_FAMILLES,
        caveat="Un indice : la population est celle du dernier recensement connu ; CAF seule, sans la MSA.",
    ),
    Indicator(
        id="foyers_allocations_familiales",
        label="Nombre de foyers percevant les allocations familiales",
        definition="Foyers ayant au moins deux enfants à charge et percevant les allocations familiales en décembre.",
        why="Compte les familles de deux enfants et plus connues de la CAF.",
        measure=Total("foyers_allocations_familiales", "foyers"),
        table="allocataires",
        publics=_FAMILLES,
        caveat="CAF seule, sans la MSA ; arrondi à 5. En outre-mer, dès le premier enfant.",
    ),
    Indicator(
        id="foyers_soutien_familial",
        label="Nombre de foyers percevant l'allocation de soutien familial",
        definition="Foyers élevant un enfant privé de l'aide de l'un de ses parents, en décembre.",
        why="Repère les parents seuls sans pension alimentaire.",
        measure=Total("foyers_soutien_familial", "foyers"),
        table="allocataires",
        publics=_FAMILLES,
        caveat="CAF seule, sans la MSA ; arrondi à 5.",
    ),
    Indicator(
        id="taux_ase",
        label="Taux de suivi par l'aide sociale à l'enfance",
        definition="Mineurs et jeunes majeurs suivis par l'aide sociale à l'enfance, pour 1 000 habitants "
        "de moins de 20 ans.",
        why="Mesure les situations d'enfants en danger que le département accompagne.",
        measure=Rate("ase_mineurs_majeurs", of="pop_0_19", noun="moins de 20 ans"),
        table="aide_sociale",
        publics=("familles", "jeunes"),
        caveat="Connu par département. Les jeunes majeurs sont suivis jusqu'à 21 ans : le taux en est un peu majoré.",
    ),
)

CHAPITRE = Chapter(
    id="familles",
    title="Jeunesse et familles",
    question="Quelle place tiennent les enfants et les jeunes, et dans quelles familles grandissent-ils ?",
    indicators=(
        Indicator(
            id="population_0_19",
            label="Population de moins de 20 ans",
            definition="Nombre d'habitants de moins de 20 ans.",
            why="Premier public des écoles, des centres de loisirs et de l'aide aux familles.",
            measure=Total("pop_0_19", "habitants"),
            table="population",
            publics=_JEUNES,
        ),
        Indicator(
            id="part_0_9",
            label="Part des moins de 10 ans",
            definition="Habitants de moins de 10 ans, rapportés à la population totale.",
            why="Annonce les besoins d'accueil du jeune enfant et d'école primaire.",
            measure=Share("pop_0_9", of="pop"),
            table="population",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_10_19",
            label="Part des 10 à 19 ans",
            definition="Habitants de 10 à 19 ans, rapportés à la population totale.",
            why="Annonce les besoins du collège, du lycée, de l'animation et de l'insertion.",
            measure=Share("pop_10_19", of="pop"),
            table="population",
            publics=_JEUNES,
        ),
        Indicator(
            id="part_15_24",
            label="Part des 15 à 24 ans",
            definition="Habitants de 15 à 24 ans, rapportés à la population totale.",
            why="L'âge du lycée, des études et du premier emploi : mission locale, logement, prévention.",
            measure=Share("pop_15_24", of="pop"),
            table="population",
            publics=_JEUNES,
        ),
        *ENFANTS,
        Indicator(
            id="taille_menages",
            label="Taille moyenne des ménages",
            definition="Nombre de personnes par résidence principale.",
            why="Des ménages plus petits demandent plus de logements pour autant d'habitants.",
            measure=Mean("personnes", of="menages", unit="personnes", decimals=2),
            table="logements",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_menages_une_personne",
            label="Part des ménages d'une personne",
            definition="Ménages d'une seule personne, rapportés à l'ensemble des ménages.",
            why="Une seule personne pour toutes les charges : premier public de l'aide au logement et du lien social.",
            measure=Share("personnes_seules", of="menages"),
            table="menages",
        ),
        *COUPLES,
        Indicator(
            id="part_menages_monoparentaux",
            label="Part des familles monoparentales parmi les ménages",
            definition="Ménages formés d'une famille monoparentale, rapportés à l'ensemble des ménages.",
            why="Un seul revenu, un seul adulte pour tout : le premier public de l'aide aux familles.",
            measure=Share("familles_monoparentales", of="menages"),
            table="menages",
            higher_is="defavorable",
            publics=_FAMILLES,
            caveat="Enfants de tout âge.",
        ),
        Indicator(
            id="part_familles_monoparentales",
            label="Part des familles monoparentales parmi les familles",
            definition="Familles monoparentales, rapportées à l'ensemble des familles, avec ou sans enfant.",
            why="Un seul adulte pour tout : le premier public de l'aide aux familles.",
            measure=Share("familles_monoparentales", of="familles"),
            table="familles",
            higher_is="defavorable",
            publics=_FAMILLES,
            caveat="Enfants de tout âge vivant avec leur parent.",
        ),
        Indicator(
            id="part_monoparentales_avec_enfant",
            label="Part des familles monoparentales parmi les familles avec enfant",
            definition="Familles monoparentales, rapportées aux couples avec enfant et familles monoparentales.",
            why="Mesure la monoparentalité parmi les seules familles qui élèvent des enfants.",
            measure=Share("familles_monoparentales", of="familles_monoparentales + couples_avec_enfant"),
            table="familles",
            higher_is="defavorable",
            publics=_FAMILLES,
            caveat="Enfants de tout âge.",
        ),
        Indicator(
            id="part_meres_seules",
            label="Part des mères parmi les parents seuls",
            definition="Familles monoparentales dont la personne de référence est une femme.",
            why="Les mères seules cumulent plus souvent temps partiel subi et bas revenus.",
            measure=Share("meres_seules", of="familles_monoparentales"),
            table="familles",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_familles_nombreuses",
            label="Part des familles nombreuses",
            definition="Familles de trois enfants et plus de moins de 25 ans, parmi celles qui en ont au moins un.",
            why="Les familles nombreuses trouvent difficilement un logement à leur taille.",
            measure=Share("familles_nombreuses", of="familles_avec_jeune"),
            table="familles",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_familles_recomposees",
            label="Part des familles recomposées parmi les couples avec enfant",
            definition="Couples vivant avec au moins un enfant d'un seul des deux, parmi les couples avec enfant.",
            why="Deux logements, des gardes alternées, des droits à vérifier : ces familles sont mal vues des barèmes.",
            measure=Share("recomposees", of="couples_avec_enfant"),
            table="familles",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_enfants_monoparentale",
            label="Part des enfants vivant dans une famille monoparentale",
            definition="Habitants de moins de 18 ans vivant dans une famille monoparentale, parmi ceux des ménages.",
            why="Dit combien d'enfants, et non de familles, dépendent d'un seul adulte.",
            measure=Share("enfants_monoparentale", of="pop_menages_0_17"),
            table="modes_de_vie",
            higher_is="defavorable",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_enfants_menage_complexe",
            label="Part des enfants vivant dans un ménage complexe",
            definition="Habitants de moins de 18 ans vivant dans un ménage de plusieurs familles ou avec des proches.",
            why="La cohabitation peut être un choix, ou le signe d'une difficulté à se loger.",
            measure=Share("enfants_menage_complexe", of="pop_menages_0_17"),
            table="modes_de_vie",
            publics=_FAMILLES,
        ),
        Indicator(
            id="part_menages_6_plus",
            label="Part des ménages de six personnes et plus",
            definition="Ménages de six personnes et plus, rapportés à l'ensemble des ménages.",
            why="Les grands ménages trouvent difficilement un logement à leur taille.",
            measure=Share("menages_6_plus", of="menages"),
            table="menages",
            publics=_FAMILLES,
        ),
        Indicator(
            id="scolarisation_2_5",
            label="Taux de scolarisation des 2 à 5 ans",
            definition="Enfants de 2 à 5 ans inscrits dans un établissement, parmi ceux dont la réponse est connue.",
            why="Une scolarisation tardive pèse sur la réussite et sur l'emploi des mères.",
            measure=Share("scolarises_2_5", of="ecole_connue_2_5"),
            table="formation",
            higher_is="favorable",
            publics=_FAMILLES,
        ),
        Indicator(
            id="scolarisation_15_17",
            label="Taux de scolarisation des 15 à 17 ans",
            definition="Jeunes de 15 à 17 ans inscrits dans un établissement, parmi les réponses connues.",
            why="Avant 18 ans, ne plus être scolarisé est un décrochage.",
            measure=Share("scolarises_15_17", of="ecole_connue_15_17"),
            table="formation",
            higher_is="favorable",
            publics=_JEUNES,
        ),
        Indicator(
            id="scolarisation_18_24",
            label="Taux de scolarisation des 18 à 24 ans",
            definition="Jeunes de 18 à 24 ans inscrits dans un établissement, parmi les réponses connues.",
            why="Mesure l'accès aux études après le lycée ; beaucoup étudient hors du territoire.",
            measure=Share("scolarises_18_24", of="ecole_connue_18_24"),
            table="formation",
            higher_is="favorable",
            publics=_JEUNES,
            caveat="Les étudiants partis ne sont plus comptés.",
        ),
        Indicator(
            id="part_neet_15_24",
            label="Part des 15 à 24 ans ni en emploi ni en études",
            definition="Jeunes de 15 à 24 ans sans emploi et non scolarisés, rapportés à tous ceux de cet âge.",
            why="Ces jeunes sortent des radars de l'école et de l'emploi : premier public de l'insertion.",
            measure=Share("neet_15_24", of="pop_15_24"),
            table="emploi",
            higher_is="defavorable",
            publics=("jeunes", "personnes en difficulté"),
        ),
        *ENFANTS_ET_PRESTATIONS,
    ),
    figures=(
        Figure("classement", ("part_0_9",), "Part des moins de 10 ans par quartier"),
        Figure("comparaison", ("part_neet_15_24",), "Part des 15 à 24 ans ni en emploi ni en études"),
        Figure(
            "comparaison",
            ("part_monoparentales_avec_enfant",),
            "Part des familles monoparentales parmi les familles avec enfant",
        ),
    ),
)
