# make check   format, lint, types, import rules, lab definitions
# make fix     format and lint, repairing what can be repaired
# make test    everything that needs only Python
# make e2e     everything that needs a cluster: brings up a real one on this machine
# make e2e-again   only what failed the last time
# make bench   speed, as ratios to kubectl on the same cluster
# make build   wheel and sdist
# make types   the practice cluster's table of API types, from Kubernetes' source; needs Go

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: check fix test e2e e2e-again bench build types clean

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/kubectl-joblab lab lint

fix: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(READY)
	$(BIN)/pytest -m 'not e2e' -n auto

e2e: $(READY)
	$(BIN)/pytest -m e2e

e2e-again: $(READY)
	$(BIN)/pytest -m e2e --last-failed --last-failed-no-failures none

bench: $(READY)
	$(BIN)/python -m bench.start

build: $(READY)
	$(BIN)/python -m build

types: $(READY)
	$(BIN)/python -m tools.kubernetes_types

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
