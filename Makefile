# Chorus. `make run` and `make test` need Python 3.11 or newer, make, and the network to the package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/pytest

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench live words lock clean

help: ## What one can make here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## .venv with everything in it; the others do this by themselves

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Chorus needs Python 3.11 or newer; set PYTHON=/path/to/it."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q app bot routing
	@touch $@

run: setup ## The demo on http://127.0.0.1:8000
	@$(BIN)/chorus demo

test: setup ## All tests, on SQLite and on a PostgreSQL that they start themselves
	$(PYTEST) --numprocesses auto --dist worksteal -m "not live"

check: setup ## Format, lint, types, import rules: changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup ## Bring the code into the form that make check wants
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

bench: setup ## Measurements; takes a while
	$(BIN)/python -m tests.bench

live: setup ## Tests against real servers that you name in the environment
	$(PYTEST) -m live tests/live

words: setup ## The catalogues of the languages, brought up to date with what the pages say
	$(BIN)/python -m tests.words

lock: ## The requirement files anew, from pyproject.toml (wants uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra meaning pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra languages --group dev pyproject.toml --output-file requirements-dev.txt

clean: ## Remove .venv, caches and the demo's data
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
