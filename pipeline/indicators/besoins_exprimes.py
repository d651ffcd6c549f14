"""Chapter 12: what residents and partners say of needs, when a questionnaire asked them."""

from pipeline.model import Chapter, Figure, Indicator, Share, Total

_HABITANTS = (
    "Activité du CCAS : questionnaire ; ceux qui répondent ne sont pas tous les habitants. Réponses pondérées "
    "par leur poids de redressement ; le dénominateur est l'effectif efficace (Kish), sur lequel porte "
    "l'intervalle."
)
_PARTENAIRES = (
    "Activité du CCAS : questionnaire ; chaque partenaire parle de ceux qu'il reçoit, et compte pour un."
)
_REPONDANTS = "Activité du CCAS : questionnaires reçus ; les textes libres n'entrent pas dans l'analyse."

CHAPITRE = Chapter(
    id="besoins_exprimes",
    title="Besoins exprimés",
    question="Quels besoins les habitants et les partenaires jugent-ils mal couverts ?",
    indicators=(
        Indicator(
            id="habitants_repondants",
            label="Nombre d'habitants qui ont répondu au questionnaire",
            definition="Habitants dont au moins une réponse a été reçue dans l'année.",
            why="Dit ce que les réponses des habitants peuvent porter.",
            measure=Total("habitants_repondants", "habitants"),
            table="questionnaire_repondants",
            caveat=_REPONDANTS,
        ),
        Indicator(
            id="partenaires_repondants",
            label="Nombre de partenaires qui ont répondu au questionnaire",
            definition="Partenaires dont au moins une réponse a été reçue dans l'année.",
            why="Dit ce que les réponses des partenaires peuvent porter.",
            measure=Total("partenaires_repondants", "partenaires"),
            table="questionnaire_repondants",
            caveat=_REPONDANTS,
        ),
        Indicator(
            id="besoin_mal_couvert_habitants",
            label="Part d'habitants qui jugent le besoin mal couvert",
            definition="Réponses « oui » à la question du besoin mal couvert, parmi toutes les réponses des "
            "habitants sur ce thème, « sans avis » compris.",
            why="Ce qui manque aux habitants n'est pas toujours ce que les statistiques montrent.",
            measure=Share("habitants_mal_couvert_redresses", of="habitants_avis_redresses"),
            table="questionnaire_themes",
            by="theme",
            higher_is="defavorable",
            caveat=_HABITANTS,
        ),
        Indicator(
            id="besoin_mal_couvert_partenaires",
            label="Part de partenaires qui jugent le besoin mal couvert",
            definition="Réponses « oui » à la question du besoin mal couvert, parmi toutes les réponses des "
            "partenaires sur ce thème, « sans avis » compris.",
            why="Les partenaires voient ceux qui ne viennent pas au CCAS.",
            measure=Share("partenaires_mal_couvert", of="partenaires_avis"),
            table="questionnaire_themes",
            by="theme",
            higher_is="defavorable",
            caveat=_PARTENAIRES,
        ),
        Indicator(
            id="besoin_prioritaire_habitants",
            label="Part d'habitants pour qui le thème est prioritaire",
            definition="Priorités de 4 ou 5 sur une échelle de 1 à 5, parmi toutes celles données par les habitants.",
            why="Aide à choisir entre des besoins que l'on ne peut pas couvrir tous à la fois.",
            measure=Share("habitants_prioritaire_redresses", of="habitants_classements_redresses"),
            table="questionnaire_themes",
            by="theme",
            caveat=_HABITANTS,
        ),
        Indicator(
            id="besoin_prioritaire_partenaires",
            label="Part de partenaires pour qui le thème est prioritaire",
            definition="Priorités de 4 ou 5 sur une échelle de 1 à 5, parmi toutes celles données par les partenaires.",
            why="Un écart avec les habitants est un sujet de la restitution.",
            measure=Share("partenaires_prioritaire", of="partenaires_classements"),
            table="questionnaire_themes",
            by="theme",
            caveat=_PARTENAIRES,
        ),
    ),
    figures=(
        Figure("barres", ("besoin_mal_couvert_habitants",), "Besoins que les habitants jugent mal couverts"),
        Figure(
            "barres", ("besoin_mal_couvert_partenaires",), "Besoins que les partenaires jugent mal couverts"
        ),
    ),
)
