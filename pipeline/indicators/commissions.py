"""Chapter 7: how requests are decided and paid, and out of which budget."""

import math

from pipeline.model import Chapter, Figure, Indicator, Mean, Published, Quantile, Share, Total

_DIFFICULTE = ("personnes en difficulté",)
_SEANCES = "Activité du CCAS : exercice de la séance, et non de la demande."
_DEMANDES = (
    "Activité du CCAS : demandes déposées quatre-vingt-dix jours au moins avant la dernière séance connue ; les "
    "autres peuvent attendre encore."
)
_DECIDEES = (
    "Activité du CCAS : exercices dont les paiements ont été déposés, aides décidées quatre-vingt-dix jours au "
    "moins avant le dernier paiement connu"
)
_PAYES = f"{_DECIDEES} ; une aide versée d'urgence avant la séance compte pour zéro jour."
_BUDGET = "Activité du CCAS : compte administratif ; les dépenses portées par la commune n'y sont pas."
_JOURS = (0, math.inf)

CHAPITRE = Chapter(
    id="commissions",
    title="Commissions et budget",
    question="Comment les demandes sont-elles décidées et payées, et avec quel budget ?",
    indicators=(
        Indicator(
            id="seances",
            label="Nombre de séances de commission",
            definition="Séances des commissions et du conseil tenues dans l'année, sans les décisions d'urgence.",
            why="Le rythme des séances fixe l'attente des ménages.",
            measure=Total("seances", "séances"),
            table="commissions",
            publics=_DIFFICULTE,
            caveat="Activité du CCAS : à défaut de liste des séances, celles où une décision a été prise.",
        ),
        Indicator(
            id="dossiers_par_seance",
            label="Nombre de dossiers par séance",
            definition="Dossiers examinés en séance dans l'année, rapportés aux séances.",
            why="Trop de dossiers par séance, c'est peu de temps pour chacun ; trop peu, c'est attendre.",
            measure=Mean("decisions_en_seance", of="seances", unit="dossiers"),
            table="commissions",
            publics=_DIFFICULTE,
            caveat=_SEANCES,
        ),
        Indicator(
            id="part_decisions",
            label="Part des décisions selon leur sens",
            definition="Décisions de chaque sorte, rapportées à toutes les décisions de l'année ; une demande "
            "ajournée puis accordée en fait deux.",
            why="Beaucoup d'ajournements disent des dossiers incomplets, ou un règlement mal compris.",
            measure=Share("decisions", of="decisions_ensemble"),
            table="commissions_decisions",
            by="decision",
            publics=_DIFFICULTE,
            caveat=_SEANCES,
        ),
        Indicator(
            id="part_decisions_urgentes",
            label="Part des décisions prises en urgence",
            definition="Décisions d'urgence, parmi celles dont l'instance est connue.",
            why="L'urgence qui devient la règle dit que le circuit ordinaire est trop lent.",
            measure=Share("decisions_urgentes", of="instances_connues"),
            table="commissions",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=_SEANCES,
        ),
        Indicator(
            id="part_refus_motif",
            label="Part des refus selon leur motif",
            definition="Refus de chaque motif, parmi les refus de l'année dont le motif est connu.",
            why="Un refus pour dossier incomplet se corrige ; un refus pour ressources dit où passe le barème.",
            measure=Share("refus_motives", of="refus_motives_ensemble"),
            table="commissions_refus",
            by="motif_refus",
            publics=_DIFFICULTE,
            caveat=_SEANCES,
        ),
        Indicator(
            id="delai_decision_median",
            label="Délai médian entre la demande et la décision",
            definition="La moitié des demandes examinées l'ont été en moins de jours ; dernière séance.",
            why="L'attente d'un ménage ordinaire, que quelques dossiers très longs ne déforment pas.",
            measure=Published(
                "delai_decision_median",
                "jours",
                bounds=_JOURS,
                sur=Quantile("delais_demandes", "jours", par="menage"),
            ),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=f"{_DEMANDES} Inconnu sous dix demandes.",
        ),
        Indicator(
            id="delai_decision_decile_9",
            label="Délai que dépasse une demande sur dix avant la décision",
            definition="Neuvième décile des jours entre la demande et la dernière séance qui l'a examinée.",
            why="L'attente de ceux qui attendent le plus, que la médiane ne montre pas.",
            measure=Published(
                "delai_decision_decile_9",
                "jours",
                bounds=_JOURS,
                sur=Quantile("delais_demandes", "jours", par="menage", part=0.9),
            ),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=f"{_DEMANDES} Inconnu sous cinquante demandes.",
        ),
        Indicator(
            id="delai_paiement_moyen",
            label="Délai moyen entre la décision et le paiement",
            definition="Jours entre la dernière séance et le premier paiement, pour les aides payées dans les "
            "quatre-vingt-dix jours.",
            why="Une aide accordée n'aide qu'une fois versée.",
            measure=Mean("jours_paiement", of="delais_paiement_connus", unit="jours"),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=_PAYES,
        ),
        Indicator(
            id="delai_paiement_median",
            label="Délai médian entre la décision et le paiement",
            definition="La moitié des aides payées dans les quatre-vingt-dix jours l'ont été en moins de jours "
            "après la dernière séance.",
            why="Le temps que la comptabilité ajoute, pour un ménage ordinaire.",
            measure=Published(
                "delai_paiement_median",
                "jours",
                bounds=_JOURS,
                sur=Quantile("delais_demandes", "jours_paiement", par="menage"),
            ),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=f"{_PAYES} Inconnu sous dix paiements.",
        ),
        Indicator(
            id="delai_paiement_decile_9",
            label="Délai que dépasse une aide sur dix avant le paiement",
            definition="Neuvième décile des jours entre la dernière séance et le premier paiement, pour les aides "
            "payées dans les quatre-vingt-dix jours.",
            why="Les aides payées très tard sont celles dont les ménages se souviennent.",
            measure=Published(
                "delai_paiement_decile_9",
                "jours",
                bounds=_JOURS,
                sur=Quantile("delais_demandes", "jours_paiement", par="menage", part=0.9),
            ),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=f"{_PAYES} Inconnu sous cinquante paiements.",
        ),
        Indicator(
            id="part_paiements_plus_30",
            label="Part des aides payées plus de trente jours après la décision",
            definition="Aides dont le premier paiement suit la dernière séance de plus de trente jours, parmi les "
            "aides payées dans les quatre-vingt-dix jours.",
            why="Compte les ménages à qui l'aide est venue tard, que la médiane cache.",
            measure=Share("delais_paiement_plus_30", of="delais_paiement_connus"),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=_PAYES,
        ),
        Indicator(
            id="part_impayes",
            label="Part des aides impayées trois mois après leur décision",
            definition="Demandes accordées pour un montant et sans paiement connu quatre-vingt-dix jours après la "
            "dernière séance, parmi les demandes accordées pour un montant.",
            why="Des aides promises et non versées : renoncement, oubli, ou fournisseur qui n'a pas facturé.",
            measure=Share("accords_impayes", of="accords_a_payer"),
            table="delais",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=f"{_DECIDEES}.",
        ),
        Indicator(
            id="montant_fournisseur",
            label="Montant accordé selon le fournisseur",
            definition="Aides non remboursables accordées sur les demandes de l'année, par type de fournisseur payé.",
            why="Dit à qui va l'argent de l'aide, et avec qui négocier.",
            measure=Total("montant", "monnaie"),
            table="aides_fournisseur",
            by="fournisseur",
            publics=_DIFFICULTE,
            caveat="Activité du CCAS : montants accordés ; ceux que le ménage touche n'ont pas de fournisseur.",
        ),
        Indicator(
            id="budget_vote",
            label="Montant du budget voté",
            definition="Dépenses votées pour l'exercice, toutes natures réunies.",
            why="Le choix politique, avant ce que l'année en a fait.",
            measure=Total("budget_vote", "monnaie"),
            table="budget",
            caveat=_BUDGET,
        ),
        Indicator(
            id="budget_execute",
            label="Montant du budget exécuté",
            definition="Dépenses exécutées dans l'exercice, toutes natures réunies.",
            why="Ce que l'action sociale de la commune a coûté.",
            measure=Total("budget_execute", "monnaie"),
            table="budget",
            caveat=f"{_BUDGET} Inconnu tant qu'une nature de dépense ne l'est pas.",
        ),
        Indicator(
            id="taux_execution",
            label="Taux d'exécution du budget",
            definition="Dépenses exécutées, rapportées aux dépenses votées.",
            why="Un budget qui n'est pas dépensé laisse des besoins sans réponse ; un budget dépassé interroge.",
            measure=Published("taux_execution", "%", bounds=_JOURS),
            table="budget",
            caveat=_BUDGET,
        ),
        Indicator(
            id="taux_execution_chapitre",
            label="Taux d'exécution du budget selon la nature de la dépense",
            definition="Dépenses exécutées, rapportées aux dépenses votées, pour chaque nature de dépense.",
            why="Montre où le budget n'a pas suivi la prévision.",
            measure=Published("taux_execution", "%", bounds=_JOURS),
            table="budget_chapitre",
            by="chapitre",
            caveat=_BUDGET,
        ),
        Indicator(
            id="part_budget",
            label="Part du budget voté selon la nature de la dépense",
            definition="Dépenses votées de chaque nature, rapportées à toutes les dépenses votées.",
            why="Ce qui va aux ménages, et ce qui fait tourner la maison.",
            measure=Published("part_budget", "%", bounds=(0, 100)),
            table="budget_chapitre",
            by="chapitre",
            caveat=_BUDGET,
        ),
        Indicator(
            id="depense_par_habitant",
            label="Montant exécuté par habitant",
            definition="Dépenses exécutées dans l'exercice, rapportées aux habitants du dernier recensement "
            "connu à cette date.",
            why="Rapporté aux habitants, l'effort se compare d'une année à l'autre.",
            measure=Mean("budget_execute", of="habitants", unit="monnaie", decimals=0),
            table="budget_habitants",
            caveat=_BUDGET,
        ),
        Indicator(
            id="depense_par_menage_aide",
            label="Montant de la dépense d'aide par ménage aidé",
            definition="Dépenses d'aide exécutées dans l'exercice, rapportées aux ménages à qui une aide a été "
            "accordée.",
            why="Le coût réel de l'aide, secours et services compris, pour chaque ménage qui la reçoit.",
            measure=Mean("budget_aides", of="menages_payes", unit="monnaie", decimals=0),
            table="budget_aides",
            publics=_DIFFICULTE,
            caveat="Activité du CCAS : dépense de l'exercice comptable, ménages de l'exercice des demandes.",
        ),
    ),
    figures=(
        Figure("barres", ("part_decisions",), "Décisions selon leur sens"),
        Figure("barres", ("part_refus_motif",), "Refus selon leur motif"),
        Figure("evolution", ("delai_decision_median",), "Délai médian entre la demande et la décision"),
        Figure("barres", ("montant_fournisseur",), "Montant accordé selon le fournisseur"),
        Figure("barres", ("part_budget",), "Budget voté selon la nature de la dépense"),
        Figure("barres", ("taux_execution_chapitre",), "Exécution du budget selon la nature de la dépense"),
    ),
)
