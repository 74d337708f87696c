# Every target in one line; `make` alone explains them. Another interpreter: make run PYTHON=python3.12
PYTHON ?= python3
ROUNDS ?= short
BIN := .venv/bin
export ROUNDS
# Where it is set, every start would compile every module anew: two to three seconds each time.
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONPATH

ENVIRONMENT = @$(PYTHON) -m shop.cli.environment
# A process works through the files in order and, at its end, takes over from the other: what a folder starts once
# (a shop, a sandbox, a browser) is started by few.
TESTS = $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal
# $(call step,name,command): runs the command and prints how long it took.
step = @start=$$(date +%s); $(2) || { echo "$(1): failed"; exit 1; }; echo "$(1): $$(($$(date +%s) - start)) s"

.PHONY: help install run test check bench lighthouse lint types house schema schema-check migrate lock clean dev-environment
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

install: dev-environment ## make .venv with everything to run and to develop

run: ## start the shop: database, demo, payment sandbox, worker and web server; Ctrl-C stops them
	$(ENVIRONMENT) run
	@exec $(BIN)/python -m shop dev

test: dev-environment ## the whole test suite, a process a core; ARGS="-n 0 -k name" narrows it, ROUNDS=full takes longer
	@$(TESTS) $(ARGS)

check: dev-environment lint ## everything that CI runs, cheapest first
	@$(MAKE) --no-print-directory -j 2 house types schema-check
	$(call step,tests,$(TESTS) --ignore tests/house $(ARGS))

bench: dev-environment ## measure against hand-written floors; a table and tests/bench/results.json, some minutes
	@$(BIN)/python -m pytest tests/bench --benchmark -s $(ARGS)

lighthouse: dev-environment ## what Lighthouse says of the demo's pages, seen on a phone; two minutes
	@$(BIN)/python -m pytest tests/browser/test_lighthouse.py --lighthouse $(ARGS)

lint: dev-environment ## format, ruff, import order, YAML, Dockerfile
	$(call step,format,$(BIN)/ruff format --check --quiet .)
	$(call step,ruff,$(BIN)/ruff check --quiet .)
	$(call step,yamllint,$(BIN)/yamllint --strict $$(git ls-files '*.yml' '*.yaml'))
	$(call step,hadolint,$(BIN)/hadolint Dockerfile)
	$(call step,import order,$(BIN)/lint-imports --no-logo > .venv/imports.txt || { cat .venv/imports.txt; false; })

house: dev-environment
	$(call step,house tests,$(BIN)/python -m pytest tests/house)

types: dev-environment ## mypy --strict
	$(call step,mypy,$(BIN)/mypy --no-error-summary)

schema: dev-environment ## write graphql/schema.graphql anew
	@$(BIN)/python -m shop schema

schema-check: dev-environment
	$(call step,schema,$(BIN)/python -m shop schema --check)

migrate: ## bring the database's tables up to date
	$(ENVIRONMENT) run
	@$(BIN)/python -m shop migrate

lock: dev-environment ## resolve the requirements*.lock files from pyproject.toml; ARGS=--upgrade for newer versions
	@$(PYTHON) -m shop.cli.environment lock $(ARGS)

clean: ## remove caches and .venv; 'shop reset --yes' removes the development database
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find shop tests alembic -name __pycache__ -type d -prune -exec rm -rf {} +

dev-environment:
	$(ENVIRONMENT) dev
