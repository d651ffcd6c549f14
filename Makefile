# Analyse des besoins sociaux. « make help » dit tout.
EDITION ?= mont-dore/2026
NOMMEE := $(if $(filter file,$(origin EDITION)),,$(EDITION))
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PRET := $(VENV)/.pret
ANCIEN := $(VENV).ancien

export PYTHONHASHSEED := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What is used is compiled, once, at its first import; the rest of the packages never is.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: abs donnees edition depot controle explique compare domiciliation archive verifie rapproche oublie cle fictif methode notebooks \
  test test-long lint a11y bench clean help environnement

abs: $(PRET) ## Construit l'édition, son rapport, ses papiers (EDITION=mont-dore/2026 THEME=vieillissement FICHES=1)
	@$(PY) -m pipeline abs $(EDITION) $(if $(THEME),--theme "$(THEME)") $(if $(FICHES),--fiches)

donnees: $(PRET) ## Récupère les fichiers publics de l'édition (ACCEPTER=fichier_changé, HORS_LIGNE=1 pour la liste)
	@$(PY) -m pipeline donnees $(EDITION) $(if $(ACCEPTER),--accepter "$(ACCEPTER)") $(if $(HORS_LIGNE),--hors-ligne)

edition: $(PRET) ## Ouvre l'édition d'une commune (COMMUNE=01053 ANNEE=2026), ou l'année suivante (DEPUIS=mont-dore/2026)
	@$(PY) -m pipeline edition $(if $(DEPUIS),--depuis $(DEPUIS) $(NOM),"$(COMMUNE)" $(ANNEE))

depot: $(PRET) ## Propose la déclaration d'un export, à coller dans edition.toml (FICHIER=mon_export.csv)
	@$(PY) -m pipeline depot "$(FICHIER)" --edition $(EDITION)

controle: $(PRET) ## Contrôle un dépôt sans rien construire (FICHIER=mon_export.csv)
	@$(PY) -m pipeline controle "$(FICHIER)" --edition $(EDITION)

explique: $(PRET) ## Remonte d'un chiffre à ses lignes et à ses fichiers (INDICATEUR=part_60_plus TERRITOIRE=98817)
	@$(PY) -m pipeline explique "$(INDICATEUR)" "$(TERRITOIRE)" --edition $(EDITION)

compare: $(PRET) ## Dit ce qui a changé d'une édition à l'autre (AVANT=mont-dore/2025 EDITION=mont-dore/2026)
	@$(PY) -m pipeline compare $(AVANT) $(EDITION)

domiciliation: $(PRET) ## Écrit le bilan annuel de domiciliation d'une édition construite (EXERCICE=2025)
	@$(PY) -m pipeline domiciliation $(EDITION) $(if $(EXERCICE),--exercice $(EXERCICE))

archive: $(PRET) ## Garde une édition construite dans un zip daté et vérifiable (EDITION=mont-dore/2026)
	@$(PY) -m pipeline archive $(EDITION)

verifie: $(PRET) ## Dit ce qui diffère d'une archive (ARCHIVE=reports/…/archive/….zip)
	@$(PY) -m pipeline verifie "$(ARCHIVE)"

# What is said of real persons is never said to the edition of the demonstration for want of a name.
rapproche: $(PRET) ## Retient les oui et les non d'une feuille de rapprochements (EDITION=… FICHIER=…/rapprochements.csv)
	@$(PY) -m pipeline rapproche "$(NOMMEE)" "$(FICHIER)"

# What destroys is never done to the edition of the demonstration for want of a name.
oublie: $(PRET) ## Oublie une personne, demandée au clavier (EDITION=…), ou purge les vieux dépôts (PURGE=1)
	@$(PY) -m pipeline oublie "$(NOMMEE)" $(if $(PURGE),--purge)

cle: $(PRET) ## Dit où est la clé des pseudonymes (EDITION=…), ou la remplace (RENOUVELER=1)
	@$(PY) -m pipeline cle "$(NOMMEE)" $(if $(RENOUVELER),--renouveler)

fictif: $(PRET) ## Réécrit le dépôt fictif de démonstration (EDITION=mont-dore/2025 EXTRAIT_DE=mont-dore/2026)
	@$(PY) -m pipeline fictif $(EDITION) $(if $(EXTRAIT_DE),--extrait-de $(EXTRAIT_DE))

notebooks: $(PRET) ## Ouvre les carnets de l'analyste
	@$(VENV)/bin/jupyter lab notebooks

test: $(PRET) ## Passe tous les tests
	@$(PY) -m pytest -n 2 --dist loadgroup -q

test-long: $(PRET) ## Passe les épreuves longues (simulations, attaques par milliers)
	@$(PY) -m pytest -n 2 --dist loadgroup -q -m lent

lint: $(PRET) ## Vérifie le style du code
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

a11y: $(PRET) ## Passe axe-core sur chaque page du site de l'édition (demande npm et chromium)
	@npm install --silent --no-save --prefix $(VENV)/axe axe-core@4.14.1
	@$(PY) tests/accessibilite.py $(VENV)/axe/node_modules/axe-core/axe.min.js reports/$(EDITION)/publication/site

bench: $(PRET) ## Mesure les performances, et réécrit docs/performance.md
	@$(PY) -m benchmarks

methode: $(PRET) ## Récrit les tables de docs/methode.md que le code et les chiffres publics font
	@$(PY) -m pipeline methode

clean: ## Efface l'environnement et tout ce qui est calculé (jamais les dépôts, les textes ni les archives)
	rm -rf $(VENV) $(ANCIEN) data/processed .pytest_cache .ruff_cache .hypothesis *.egg-info
	rm -rf reports/*/*/publication reports/*/*/interne reports/*/*/bilans reports/*/*/.en-cours reports/*/*/.precedent

help: ## Affiche cette aide
	@echo "Commandes :"
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1|\2/' | column -t -s '|' 2>/dev/null \
	  || grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST)

# The environment is made anew when the lock changes. The one before comes back when the new one cannot be made, and
# at the next command when this one was killed; for any other change of the project, it is only told where that is.
$(PRET): requirements.lock pyproject.toml
	@[ ! -e $(ANCIEN) ] || cmp -s requirements.lock $(VENV)/requirements.lock || { rm -rf $(VENV); mv $(ANCIEN) $(VENV); }
	@cmp -s requirements.lock $(VENV)/requirements.lock || $(MAKE) --no-print-directory environnement
	@$(PY) -m pip install --quiet --no-compile --no-deps --no-build-isolation --editable .
	@rm -rf $(ANCIEN) && touch $(PRET)

environnement:
	@echo "Préparation de l'environnement Python (une minute, une seule fois)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Il faut Python 3.11 ou plus récent : installer Python, ou « make PYTHON=python3.12 … »." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Il manque le module venv de Python : l'installer (Debian, Ubuntu : sudo apt install python3-venv)." >&2; exit 2; }
	@[ ! -e $(VENV) ] || mv $(VENV) $(ANCIEN)
	@{ $(PYTHON) -m venv $(VENV) \
	  && $(PY) -m pip install --quiet --no-compile --require-hashes --requirement requirements.lock \
	  && cp requirements.lock $(VENV)/requirements.lock; } \
	  || { rm -rf $(VENV); [ ! -e $(ANCIEN) ] || mv $(ANCIEN) $(VENV); \
	  echo "Les bibliothèques n'ont pas pu être installées : vérifier la connexion et recommencer ; ce qui était installé l'est encore." >&2; exit 2; }
