"""Chapter 1: how many inhabitants, where, of what age, and how it changes."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Mean, Rate, Ratio, Share, Total


def _parts(ages: dict[tuple[int, int], tuple[str, str]]) -> tuple[Indicator, ...]:
    """Share of each group of ages, from its bounds: what is at stake, whom it concerns."""
    parts = []
    for (debut, fin), (enjeu, public) in ages.items():
        nom = f"{debut} à {fin} ans" if debut else f"moins de {fin + 1} ans"
        parts.append(
            Indicator(
                id=f"part_{debut}_{fin}",
                label=f"Part des {nom}",
                definition=f"Population âgée de {nom}, rapportée à la population totale.",
                why=f"Situe {enjeu}.",
                measure=Share(f"pop_{debut}_{fin}", of="pop"),
                table="population",
                publics=(public,),
            )
        )
    return tuple(parts)


_INSTALLES = ("les actifs installés, souvent aidants de leurs parents", "familles")

# Age groups whose share is shown side by side: the four ages of life that every census here gives.
PARTS_PAR_AGE = _parts(
    {
        (0, 19): ("les enfants et les jeunes : écoles, loisirs, modes de garde", "jeunes"),
        (20, 39): ("l'entrée dans la vie active et les jeunes parents", "familles"),
        (40, 59): _INSTALLES,
    }
)

# The ages that INSEE publishes for every commune of France; 75 and over are in the chapter on ageing.
PARTS_PAR_AGE_INSEE = _parts(
    {
        (0, 14): ("l'enfance : accueil, école, loisirs", "familles"),
        (15, 29): ("les études, le premier emploi et le premier logement", "jeunes"),
        (30, 44): ("les parents de jeunes enfants", "familles"),
        (45, 59): _INSTALLES,
        (60, 74): ("les jeunes retraités, premiers bénévoles", "personnes âgées"),
    }
)

# What makes a population change: numerator, name, what it is, why it matters.
_SOLDES = {
    "naturel": (
        "naissances - deces",
        "solde naturel",
        "Différence entre les naissances et les décès",
        "Un excédent de décès annonce un vieillissement que seules des arrivées compensent.",
    ),
    "apparent": (
        "habitants - habitants_avant - naissances + deces",
        "solde apparent des arrivées et des départs",
        "Variation de la population que les naissances et les décès n'expliquent pas,",
        "Dit si la commune attire ou perd des habitants, et donc si elle doit accueillir ou retenir.",
    ),
}

SOLDES = tuple(
    Indicator(
        id=f"variation_solde_{nom}",
        label=f"Taux de variation annuel de la population dû au {solde}",
        definition=f"{quoi} entre deux recensements, rapportée à la population moyenne et au nombre d'années.",
        why=why,
        measure=Mean(a, of="annees_vecues", unit="% par an", decimals=2, per=100),
        table="soldes",
    )
    for nom, (a, solde, quoi, why) in _SOLDES.items()
)

# From civil registration and from the legal populations.
MOUVEMENTS = (
    Indicator(
        id="taux_natalite",
        label="Taux de natalité",
        definition="Naissances de l'année domiciliées dans la commune, pour 1 000 habitants.",
        why="Annonce les besoins de garde et d'école.",
        measure=Rate("naissances", of="pop"),
        table="etat_civil",
        publics=("familles",),
        caveat="Population du dernier recensement connu à cette date.",
    ),
    Indicator(
        id="taux_mortalite",
        label="Taux de mortalité",
        definition="Décès de l'année domiciliés dans la commune, pour 1 000 habitants.",
        why="Dépend d'abord de l'âge des habitants : dit le vieillissement plus que la santé.",
        measure=Rate("deces", of="pop"),
        table="etat_civil",
        publics=("personnes âgées",),
        caveat="Taux brut, non corrigé de l'âge ; population du dernier recensement connu à cette date.",
    ),
    Indicator(
        id="population_totale",
        label="Population totale",
        definition="Population municipale et population comptée à part (étudiants, personnes en établissement).",
        why="Celle des lois et règlements : seuils, indemnités, obligations de la commune.",
        measure=Total("population_totale", "habitants"),
        table="populations_reference",
        caveat="Compte deux fois certaines personnes : ne sert à aucun taux.",
    ),
    Indicator(
        id="population_municipale",
        label="Population municipale de référence",
        definition="Habitants ayant leur résidence habituelle dans la commune, population en vigueur.",
        why="Celle des statistiques, connue chaque année.",
        measure=Total("population_municipale", "habitants"),
        table="populations_reference",
    ),
)

CHAPITRE = Chapter(
    id="demographie",
    title="Démographie",
    question="Combien sommes-nous, où vivons-nous, et comment la population change-t-elle ?",
    indicators=(
        Indicator(
            id="population",
            label="Population",
            definition="Population municipale au recensement (« sans doubles comptes » avant 2006).",
            why="Base de tous les besoins : elle fixe aussi les dotations et la taille des services.",
            measure=Total("pop", "habitants"),
            table="population",
        ),
        Indicator(
            id="evolution_population",
            label="Évolution annuelle moyenne de la population",
            definition="Taux de variation annuel moyen entre deux recensements, sur le nombre réel d'années.",
            why="Une population qui croît demande des places ; une population qui décroît, des regroupements.",
            measure=Growth("pop"),
            table="population",
        ),
        Indicator(
            id="densite",
            label="Densité de population",
            definition="Nombre d'habitants par kilomètre carré de superficie communale.",
            why="L'éloignement pèse sur l'accès aux services, la mobilité et le coût des tournées.",
            measure=Mean("pop", of="superficie", unit="hab./km²", compte="a"),
            table="population",
            caveat="Une moyenne : la population d'une commune étendue se tient sur une petite part du sol.",
        ),
        *SOLDES,
        Indicator(
            id="part_arrivants",
            label="Part des habitants arrivés d'une autre commune dans l'année",
            definition="Habitants d'un an ou plus qui vivaient un an plus tôt dans une autre commune.",
            why="Les nouveaux arrivants ignorent les services de la commune et n'y ont pas de proches.",
            measure=Share("autre_commune", of="pop_1_plus"),
            table="mobilite",
        ),
        *PARTS_PAR_AGE,
        *PARTS_PAR_AGE_INSEE,
        Indicator(
            id="part_femmes",
            label="Part des femmes",
            definition="Femmes, rapportées à la population totale.",
            why="Les femmes sont plus nombreuses aux grands âges et à la tête des familles monoparentales.",
            measure=Share("femmes", of="pop_tous_ages"),
            table="population",
        ),
        Indicator(
            id="indice_jeunesse",
            label="Indice de jeunesse",
            definition="Nombre de moins de 20 ans pour 100 personnes de 60 ans et plus.",
            why="Dit d'un seul nombre de quel côté penche la demande : école et jeunesse, ou grand âge.",
            measure=Ratio("pop_0_19", of="pop_60_plus", noun="personnes de 60 ans et plus"),
            table="population",
        ),
        Indicator(
            id="indice_vieillissement",
            label="Indice de vieillissement",
            definition="Nombre de personnes de 65 ans et plus pour 100 personnes de moins de 20 ans.",
            why="Au-dessus de 100, les aînés sont plus nombreux que les enfants et les jeunes.",
            measure=Ratio("pop_65_plus", of="pop_0_19", noun="personnes de moins de 20 ans"),
            table="population",
        ),
        Indicator(
            id="dependance_20_64",
            label="Rapport de dépendance démographique aux bornes de 20 et 65 ans",
            definition="Nombre de moins de 20 ans et de 65 ans et plus, pour 100 personnes de 20 à 64 ans.",
            why="Mesure le nombre de personnes à charge des âges actifs.",
            measure=Ratio("pop_0_19 + pop_65_plus", of="pop_20_64", noun="personnes de 20 à 64 ans"),
            table="population",
            higher_is="defavorable",
        ),
        Indicator(
            id="dependance_demographique",
            label="Rapport de dépendance démographique",
            definition="Nombre de moins de 20 ans et de 60 ans et plus, pour 100 personnes de 20 à 59 ans.",
            why="Mesure le nombre de personnes à charge des âges actifs.",
            measure=Ratio("pop_0_19 + pop_60_plus", of="pop_20_59", noun="personnes de 20 à 59 ans"),
            table="population",
            higher_is="defavorable",
        ),
        *MOUVEMENTS,
    ),
    figures=(
        Figure("evolution", ("population",), "Population aux recensements"),
        Figure("pyramide", (), "Pyramide des âges"),
        Figure("classement", ("evolution_population",), "Évolution de la population des quartiers"),
        Figure("carte", ("part_0_19",), "Part des moins de 20 ans"),
    ),
)
