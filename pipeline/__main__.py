"""`python -m pipeline …`, by the environment that `make` prepares; any other Python is told so in one sentence."""

import sys

try:
    from pipeline.cli import app

    app()
except ModuleNotFoundError as manque:
    if str(manque.name).startswith("pipeline"):
        raise
    sys.stderr.write(
        f"Erreur : le module « {manque.name} » manque à ce Python : lancer les commandes par make (« make help » les "
        "liste), qui prépare l'environnement, ou par « .venv/bin/python -m pipeline … ».\n"
    )
    sys.exit(2)
