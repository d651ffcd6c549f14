"""Chapter 1: how many inhabitants, where, of what age, and how it changes."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Mean, Ratio, Share, Total

# Age groups whose share is shown side by side: the four ages of life that every census here gives.
_AGES = {
    "0_19": ("moins de 20 ans", "les enfants et les jeunes : écoles, loisirs, modes de garde", "jeunes"),
    "20_39": ("20 à 39 ans", "l'entrée dans la vie active et les jeunes parents", "familles"),
    "40_59": ("40 à 59 ans", "les actifs installés, souvent aidants de leurs parents", "familles"),
}

PARTS_PAR_AGE = tuple(
    Indicator(
        id=f"part_{bornes}",
        label=f"Part des {nom}",
        definition=f"Population âgée de {nom}, rapportée à la population totale.",
        why=f"Situe {enjeu}.",
        measure=Share(f"pop_{bornes}", of="pop"),
        table="population",
        publics=(public,),
    )
    for bornes, (nom, enjeu, public) in _AGES.items()
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
            caveat="Aucune structure par âge ni par quartier n'est publiée avec les populations de référence.",
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
            measure=Mean("pop", of="superficie", unit="hab./km²"),
            table="population",
            caveat="Une moyenne : la population d'une commune étendue se tient sur une petite part du sol.",
        ),
        *PARTS_PAR_AGE,
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
            id="dependance_demographique",
            label="Rapport de dépendance démographique",
            definition="Nombre de moins de 20 ans et de 60 ans et plus, pour 100 personnes de 20 à 59 ans.",
            why="Mesure le nombre de personnes à charge des âges actifs.",
            measure=Ratio("pop_0_19 + pop_60_plus", of="pop_20_59", noun="personnes de 20 à 59 ans"),
            table="population",
            higher_is="defavorable",
            caveat="Bornes 20-59 ans : les tranches décennales ne permettent pas 20-64 ans dans la commune.",
        ),
    ),
    figures=(
        Figure("evolution", ("population",), "Population aux recensements"),
        Figure("pyramide", (), "Pyramide des âges"),
        Figure("classement", ("evolution_population",), "Évolution de la population des quartiers"),
        Figure("carte", ("part_0_19",), "Part des moins de 20 ans"),
    ),
)
