# Everything that a reader of the papers or a developer types. `make` lists it.
#
#     make figures                            all studies, preset laptop
#     make figures STUDY=clifford PRESET=smoke
#     make figures GROUP=shots                one group of families and figures
#     make figures FIGURE=loss_law            one figure again, from finished data
#
# The environment is .venv, made from requirements.lock on first use. To use another one (conda, a cluster's module), activate it
# and call snakemake, pytest and python -m trainscape directly.

PYTHON ?= python3
PRESET ?= laptop
STUDY  ?=
GROUP  ?=
FIGURE ?=
CORES  ?= all
ARGS   ?=
# Folder of pages for make test-browser to open, besides those that it finds.
SITE   ?=
# Studies that make test-slurm runs, or groups of them; empty: clifford and pruning, 75 jobs. Quicker: "clifford/counterexamples pruning/kernels", or synthetic.
SLURM_STUDIES ?=
# The seed of the examples in make test-all; empty: a new one each time, which is printed.
SEED   ?=
# What to do with much finished work that no longer fits the code or the settings: stop (and ask), recompute, spot-check.
ON_CODE_CHANGE ?= stop
export TRAINSCAPE_ON_CODE_CHANGE := $(ON_CODE_CHANGE)

# make takes any name, and a misspelt one (PRSET=smoke) would run the default, for minutes.
VARIABLES := PYTHON PRESET STUDY GROUP FIGURE CORES ARGS SEED SITE SLURM_STUDIES ON_CODE_CHANGE
UNKNOWN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(filter-out $(VARIABLES) VENV BENCHMARK_VENV SHELL,$(name))))
ifneq ($(strip $(UNKNOWN)),)
$(error there is no variable $(strip $(UNKNOWN)); the variables are $(VARIABLES))
endif

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.complete

DOCS_STAMP := $(VENV)/.docs

BENCHMARK_VENV  := .venv-benchmark
BENCHMARK_STAMP := $(BENCHMARK_VENV)/.complete

# One thread for each process: the workflow is parallel over processes, and results must not depend on a thread count.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export NUMBA_NUM_THREADS := 1

# Where the home folder cannot be written, as in a container, Snakemake would not start, and others would warn: their caches go to a folder of this user
# among the temporary files.
CACHES := $(shell own=$${XDG_CACHE_HOME:-$${HOME:-/}/.cache}; [ -w "$$own" ] || { [ ! -e "$$own" ] && [ -w "$${own%/*}" ]; } || { \
  other=$${TMPDIR:-/tmp}/trainscape-$$(id -u); mkdir -m 700 "$$other" 2> /dev/null || true; [ -O "$$other" ] && [ ! -L "$$other" ] || other=$$(mktemp -d); echo "$$other"; })
ifneq ($(CACHES),)
export XDG_CACHE_HOME := $(CACHES)
export MPLCONFIGDIR := $(CACHES)/matplotlib
endif

PIP := python -m pip install --disable-pip-version-check --quiet

# $(call install,ENVIRONMENT,LOCK): the locked packages, then trainscape itself. uv, checked against the same lock, takes seconds where pip takes minutes;
# where it cannot reach the packages (a mirror that only pip is told of), pip installs them.
define install
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(1)/uv.lock
	$(1)/bin/$(PIP) --require-hashes -r $(1)/uv.lock
	$(1)/bin/uv pip install --quiet --python $(1)/bin/python --require-hashes -r $(2) || $(1)/bin/$(PIP) --require-hashes -r $(2)
	$(1)/bin/$(PIP) --no-deps --no-build-isolation -e .
endef

# $(call own,ENVIRONMENT): refuse an environment that came with a copied or moved folder. The commands in it name the interpreter of the folder that it
# was made for: after a copy they run the code of that folder, after a move they do not start. Where its path is long or has blanks, line 2 has it.
define own
	@made=$$(sed -n -e '1s|^#!\(/.*\)/python[^/]*$$|\1|p' -e "2s|^'''exec' *\"*\(/.*\)/python[^/]*$$|\1|p" $(1)/bin/pip 2> /dev/null || true); \
	if [ -n "$$made" ] && ! [ "$$made" -ef $(1)/bin ]; then \
	  echo "error: $(1) belongs to another folder, $${made%/*}: an environment can be neither copied nor moved. Make one for this folder: rm -r $(1), then the same command again" >&2; exit 2; fi
endef

.PHONY: own-environment own-benchmark-environment
own-environment:
	$(call own,$(VENV))

own-benchmark-environment:
	$(call own,$(BENCHMARK_VENV))

.PHONY: help env figures test test-all test-faults test-browser test-slurm lint format changelog
.PHONY: config lock benchmark benchmark-lock docs docs-lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  variables: STUDY=$(STUDY) GROUP=$(GROUP) FIGURE=$(FIGURE) (empty: all) PRESET=$(PRESET) CORES=$(CORES)"
	@echo "             ON_CODE_CHANGE=$(ON_CODE_CHANGE) PYTHON=$(PYTHON)"
	@echo "             SEED=$(SEED) (of make test-all; empty: a new one) SITE=$(SITE) (of make test-browser)"
	@echo "             SLURM_STUDIES=$(SLURM_STUDIES) (of make test-slurm; empty: clifford pruning) ARGS=... (for the tool)"

env: $(STAMP) ## make the environment .venv from requirements.lock

# The stamp comes last: an environment that was interrupted on the way is completed by the next call.
$(STAMP): requirements.lock pyproject.toml | own-environment
	@command -v "$(PYTHON)" > /dev/null || { echo "error: there is no '$(PYTHON)'. Name a Python 3.11, 3.12 or 3.13: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "error: trainscape needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1). Name another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "error: '$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@if [ -x $(BIN)/python ] && ! $(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2> /dev/null; then \
	  echo "error: $(VENV) holds a Python that does not run or does not fit. Remove the folder, then try again: rm -r $(VENV)" >&2; exit 1; fi
	@rm -f $@
	@# A .venv without pip was interrupted while it was made, or made by another tool: venv adds what is missing.
	@if ! $(BIN)/python -m pip --version > /dev/null 2>&1; then "$(PYTHON)" -m venv $(VENV); fi
	$(call install,$(VENV),requirements.lock)
	@# Where bytecode is not written (containers often say so), each of the workflow's many processes would compile hundreds of modules again.
	@# Some packages ship files for other Python versions, which fail to compile and are never imported.
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null 2>&1 || true
	@echo "compiling the kernels for this machine, once: about a minute"
	$(BIN)/python -m trainscape.simulators.precompile
	@touch $@

figures: $(STAMP) ## compute whatever is missing and draw the figures [STUDY= GROUP= FIGURE= PRESET=laptop CORES=all]
	@# FIGURE draws one figure again from finished data; the others go through the workflow.
	$(if $(FIGURE),$(BIN)/python -m trainscape redraw $(FIGURE) $(if $(STUDY),--study $(STUDY)) --preset $(PRESET),$(BIN)/snakemake --cores $(CORES) $(ARGS) --config preset=$(PRESET) $(if $(STUDY),study=$(STUDY)) $(if $(GROUP),group=$(GROUP)))

# Coverage is in test-all: the tracer of Python 3.11 makes the code of the pipeline half as fast.
test: $(STAMP) ## run the fast tests; hypothesis draws the same examples each time [ARGS=--cov: with coverage]
	$(BIN)/python -m pytest --numprocesses logical --dist worksteal \
	  -m "not slow and not slurm and not fault" --hypothesis-profile fixed $(ARGS)

test-all: $(STAMP) ## run all tests, the slow ones too, with coverage; hypothesis draws new examples [SEED=1234]
	$(BIN)/python -m pytest --cov --numprocesses logical --dist worksteal -m "not slurm" \
	  --hypothesis-profile random \
	  --hypothesis-seed $(or $(SEED),$(shell echo $$((RANDOM * 32768 + RANDOM)))) $(ARGS)

test-faults: $(STAMP) ## run the tests that kill, damage or interrupt something, the slow ones too; their outcomes go to docs/reliability.md [SEED=7: other random kills]
	$(if $(SEED),FAULT_SEED=$(SEED)) $(BIN)/python -m pytest --numprocesses logical --dist worksteal \
	  -o faulthandler_timeout=900 -m "fault and not slurm" --record-faults $(ARGS)

test-browser: $(STAMP) ## open the report, and the built docs, in Chromium [SITE=folder of another site]
	tests/browser/install $(BIN)/python
	SITE="$(SITE)" $(BIN)/python -m pytest -m "" $(ARGS) tests/browser

# It changes the machine, as root: nothing else starts it, and it refuses where there is another SLURM.
test-slurm: $(STAMP) ## install a SLURM of two nodes here (Debian, as root) and run two studies on it, with faults [SLURM_STUDIES=synthetic: quicker]
	$(BIN)/python tests/slurm/local_slurm.py install
	$(if $(SLURM_STUDIES),TRAINSCAPE_SLURM_STUDIES="$(SLURM_STUDIES)") $(BIN)/python -m pytest -m slurm -o faulthandler_timeout=0 --record-faults tests/slurm $(ARGS)

lint: $(STAMP) ## check style, types and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/codespell

format: $(STAMP) ## bring the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

changelog: $(STAMP) ## move the news in changes/ to CHANGELOG.md [ARGS=--draft: only print them]
	$(BIN)/towncrier build $(ARGS)

config: $(STAMP) ## write the JSON schemas anew from the settings in the code
	$(BIN)/python -m trainscape config

# Without --upgrade, versions that still fit stay. To upgrade: make lock ARGS=--upgrade
lock: ## resolve requirements.lock anew from pyproject.toml [ARGS=--upgrade]
	@[ -x $(BIN)/uv ] || { echo "error: make lock needs $(BIN)/uv; make the environment first: make env" >&2; exit 1; }
	$(BIN)/uv pip compile pyproject.toml --extra workflow --extra networks --extra dev --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file requirements.lock $(ARGS)

# The peers have an environment and a lock of their own: none of them is needed to run trainscape, and some hold other packages back.
$(BENCHMARK_STAMP): benchmarks/requirements.lock pyproject.toml | own-benchmark-environment
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "error: the benchmarks need Python 3.11, 3.12 or 3.13. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@rm -f $@
	@if ! $(BENCHMARK_VENV)/bin/python -m pip --version > /dev/null 2>&1; then "$(PYTHON)" -m venv $(BENCHMARK_VENV); fi
	$(call install,$(BENCHMARK_VENV),benchmarks/requirements.lock)
	@touch $@

# The kernels are compiled beforehand, and again after the simulators were edited.
benchmark: $(BENCHMARK_STAMP) ## measure the simulators beside other packages [ARGS="--quick", ARGS="--cases G,E --sizes 8,10"]
	$(BENCHMARK_VENV)/bin/python -m trainscape.simulators.precompile
	$(BENCHMARK_VENV)/bin/python -m benchmarks $(ARGS)

benchmark-lock: ## resolve benchmarks/requirements.lock anew, at the versions of requirements.lock [ARGS=--upgrade]
	@[ -x $(BIN)/uv ] || { echo "error: make benchmark-lock needs $(BIN)/uv; make the environment first: make env" >&2; exit 1; }
	$(BIN)/uv pip compile pyproject.toml benchmarks/requirements.in --extra workflow --extra networks --constraint requirements.lock --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file benchmarks/requirements.lock $(ARGS)

# What writes the site joins the environment when it is first asked for: its lock holds the versions of requirements.lock where both have a package.
$(DOCS_STAMP): docs/requirements.lock $(STAMP)
	@rm -f $@
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r docs/requirements.lock || $(BIN)/$(PIP) --require-hashes -r docs/requirements.lock
	@touch $@

docs: $(DOCS_STAMP) ## write the documentation as a site, build/docs, and run its notebooks; broken links stop it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "site: build/docs/index.html"

docs-lock: ## resolve docs/requirements.lock anew, at the versions of requirements.lock [ARGS=--upgrade]
	@[ -x $(BIN)/uv ] || { echo "error: make docs-lock needs $(BIN)/uv; make the environment first: make env" >&2; exit 1; }
	$(BIN)/uv pip compile docs/requirements.in --constraint requirements.lock --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file docs/requirements.lock $(ARGS)

clean: ## remove the environment and all caches; never touches results/
	rm -rf $(VENV) $(BENCHMARK_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* build dist
	find . -path ./results -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
