# Thin on purpose: every target is one command of a tool. `make help` lists them.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
SOURCES := normalizer generator bezant tests bench templates/python/core templates/fastapi/core

# Compiled modules start faster; an empty value is what Python takes for unset.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup generate check test lint types format bench refresh-spec learn lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(VENV)/.stamp ## make .venv with the pinned tools; nothing global

$(VENV)/.stamp: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "bezant needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	@touch $@

generate: setup ## the main job: pin -> normalised document -> packages
	@$(RUN) -m normalizer run
	@$(RUN) -m normalizer report
	@$(RUN) -m generator build

check: setup ## fail when a committed product is not what its source gives
	@$(RUN) -m normalizer check
	@$(RUN) -m normalizer report --check
	@$(RUN) -m generator check

# What the tests of the TypeScript client need; without npm they skip and say so.
NODE_TOOLS := tests/typescript/node_modules/.package-lock.json

$(NODE_TOOLS): tests/typescript/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/typescript; fi

test: setup $(NODE_TOOLS) ## run the tests
	@$(RUN) -m pytest

lint: setup ## ruff and black on all Python, generated code included
	@$(RUN) -m ruff check .
	@$(RUN) -m black --check --quiet .

types: setup ## mypy --strict on all Python, generated code included
	@$(RUN) -m mypy normalizer generator bezant tests bench output/python/src/bezant_api
	@$(RUN) -m mypy templates/python/core

format: setup ## format what people write
	@$(RUN) -m ruff check --fix --exclude output .
	@$(RUN) -m black --quiet .

bench: setup ## print speeds, as medians and ratios
	@$(RUN) -m bench

refresh-spec: setup ## pin the published document: make refresh-spec SOURCE=FILE_OR_URL
	@$(RUN) -m normalizer refresh $(if $(SOURCE),--source $(SOURCE))

learn: setup ## teach the overlays recorded answers: make learn RECORDINGS=DIR
	@$(RUN) -m normalizer learn $(RECORDINGS)

lock: ## pin the newest tools into requirements/dev.txt
	rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --requirement requirements/dev.in
	$(VENV)/lock/bin/python -m pip freeze > requirements/dev.txt
	rm -rf $(VENV)/lock

clean: ## remove what can be made again, but for committed products
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/typescript/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
