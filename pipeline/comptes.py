"""What the activity's counts have to do with one another, beyond what their tables and their indicators say.

Read by secrecy: whoever reads the definitions knows these relations, and computes with them. A count is named by its
column, and by the category of a breakdown where it is one.
"""

from __future__ import annotations

from pipeline.disclosure import Cellule

# A count, and kinds of its cases: those of no such kind are as telling as they are.
PARTS = (
    (Cellule("adherents_age_connu"), (Cellule("adherents_moins_25"), Cellule("adherents_60_plus"))),
    (Cellule("delivrees"), (Cellule("premieres"),)),
    (Cellule("inscrits"), (Cellule("inscrits_70_plus"),)),
    (Cellule("inscrits"), (Cellule("inscrits_75_plus"),)),
    (Cellule("inscrits_70_plus"), (Cellule("inscrits_75_plus"),)),
    (Cellule("menages"), (Cellule("menages_payes"),)),
    (Cellule("signalements_pris_en_charge"), (Cellule("signalements_7_jours"),)),
    (Cellule("usagers"), (Cellule("usagers_70_plus"),)),
    (Cellule("usagers"), (Cellule("usagers_75_plus"),)),
    (Cellule("usagers_70_plus"), (Cellule("usagers_75_plus"),)),
)

# A count, and one that it holds: its cases of which something is known, or those they are about. What lies between is
# nothing to hide, but it is little, and one tells the other.
INCLUSES = (
    (Cellule("accompagnements"), Cellule("menages_accompagnes")),
    (Cellule("accompagnements_clos"), Cellule("sorties_motivees")),
    (Cellule("accueils_orientes"), Cellule("accueils", (("reponse", "orientation"),))),
    (Cellule("accueils_orientes"), Cellule("orientations")),
    (Cellule("adherents"), Cellule("adherents_age_connu")),
    (Cellule("adherents"), Cellule("adherents_anciennete_connue")),
    (Cellule("adherents"), Cellule("adherents_sexe_connu")),
    (Cellule("aides_accordees"), Cellule("aides_de_forme_connue")),
    (Cellule("comptees"), Cellule("comptees_age_connu")),
    (Cellule("comptees"), Cellule("comptees_isolement_connu")),
    (Cellule("comptees"), Cellule("comptees_sexe_connu")),
    (Cellule("decisions"), Cellule("instances_connues")),
    (Cellule("decisions", (("decision", "refus"),)), Cellule("refus_motives")),
    (
        Cellule("delais_paiement_connus"),
        Cellule("accords_a_payer", (("part accords_impayes", "hors accords_impayes"),)),
    ),
    (Cellule("demandes"), Cellule("accords + refus_aide")),
    (Cellule("demandes"), Cellule("delais_connus")),
    (Cellule("demandes_hebergement"), Cellule("demandes_menage")),
    (Cellule("demandes_hebergement"), Cellule("demandes_personnes")),
    (Cellule("demandes_hebergement"), Cellule("demandes_repondues")),
    (Cellule("demandes_menage"), Cellule("demandes_menage_repondues")),
    (Cellule("demandes_repondues"), Cellule("demandes_menage_repondues")),
    (
        Cellule("demandes_repondues", (("part non_pourvues", "hors non_pourvues"),)),
        Cellule("demandes_logees"),
    ),
    (Cellule("dossiers_legaux"), Cellule("reponses_connues")),
    (Cellule("dossiers_legaux"), Cellule("reponses_datees")),
    (Cellule("dossiers_legaux"), Cellule("transmissions_connues")),
    (Cellule("en_cours"), Cellule("ages_connus")),
    (Cellule("en_cours"), Cellule("anciennetes_connues")),
    (Cellule("en_cours"), Cellule("sexes_connus")),
    (Cellule("en_cours"), Cellule("situations_connues")),
    (Cellule("menages"), Cellule("menages_statut")),
    (Cellule("menages"), Cellule("menages_type")),
    (Cellule("non_pourvues"), Cellule("non_pourvues_menage")),
    (Cellule("non_pourvues"), Cellule("non_pourvues_motif")),
    (Cellule("passages"), Cellule("passages_age_connu")),
    (Cellule("passages"), Cellule("passages_sexe_connu")),
    (Cellule("passages_service"), Cellule("passages_places")),
    (Cellule("personnes"), Cellule("demandeurs")),
    (Cellule("personnes"), Cellule("demandeurs_sexe")),
    (Cellule("personnes"), Cellule("demandeurs_situation")),
    (Cellule("personnes_hebergement"), Cellule("demandes_personnes")),
    (Cellule("personnes_rue"), Cellule("personnes_rue_age_connu")),
    (Cellule("personnes_rue"), Cellule("personnes_rue_sexe_connu")),
    (Cellule("personnes_suivies_rue"), Cellule("personnes_rue")),
    (Cellule("personnes_suivies_rue"), Cellule("personnes_sorties")),
    (Cellule("presences"), Cellule("presences_chiffrees")),
    (Cellule("remises"), Cellule("remises_pesees")),
    (Cellule("reponses_connues"), Cellule("reponses_datees")),
    (Cellule("signalements"), Cellule("signalements_origine")),
    (Cellule("signalements"), Cellule("signalements_suite")),
    (Cellule("signalements"), Cellule("signalements_suivis")),
    (Cellule("signalements_suivis"), Cellule("signalements_suite")),
)

# Where a request is of the year of its decision, the decisions of the year hold those of the requests counted.
INCLUSES_SEANCE = (
    (Cellule("decisions"), Cellule("demandes")),
    (
        Cellule("decisions", (("decision", "refus"),)),
        Cellule("accords + refus_aide", (("part accords", "hors accords"),)),
    ),
)

# A count, and those that it is the sum of.
SOMMES = (
    (Cellule("sorties_motivees", (("motif_sortie", "objectif_atteint"),)), (Cellule("objectifs_atteints"),)),
    (
        Cellule("aides_en_nature"),
        (
            Cellule("aides_accordees", (("forme", "bon"),)),
            Cellule("aides_accordees", (("forme", "tiers_paye"),)),
        ),
    ),
    (
        Cellule("personnes_rue_toit"),
        (
            Cellule("personnes_sorties", (("sortie", "hebergement"),)),
            Cellule("personnes_sorties", (("sortie", "logement"),)),
        ),
    ),
    # where no year knows the other
    (Cellule("personnes_rue_toit"), (Cellule("personnes_sorties", (("sortie", "hebergement"),)),)),
    (Cellule("personnes_rue_toit"), (Cellule("personnes_sorties", (("sortie", "logement"),)),)),
    (Cellule("decisions"), (Cellule("decisions_en_seance"), Cellule("decisions_urgentes"))),
)

# Groups of persons in an order of size, and the indicators that tell what one of them has: a group lies between its
# neighbours, so that one hidden hides them all.
ORDONNES = {"aides_dixiemes": ("part_montant_10",)}
