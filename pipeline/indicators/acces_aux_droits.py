"""Chapter 8: the rights that the CCAS opens, and the partners it sends people to.

How many are entitled and do not ask is no indicator: `pipeline.report.non_recours` gives it an order of
magnitude in this chapter, where a national rate exists.
"""

import math

from pipeline.model import Chapter, Figure, Indicator, Mean, Published, Quantile, Share, Total

_DIFFICULTE = ("personnes en difficulté",)
_PASSAGES = "Activité du CCAS : passages, et non personnes ; la même peut venir plusieurs fois."
_ACCORDS = (
    "Activité du CCAS : dossiers déposés cent quatre-vingts jours au moins avant la dernière réponse connue ; les "
    "réponses qui ne reviennent pas au CCAS manquent."
)
_REPONDUS = (
    "Activité du CCAS : dossiers dont la date de réponse est connue, déposés cent quatre-vingts jours au moins "
    "avant la dernière réponse ; les autres peuvent attendre encore."
)
_DOSSIERS = (
    "Activité du CCAS : dossiers déposés par le CCAS ; ceux que les personnes déposent seules n'y sont pas."
)

CHAPITRE = Chapter(
    id="acces_aux_droits",
    title="Accès aux droits",
    question="Quels droits le CCAS aide-t-il à ouvrir, en combien de temps, et vers qui oriente-t-il ?",
    indicators=(
        Indicator(
            id="dossiers_legaux",
            label="Nombre de dossiers d'aide légale instruits",
            definition="Dossiers d'aide légale que le CCAS a déposés dans l'année, tous dispositifs réunis.",
            why="La part du CCAS dans l'ouverture des droits, que son aide propre ne montre pas.",
            measure=Total("dossiers_legaux", "dossiers"),
            table="instructions",
            caveat=_DOSSIERS,
        ),
        Indicator(
            id="dossiers_dispositif",
            label="Nombre de dossiers d'aide légale selon le dispositif",
            definition="Dossiers déposés par le CCAS dans l'année, pour chaque dispositif.",
            why="Dit les droits que les habitants n'arrivent pas à demander seuls.",
            measure=Total("dossiers_legaux", "dossiers"),
            table="instructions_dispositif",
            by="dispositif",
            caveat=_DOSSIERS,
        ),
        Indicator(
            id="part_droits_ouverts",
            label="Part des dossiers suivis d'un droit ouvert",
            definition="Dossiers suivis d'un accord, parmi ceux de l'année qui ont reçu un accord ou un refus et "
            "datent de cent quatre-vingts jours au moins.",
            why="Un taux faible dit des dossiers mal orientés, ou des règles mal connues.",
            measure=Share("droits_ouverts", of="reponses_connues"),
            table="instructions",
            higher_is="favorable",
            caveat=_ACCORDS,
        ),
        Indicator(
            id="part_droits_ouverts_dispositif",
            label="Part des dossiers suivis d'un droit ouvert selon le dispositif",
            definition="Dossiers suivis d'un accord, parmi ceux de l'année qui ont reçu un accord ou un refus et "
            "datent de cent quatre-vingts jours au moins, pour chaque dispositif.",
            why="Montre les droits qui se refusent le plus, et où mieux préparer les dossiers.",
            measure=Share("droits_ouverts", of="reponses_connues"),
            table="instructions_dispositif",
            by="dispositif",
            higher_is="favorable",
            caveat=_ACCORDS,
        ),
        Indicator(
            id="delai_transmission",
            label="Délai moyen de transmission d'un dossier",
            definition="Jours entre le dépôt d'un dossier au CCAS et sa transmission à l'organisme qui décide, pour "
            "les dossiers transmis dans les quatre-vingt-dix jours.",
            why="La part de l'attente qui dépend du CCAS.",
            measure=Mean("jours_transmission", of="transmissions_connues", unit="jours"),
            table="instructions",
            higher_is="defavorable",
            caveat="Activité du CCAS : dossiers dont la date de transmission est connue, déposés quatre-vingt-dix "
            "jours au moins avant la dernière transmission ; les autres peuvent attendre encore.",
        ),
        Indicator(
            id="delai_reponse_median",
            label="Délai médian de réponse à un dossier",
            definition="La moitié des dossiers de l'année ont reçu leur réponse en moins de jours après leur dépôt.",
            why="Le temps pendant lequel un ménage vit sans le droit qu'il a demandé.",
            measure=Published(
                "delai_reponse_median",
                "jours",
                bounds=(0, math.inf),
                sur=Quantile("instructions_dossiers", "jours_reponse", par="personne"),
            ),
            table="instructions",
            higher_is="defavorable",
            caveat=f"{_REPONDUS} Inconnu sous dix dossiers.",
        ),
        Indicator(
            id="part_reponses_plus_60",
            label="Part des dossiers répondus après plus de soixante jours",
            definition="Dossiers dont la réponse est venue plus de soixante jours après le dépôt, parmi ceux dont "
            "la date de réponse est connue.",
            why="Deux mois sans réponse : le temps qu'il faut à une dette pour s'installer.",
            measure=Share("reponses_plus_60", of="reponses_datees"),
            table="instructions",
            higher_is="defavorable",
            caveat=_REPONDUS,
        ),
        Indicator(
            id="part_demandeurs_instruits",
            label="Part des demandeurs d'aide pour qui un droit a été demandé",
            definition="Demandeurs d'une aide du CCAS pour qui il a déposé aussi un dossier d'aide légale dans "
            "l'année.",
            why="Ceux qui viennent pour un secours et repartent avec une demande de droit : le repérage au guichet.",
            measure=Share("demandeurs_instruits", of="personnes"),
            table="instructions",
            publics=_DIFFICULTE,
            caveat=f"{_DOSSIERS} Les demandeurs dont les droits étaient déjà ouverts comptent au dénominateur.",
        ),
        Indicator(
            id="part_accueils_orientes",
            label="Part des passages suivis d'une orientation",
            definition="Passages et appels à l'accueil suivis d'une orientation vers un partenaire, parmi tous ceux "
            "de l'année.",
            why="Dit si le CCAS est la bonne porte, ou celle qui mène aux autres.",
            measure=Share("accueils_orientes", of="accueils"),
            table="accueils",
            caveat=_PASSAGES,
        ),
        Indicator(
            id="part_orientations",
            label="Part des orientations selon le partenaire",
            definition="Orientations vers chaque partenaire, rapportées à toutes les orientations de l'année dont le "
            "partenaire est connu.",
            why="Les partenaires avec qui convenir d'un relais.",
            measure=Share("orientations", of="orientations_ensemble"),
            table="accueils_orientation",
            by="orientation",
            caveat=_PASSAGES,
        ),
    ),
    figures=(
        Figure("barres", ("dossiers_dispositif",), "Dossiers d'aide légale selon le dispositif"),
        Figure("barres", ("part_orientations",), "Orientations selon le partenaire"),
    ),
)
