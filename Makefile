# `make run` is all a fresh machine needs: Python 3.11 or later, make, and a package index.
VENV := .venv
BIN := $(VENV)/bin
BOT ?= bots/nordlys
# The first of these that works and is new enough makes the virtual environment.
PYTHONS := python3 python3.13 python3.12 python3.11 python3.14 python
CODE := voicebot telephony speech dialog tests benchmarks requirements
# Where requirements/*.txt has every file's hash; elsewhere pip takes what pyproject.toml allows.
PINNED := Linux-x86_64-3.11 Linux-x86_64-3.12 Linux-x86_64-3.13
COMMA := ,
PIP := $(BIN)/python -m pip install --disable-pip-version-check

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help venv models run demo test check lint pins fmt bench clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(VENV)/.installed ## build the virtual environment

$(VENV)/bin/python:
	@for python in $(PYTHONS); do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  $$python -c 'import ensurepip, venv' 2>/dev/null || { lacking=$$python; continue; }; \
	  echo "Building $(VENV) with $$($$python --version)"; \
	  exec $$python -m venv $(VENV); \
	done; \
	if [ -n "$$lacking" ]; then \
	  echo "$$lacking cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; \
	else \
	  echo "No Python 3.11 or later among: $(PYTHONS). Install one, for example: apt install python3 python3-venv" >&2; \
	fi; exit 1

# install REQUIREMENTS EXTRAS
define install
	@kind=$$($(BIN)/python -c 'import platform, sys; print(platform.system(), platform.machine(), "%d.%d" % sys.version_info[:2], sep="-")'); \
	case " $(PINNED) " in \
	*" $$kind "*) $(PIP) --require-hashes -r requirements/$(1) && $(PIP) --no-deps --editable . ;; \
	*) $(PIP) --editable '.[$(2)]' ;; \
	esac
endef

$(VENV)/.installed: pyproject.toml requirements/run.txt | $(VENV)/bin/python
	$(call install,run.txt,postgres)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements/dev.txt | $(VENV)/bin/python
	$(call install,dev.txt,dev$(COMMA)mic$(COMMA)postgres)
	@touch $@ $(VENV)/.installed

models: $(VENV)/.installed ## fetch and verify the speech models
	$(BIN)/voicebot models fetch

run: models ## everything: install, fetch models, place a demonstration call, keep serving
	$(BIN)/voicebot serve $(BOT) --demo

demo: models ## the demonstration call alone; fails when an answer was wrong
	$(BIN)/voicebot serve $(BOT) --demo --exit

test: $(VENV)/.installed-dev models ## all tests, with the real models: three processes beside each other
	$(BIN)/python -m tests.side_by_side

check: lint ## format, lint, types, and the tests that need no models: before each commit
	$(BIN)/pytest -m 'not models'

lint: $(VENV)/.installed-dev ## format, lint, types, and the libraries against their pins
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/python -m requirements.check

pins: $(VENV)/.installed-dev ## take today's libraries: PYTHONS_PINNED='python3.11 python3.12', the oldest first
	$(BIN)/python -m requirements.renew $(or $(PYTHONS_PINNED),$(BIN)/python)

fmt: $(VENV)/.installed-dev ## put the code in shape
	$(BIN)/ruff check --fix-only $(CODE)
	$(BIN)/ruff format $(CODE)

bench: models ## latency, cut-ins, barge-in, words, capacity: DATA=FOLDER adds recordings, ARGS=--quick is short
	$(BIN)/voicebot bench $(if $(DATA),--data $(DATA)) $(ARGS)

clean: ## remove the virtual environment and caches, not the models
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
