"""What the activity's counts have to do with one another, beyond what their tables and their indicators say.

Read by secrecy: whoever reads the definitions knows these relations, and computes with them. A count is named by its
column, and by the category of a breakdown where it is one.
"""

from __future__ import annotations

from pipeline.disclosure import Cellule

# A count, and kinds of its cases: those of no such kind are as telling as they are.
PARTS = (
    ("adherents_age_connu", ("adherents_moins_25", "adherents_60_plus")),
    ("delivrees", ("premieres",)),
    ("inscrits", ("inscrits_70_plus",)),
    ("inscrits", ("inscrits_75_plus",)),
    ("inscrits_70_plus", ("inscrits_75_plus",)),
    ("menages", ("menages_payes",)),
    ("signalements_pris_en_charge", ("signalements_7_jours",)),
    ("usagers", ("usagers_70_plus",)),
    ("usagers", ("usagers_75_plus",)),
    ("usagers_70_plus", ("usagers_75_plus",)),
)

# A count, and its cases of which something is known, or those they are about: what lies between is nothing to hide,
# but it is little, and one tells the other.
CONNUS = (
    ("accompagnements", ("menages_accompagnes",)),
    ("accompagnements_clos", ("sorties_motivees",)),
    ("adherents", ("adherents_age_connu",)),
    ("adherents", ("adherents_anciennete_connue",)),
    ("adherents", ("adherents_sexe_connu",)),
    ("aides_accordees", ("aides_de_forme_connue",)),
    ("decisions", ("instances_connues",)),
    ("demandes", ("accords + refus_aide",)),
    ("demandes", ("delais_connus",)),
    ("dossiers_legaux", ("reponses_connues",)),
    ("dossiers_legaux", ("reponses_datees",)),
    ("dossiers_legaux", ("transmissions_connues",)),
    ("en_cours", ("ages_connus",)),
    ("en_cours", ("sexes_connus",)),
    ("en_cours", ("situations_connues",)),
    ("menages", ("menages_statut",)),
    ("menages", ("menages_type",)),
    ("passages", ("passages_age_connu",)),
    ("passages", ("passages_sexe_connu",)),
    ("personnes", ("demandeurs",)),
    ("personnes", ("demandeurs_sexe",)),
    ("personnes", ("demandeurs_situation",)),
    ("personnes_rue", ("personnes_rue_age_connu",)),
    ("personnes_rue", ("personnes_rue_sexe_connu",)),
    ("presences", ("presences_chiffrees",)),
    ("remises", ("remises_pesees",)),
    ("signalements", ("signalements_origine",)),
    ("signalements", ("signalements_suite",)),
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
    (Cellule("decisions"), (Cellule("decisions_en_seance"), Cellule("decisions_urgentes"))),
)

# A count, and one that it holds.
INCLUSES = (
    (Cellule("accueils_orientes"), Cellule("accueils", (("reponse", "orientation"),))),
    (Cellule("accueils_orientes"), Cellule("orientations")),
    (Cellule("decisions", (("decision", "refus"),)), Cellule("refus_motives")),
    (
        Cellule("delais_paiement_connus"),
        Cellule("accords_a_payer", (("part accords_impayes", "hors accords_impayes"),)),
    ),
)
