# Two commands matter: `make run` and `make test`. The rest is for those who work on hrwatch.
PYTHON ?= python3
VENV ?= .venv
DATA ?= data
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup run test check demo bench messages lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# What runs needs only requirements.lock; what tests needs the larger one. Both are pinned by hash.
$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hrwatch needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q --no-deps --require-hashes -r requirements.lock
	$(PIP) install -q --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(PIP) install -q --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/test.stamp ## Make .venv with everything that work on hrwatch needs

run: $(VENV)/run.stamp ## Poll, publish and serve http://127.0.0.1:8080/ until Ctrl-C
	@exec $(BIN)/hrwatch --data $(DATA) run

demo: $(VENV)/run.stamp ## Show the whole thing on a built-in site, without a network
	@exec $(BIN)/hrwatch demo

# Hundreds of programs are started: each finds its modules compiled, also where the environment forbids writing that down.
test: $(VENV)/test.stamp ## Run the tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto --dist loadfile

check: $(VENV)/test.stamp ## ruff, mypy --strict, import-linter, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m crawler.locale --check

bench: $(VENV)/test.stamp ## Measure what is claimed about speed and quality
	$(BIN)/python -m bench

messages: $(VENV)/test.stamp ## Bring the Chinese catalogue up to date with the code
	$(BIN)/python -m crawler.locale

lock: ## Pin the dependencies anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		-c requirements-dev.lock pyproject.toml --group build -o requirements.lock

clean: ## Remove .venv and caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
