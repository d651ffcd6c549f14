"""Chapter 4: dwellings, their comfort, and living conditions."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Mean, Published, Ratio, Share, Total

_DIFFICULTE = ("personnes en difficulté",)

# What a main residence may lack; the denominator is those whose answer is known.
_MANQUES = {
    "eau": ("eau courante", "sans point d'eau courante"),
    "electricite": ("électricité", "sans raccordement au réseau électrique"),
    "bain": ("baignoire ni douche", "sans baignoire ni douche"),
    "wc": ("WC à l'intérieur", "sans WC à l'intérieur"),
}

SANS_CONFORT = tuple(
    Indicator(
        id=f"part_sans_{nom}",
        label=f"Part des logements sans {libelle}",
        definition=f"Résidences principales {definition}, parmi celles dont la réponse est connue.",
        why="Le manque de confort élémentaire est une urgence de santé et de dignité.",
        measure=Share(f"sans_{nom}", of=f"{nom}_connu{'e' if nom in ('eau', 'electricite') else ''}"),
        table="logements",
        higher_is="defavorable",
        publics=_DIFFICULTE,
    )
    for nom, (libelle, definition) in _MANQUES.items()
)

# Thermal rules came in 1974; before 1946, dwellings that were never renovated may be unfit.
_EPOQUES = {
    1946: "Le parc ancien, quand il n'a pas été rénové, est froid, humide et cher à chauffer.",
    1971: "Avant la première réglementation thermique, un logement non rénové expose à la précarité énergétique.",
}

ANCIENS = tuple(
    Indicator(
        id=f"part_avant_{annee}",
        label=f"Part des logements achevés avant {annee}",
        definition=f"Résidences principales achevées avant {annee}, parmi celles achevées deux ans au moins avant le "
        "recensement.",
        why=why,
        measure=Share(f"rp_avant_{annee}", of="rp_epoque_connue"),
        table="logements",
        publics=_DIFFICULTE,
    )
    for annee, why in _EPOQUES.items()
)

# From CNAF, from the register of social housing and from the SRU inventory.
LOGEMENT_SOCIAL = (
    Indicator(
        id="rapport_aides_logement_menages",
        label="Rapport entre foyers aidés pour leur logement et ménages",
        definition="Foyers percevant une aide au logement de la CAF, pour 100 ménages du dernier recensement connu.",
        why="Sans cette aide, le loyer dépasserait les moyens du ménage.",
        measure=Ratio("foyers_logement", of="menages", noun="ménages"),
        table="allocataires",
        publics=_DIFFICULTE,
        caveat="Un indice : un ménage peut compter plusieurs foyers ; CAF seule, sans la MSA.",
    ),
    Indicator(
        id="taux_vacance_social",
        label="Part des logements sociaux vacants",
        definition="Logements sociaux proposés à la location et vacants au 1er janvier, parmi ceux du parc social.",
        why="Une vacance faible dit la tension ; une vacance forte, un parc qui ne convient plus.",
        measure=Share("logements_sociaux_vacants", of="logements_sociaux"),
        table="logement_social",
        caveat="Table remplie par l'analyste d'après la publication citée en source.",
    ),
    Indicator(
        id="part_logements_sru",
        label="Part des logements sociaux au sens de la loi SRU",
        definition="Logements sociaux décomptés par la loi, rapportés aux résidences principales de l'inventaire.",
        why="Dit si la commune remplit son obligation, et combien de logements il lui manque.",
        measure=Share("logements_sru", of="residences_sru"),
        table="logement_social",
        caveat="Diffère de la part de HLM du recensement. Table remplie par l'analyste d'après l'inventaire.",
    ),
    Indicator(
        id="taux_sru_requis",
        label="Taux de logements sociaux exigé par la loi",
        definition="Taux de logements sociaux que la loi demande à la commune (20 % ou 25 %).",
        why="L'obligation à laquelle se compare la part de logements sociaux.",
        measure=Published("taux_sru_requis", "%", decimals=0, bounds=(0, 100)),
        table="logement_social",
        caveat="Table remplie par l'analyste d'après l'inventaire.",
    ),
)

CHAPITRE = Chapter(
    id="logement",
    title="Logement et conditions de vie",
    question="Comment les habitants sont-ils logés, et de quoi manquent-ils ?",
    indicators=(
        Indicator(
            id="residences_principales",
            label="Nombre de résidences principales",
            definition="Logements occupés à l'année par un ménage.",
            why="Autant de ménages à loger : le parc dit la place qu'il y a pour les suivants.",
            measure=Total("residences_principales", "logements"),
            table="logements",
        ),
        Indicator(
            id="part_logements_vacants",
            label="Part des logements vacants",
            definition="Logements sans occupant, rapportés à l'ensemble des logements.",
            why="Une vacance forte dit un parc inadapté ; une vacance faible, un marché tendu.",
            measure=Share("logements_vacants", of="logements"),
            table="logements",
        ),
        Indicator(
            id="evolution_logements",
            label="Évolution annuelle moyenne du nombre de logements",
            definition="Taux de variation annuel moyen du nombre de logements, occupés ou non.",
            why="Un parc qui grandit plus vite que la population se vide, ou suit des ménages plus petits.",
            measure=Growth("logements"),
            table="logements",
        ),
        Indicator(
            id="part_residences_secondaires",
            label="Part des résidences secondaires",
            definition="Résidences secondaires et logements occasionnels, rapportés à l'ensemble des logements.",
            why="Autant de logements qui ne servent pas aux habitants, et qui tirent les prix.",
            measure=Share("residences_secondaires", of="logements"),
            table="logements",
        ),
        Indicator(
            id="part_proprietaires",
            label="Part des ménages propriétaires",
            definition="Résidences principales occupées par leur propriétaire.",
            why="La propriété protège d'une expulsion, pas de l'insalubrité ni des charges.",
            measure=Share("proprietaires", of="occupation_connue"),
            table="logements",
        ),
        Indicator(
            id="part_locataires",
            label="Part des ménages locataires",
            definition="Résidences principales louées, vides ou meublées.",
            why="Les locataires sont les premiers exposés aux impayés et aux expulsions.",
            measure=Share("locataires", of="occupation_connue"),
            table="logements",
        ),
        Indicator(
            id="part_hlm",
            label="Part des ménages locataires d'un HLM",
            definition="Résidences principales louées vides à un organisme HLM, parmi les résidences principales.",
            why="Le logement social loge les ménages modestes ; la part dit ce que la commune leur offre.",
            measure=Share("hlm", of="occupation_connue"),
            table="logements",
            caveat="Déclaration des occupants : ce n'est pas le taux de logements sociaux de la loi SRU.",
        ),
        Indicator(
            id="part_loges_gratuitement",
            label="Part des ménages logés gratuitement",
            definition="Résidences principales dont l'occupant ne paie pas de loyer.",
            why="L'hébergement gratuit par un proche peut masquer une absence de logement à soi.",
            measure=Share("loges_gratuitement", of="occupation_connue"),
            table="logements",
        ),
        Indicator(
            id="part_surpeuplement",
            label="Part des logements surpeuplés",
            definition="Résidences principales surpeuplées, hors personne seule dans une pièce.",
            why="Le surpeuplement pèse sur la santé, la scolarité et les relations familiales.",
            measure=Share("surpeuples", of="peuplement_connu"),
            table="peuplement",
            higher_is="defavorable",
            publics=("familles", "personnes en difficulté"),
        ),
        Indicator(
            id="personnes_par_piece",
            label="Nombre de personnes par pièce",
            definition="Personnes des ménages, rapportées aux pièces des résidences principales.",
            why="Mesure simple de la place dont chacun dispose.",
            measure=Mean("personnes", of="pieces", unit="personnes", decimals=2),
            table="logements",
            higher_is="defavorable",
        ),
        *ANCIENS,
        Indicator(
            id="part_habitat_precaire",
            label="Part des cabanes et constructions provisoires",
            definition="Résidences principales qui sont une construction provisoire ou une cabane.",
            why="L'habitat spontané cumule l'absence de droits, de réseaux et de sécurité.",
            measure=Share("cabanes", of="type_connu"),
            table="logements",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_habitations_toles",
            label="Part des habitations en tôles",
            definition="Résidences principales dont le bâti est en tôles.",
            why="Un bâti léger expose à la chaleur et aux cyclones.",
            measure=Share("en_toles", of="bati_connu"),
            table="logements",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        *SANS_CONFORT,
        Indicator(
            id="part_un_manque",
            label="Part des logements où manque un élément de confort",
            definition="Résidences principales sans eau courante, électricité, baignoire ou douche, ou WC intérieur.",
            why="Résume l'inconfort sanitaire : au moins un des quatre éléments fait défaut.",
            measure=Share("un_manque_ou_plus", of="manques_connus"),
            table="logements",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_emmenages_recents",
            label="Part des ménages emménagés depuis moins de deux ans",
            definition="Ménages installés dans leur logement depuis moins de deux ans.",
            why="Les nouveaux arrivants ignorent souvent les services de la commune.",
            measure=Share("emmenages_recents", of="emmenagement_connu"),
            table="logements",
        ),
        Indicator(
            id="part_emmenages_10_ans",
            label="Part des ménages installés depuis dix ans et plus",
            definition="Ménages installés dans leur logement depuis dix ans et plus.",
            why="L'ancienneté fait le voisinage, et le vieillissement sur place.",
            measure=Share("emmenages_10_ans", of="emmenagement_connu"),
            table="logements",
        ),
        Indicator(
            id="part_sans_voiture",
            label="Part des ménages sans voiture",
            definition="Ménages ne disposant d'aucune voiture.",
            why="Sans voiture, l'éloignement des services devient un renoncement.",
            measure=Share("sans_voiture", of="voiture_connue"),
            table="logements",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_sans_voiture_75_plus",
            label="Part des ménages âgés sans voiture",
            definition="Ménages dont la personne de référence a 75 ans et plus, ne disposant d'aucune voiture.",
            why="Chiffre le besoin de transport, de portage et de visites à domicile.",
            measure=Share("sans_voiture_75_plus", of="voiture_connue_75_plus"),
            table="logements",
            higher_is="defavorable",
            publics=("personnes âgées",),
        ),
        Indicator(
            id="part_sans_internet",
            label="Part des logements sans accès à internet",
            definition="Résidences principales sans accès à internet.",
            why="Les démarches se font en ligne : sans accès, il faut un accueil physique.",
            measure=Share("sans_internet", of="internet_connu"),
            table="logements",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat="Accès dans le logement ; l'internet mobile d'un téléphone peut ne pas être déclaré.",
        ),
        Indicator(
            id="part_sans_internet_75_plus",
            label="Part des ménages âgés sans accès à internet",
            definition="Ménages dont la personne de référence a 75 ans et plus, sans accès à internet.",
            why="Premier public de l'accompagnement numérique et des démarches au guichet.",
            measure=Share("sans_internet_75_plus", of="internet_connu_75_plus"),
            table="logements",
            higher_is="defavorable",
            publics=("personnes âgées",),
        ),
        *LOGEMENT_SOCIAL,
    ),
    figures=(
        Figure("comparaison", ("part_un_manque",), "Part des logements où manque un élément de confort"),
        Figure("comparaison", ("part_surpeuplement",), "Part des logements surpeuplés"),
        Figure(
            "repartition",
            ("part_proprietaires", "part_locataires", "part_loges_gratuitement"),
            "Statut d'occupation des résidences principales",
        ),
    ),
)
