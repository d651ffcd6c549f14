"""Secret statistique: what may leave, what must be hidden, and the proof that hiding is enough.

In: numbers (counts, amounts, their contributors). Out: decisions (hide or publish, with the reason and
the interval that a reader can reach). No file, no database.

    tables = lier([Tableau("Demandes", "demandes", cadre, ("quartier", "motif"))])
    protection = proteger(tables, Regle())
    publiable = appliquer(tableau, protection)
"""

from pipeline.disclosure.audit import Audit, Echec, auditer, exiger_secret
from pipeline.disclosure.coarsening import Publication, publier, regrouper, regrouper_rares
from pipeline.disclosure.rules import (
    Regle,
    SecretNonTenu,
    secret_dominance,
    secret_du_premier,
    secret_effectif,
    secret_p_pourcent,
)
from pipeline.disclosure.suppression import Protection, appliquer, proteger
from pipeline.disclosure.tables import Cellule, Egalite, Inclusion, Tableau, Tables, lier
from pipeline.disclosure.tabulation import tabuler

__all__ = [
    "Audit",
    "Cellule",
    "Echec",
    "Egalite",
    "Inclusion",
    "Protection",
    "Publication",
    "Regle",
    "SecretNonTenu",
    "Tableau",
    "Tables",
    "appliquer",
    "auditer",
    "exiger_secret",
    "lier",
    "proteger",
    "publier",
    "regrouper",
    "regrouper_rares",
    "secret_dominance",
    "secret_du_premier",
    "secret_effectif",
    "secret_p_pourcent",
    "tabuler",
]
