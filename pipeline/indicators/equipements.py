"""Chapter 11: facilities and services, by domain and by public, and who lives in a priority neighbourhood."""

from pipeline.model import Chapter, Figure, Indicator, Rate, Ratio, Share, Total

_BPE = (
    "Base permanente des équipements : des lieux, sans leur taille, leurs horaires ni leurs places ; les habitants "
    "fréquentent aussi ceux des communes voisines."
)

# Column: domain said, why.
_DOMAINES = {
    "equipements_services": ("services aux particuliers", "Banque, poste, réparation : la vie quotidienne."),
    "equipements_commerces": (
        "commerces",
        "Faire ses courses sans voiture est une condition de l'autonomie.",
    ),
    "equipements_enseignement": (
        "enseignement",
        "L'école fixe les familles, et l'accès aux études les jeunes.",
    ),
    "equipements_sante": ("santé et action sociale", "Soins, petite enfance, grand âge, handicap."),
    "equipements_transports": ("transports", "Sans gare ni car, l'emploi et les soins s'éloignent."),
    "equipements_loisirs": ("sports, loisirs et culture", "Les lieux où l'on se rencontre."),
}
TAUX_PAR_DOMAINE = tuple(
    Indicator(
        id=f"taux_{colonne}",
        label=f"Taux d'équipement : {nom}",
        definition=f"Nombre d'équipements du domaine « {nom} », pour 1 000 habitants.",
        why=why,
        measure=Rate(colonne, of="pop"),
        table="equipements",
        higher_is="favorable",
        caveat=_BPE,
    )
    for colonne, (nom, why) in _DOMAINES.items()
)

# Column: name said, why, publics.
_LIEUX = {
    "france_services": ("espaces France Services", "Où faire ses démarches avec quelqu'un.", ("ensemble",)),
    "bureaux_de_poste": (
        "bureaux de poste",
        "Courrier, argent : un guichet encore ouvert.",
        ("ensemble",),
    ),
    "supermarches": ("supermarchés", "Des prix plus bas, mais souvent hors du centre.", ("ensemble",)),
    "superettes": ("supérettes", "Le commerce que l'on rejoint à pied.", ("personnes âgées",)),
    "creches": (
        "établissements d'accueil du jeune enfant",
        "Sans garde, pas d'emploi.",
        ("familles",),
    ),
    "colleges": ("collèges", "La distance au collège pèse sur les familles.", ("familles", "jeunes")),
    "lycees": ("lycées généraux ou technologiques", "Poursuivre ses études sans partir.", ("jeunes",)),
    "centres_sociaux": ("centres sociaux", "Lieux d'accueil et de lien, partenaires du CCAS.", ("familles",)),
    "hebergements_ages": (
        "hébergements pour personnes âgées",
        "Vieillir sans partir.",
        ("personnes âgées",),
    ),
    "soins_a_domicile_ages": ("services de soins à domicile", "Tenir à domicile.", ("personnes âgées",)),
    "aides_a_domicile_ages": ("services d'aide à domicile", "Tenir à domicile.", ("personnes âgées",)),
    "accueils_adultes_handicapes": (
        "accueils ou hébergements d'adultes handicapés",
        "Vivre près des siens.",
        ("personnes handicapées",),
    ),
    "bibliotheques": (
        "bibliothèques",
        "Lire, se former, accéder à internet, sans rien payer.",
        ("ensemble",),
    ),
}
NOMBRES = tuple(
    Indicator(
        id=f"nombre_{colonne}",
        label=f"Nombre de {nom}" if nom[0] not in "aeiouéh" else f"Nombre d'{nom}",
        definition=f"Nombre de {nom} recensés." if nom[0] not in "aeiouéh" else f"Nombre d'{nom} recensés.",
        why=why,
        measure=Total(colonne, "équipements"),
        table="equipements",
        higher_is="favorable",
        publics=publics,
        caveat=_BPE,
    )
    for colonne, (nom, why, publics) in _LIEUX.items()
)

_SECTEURS = {
    "etablissements_agriculture": "de l'agriculture",
    "etablissements_industrie": "de l'industrie",
    "etablissements_construction": "de la construction",
    "etablissements_commerce": "du commerce, des transports et des services",
    "etablissements_services_publics": "d'administration, d'enseignement, de santé et d'action sociale",
}
SECTEURS = tuple(
    Indicator(
        id=f"part_{colonne}",
        label=f"Part des établissements {secteur}",
        definition=f"Établissements actifs {secteur}, parmi tous les établissements actifs.",
        why="Dit de quoi vit le territoire, et quels métiers s'y cherchent.",
        measure=Share(colonne, of="etablissements"),
        table="etablissements",
        caveat="Des établissements et non des emplois : un hôpital compte pour un.",
    )
    for colonne, secteur in _SECTEURS.items()
)

CHAPITRE = Chapter(
    id="equipements",
    title="Équipements et services",
    question="Quels services sont à portée des habitants, et pour quels publics ?",
    indicators=(
        Indicator(
            id="taux_equipements",
            label="Taux d'équipement",
            definition="Nombre d'équipements de toute nature, pour 1 000 habitants.",
            why="Situe d'un chiffre la vie locale : commerces, services, écoles, soins, loisirs.",
            measure=Rate("equipements", of="pop"),
            table="equipements",
            higher_is="favorable",
            caveat=_BPE,
        ),
        *TAUX_PAR_DOMAINE,
        *NOMBRES,
        Indicator(
            id="rapport_hebergements_75_plus",
            label="Rapport entre hébergements pour personnes âgées et habitants de 75 ans et plus",
            definition="Lieux d'hébergement de personnes âgées, pour 1 000 habitants de 75 ans et plus.",
            why="Confronte l'offre d'hébergement au nombre de ceux qui peuvent en avoir besoin.",
            measure=Ratio(
                "hebergements_ages", of="pop_75_plus", per=1000, noun="habitants de 75 ans et plus"
            ),
            table="equipements",
            higher_is="favorable",
            publics=("personnes âgées",),
            caveat=f"Des lieux, et non des places. {_BPE}",
        ),
        Indicator(
            id="nombre_etablissements",
            label="Nombre d'établissements actifs",
            definition="Établissements actifs en fin d'année, avec ou sans salariés.",
            why="Mesure l'activité économique du territoire.",
            measure=Total("etablissements", "établissements"),
            table="etablissements",
            higher_is="favorable",
        ),
        *SECTEURS,
        Indicator(
            id="part_population_qpv",
            label="Part des habitants en quartier prioritaire",
            definition="Habitants des quartiers prioritaires de la politique de la ville, parmi ceux de la commune.",
            why="Où se concentrent les difficultés, et les moyens de l'État pour y répondre.",
            measure=Share("population_qpv", of="population_qpv_commune"),
            table="quartiers_prioritaires",
            higher_is="defavorable",
            publics=("personnes en difficulté",),
            caveat="Table remplie par l'analyste d'après la publication citée en source.",
        ),
    ),
    figures=(
        Figure("comparaison", ("taux_equipements",), "Équipements pour 1 000 habitants"),
        Figure(
            "repartition",
            tuple(f"part_{colonne}" for colonne in _SECTEURS),
            "Établissements actifs par secteur",
        ),
    ),
)
