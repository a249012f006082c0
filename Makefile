# make demo    a lab on the practice cluster; needs nothing but Python
# make check   format, lint, types, import rules, lab definitions
# make fix     format and lint, repairing what can be repaired
# make test    everything that needs only Python
# make e2e     everything that needs a cluster: brings up a real one on this machine
# make e2e-practice   the same on a practice cluster
# make test-again, e2e-again, e2e-practice-again   only what failed the last time
# make fidelity   the differences between the practice cluster and a real one
# make clients   client-go, the Python and JavaScript clients and helm on both clusters; needs Go, node
# make attack   kill -9, full disks, damaged keys, hostile requests and answers, in rounds
# make bench   speed, as ratios to kubectl and to a real cluster
# make build   wheel, sdist, and the archive with the folder build for this platform, in dist/
# make test-package   what make build has left in dist/: installed, run, moved where no Python is
# make release TAG=vX.Y.Z   check a release, fill krew-manifest.yaml from the archives in dist/
# make types   the practice cluster's table of API types, from Kubernetes' source; needs Go

PYTHON ?= python3
VENV ?= .venv
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := $(VENV)/$(SCRIPTS)
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready

.PHONY: demo check fix test test-again e2e e2e-practice e2e-again e2e-practice-again fidelity clients attack bench build test-package release types clean

$(INSTALLED): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(READY): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# with a kubeconfig and a state of its own: nothing of the user's is read or written
demo: export KUBECONFIG := $(abspath $(VENV))/demo/kubeconfig
demo: export XDG_STATE_HOME := $(abspath $(VENV))/demo
demo: $(INSTALLED)
	@$(BIN)/kubectl-joblab start parallelism; code=$$?; \
	$(BIN)/kubectl-joblab practice down >/dev/null 2>&1; exit $$code

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/kubectl-joblab lab lint

fix: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# bytecode is kept whatever the user's environment says: it saves each process of the tests time
test test-again: export PYTHONDONTWRITEBYTECODE :=
test test-again: export TMPDIR := $(shell $(PYTHON) tests/temporary.py)
test: $(READY)
	$(BIN)/pytest -m 'not e2e and not package' --workers auto

test-again: $(READY)
	$(BIN)/pytest -m 'not e2e and not package' --last-failed --last-failed-no-failures none

e2e: $(READY)
	$(BIN)/pytest -m e2e

e2e-again: $(READY)
	$(BIN)/pytest -m e2e --last-failed --last-failed-no-failures none

e2e-practice e2e-practice-again: export JOBLAB_TEST_KUBECONFIG := practice
e2e-practice: e2e
e2e-practice-again: e2e-again

fidelity: $(READY)
	$(BIN)/python -m tests.fidelity

clients: $(READY)
	$(BIN)/python -m tests.clients

attack: $(READY)
	$(BIN)/python -m tests.attack

bench: $(READY)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.practice
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.operators

# The folder build has an environment of its own: what is installed there is what is bundled. The
# same commit gives the same bytes: pinned packages, no random order, the commit's time.
build: $(READY)
	rm -rf build
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build
	$(PYTHON) -m venv build/venv
	build/venv/$(SCRIPTS)/python -m pip install --quiet --constraint packaging/constraints.txt . pyinstaller
	PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
	    build/venv/$(SCRIPTS)/pyinstaller --noconfirm --log-level WARN --distpath build/folder \
	    --workpath build/pyinstaller packaging/kubectl-joblab.spec
	build/venv/$(SCRIPTS)/python packaging/archive.py build/folder/kubectl-joblab dist

test-package: $(READY)
	$(BIN)/pytest -m package tests/packaging

release: $(READY)
	$(BIN)/python packaging/release.py "$(TAG)" dist

types: $(READY)
	$(BIN)/python -m tools.kubernetes_types

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
