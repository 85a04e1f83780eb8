# Everything a person types more than once. Needs python3 (3.11 or later, with venv), make and git; brings the rest itself.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOMS_HOME ?= $(CURDIR)/.soms
UV := $(BIN)/python -m uv
LOCK_KEY := $(shell cat requirements.lock pyproject.toml | sha256sum | cut -c1-16)
INSTALLED := $(VENV)/.installed-$(LOCK_KEY)
UV_READY := $(VENV)/.uv-$(shell awk '/^uv==/ {print substr($$1, 5)}' requirements.lock)

# uv compiles what it installs, and Python keeps what it compiles: importing the stack uncompiled costs seconds per process.
unexport PYTHONDONTWRITEBYTECODE
export SOMS_HOME

.PHONY: help setup up down demo test lint bench lock erp

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Install everything into .venv, pinned by hash; costs nothing when nothing changed
	@:

up: setup ## Start the local stack: Postgres, Prefect, a worker, the sandbox outside world
	@$(BIN)/soms up

down: ## Stop the local stack
	@test ! -x $(BIN)/soms || $(BIN)/soms down

demo: ## Run a shop's day through every process; KEEP=1 leaves the stack up
	@$(MAKE) --no-print-directory -j2 setup erp
	@$(BIN)/soms demo $(if $(KEEP),--keep)

# A file stays with one worker: its tests share servers. Three workers, because the tests of faults wait more than they work.
test: setup ## Run the tests; PYTEST_ARGS="tests/unit -x" chooses
	@$(BIN)/python -m pytest $(if $(PYTEST_ARGS),$(PYTEST_ARGS),-n 3 --dist loadfile --no-loadscope-reorder)

lint: setup ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup ## Run every benchmark; figures go to benchmarks/results
	@for script in $(sort $(wildcard tests/benchmarks/bench_*.py)); do echo "== $$script"; $(BIN)/python "$$script"; done

lock: setup ## Resolve all versions anew, with hashes and without addresses
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links deployments/sandbox/erp/requirements.in \
		-o deployments/sandbox/erp/requirements.lock

# The ERP's own environment is built beside the installation: it needs uv and nothing else of ours.
erp: $(UV_READY)
	@$(BIN)/python -m deployments.sandbox.erp prepare --home "$(SOMS_HOME)/cache/erp"

$(UV_READY): | requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SOMS needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || { echo "Creating $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	@touch $@

$(INSTALLED): $(UV_READY)
	@echo "Installing (a minute at the first time) ..."
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-* && touch $@
