# The two commands: `make run` serves the chat, `make test` proves it. Both set up what is missing; the extra `evals` is for the console's part Quality.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where pip finds the CPU build of torch; outside the pinned wheels pass for example
#   make run TORCH_INDEX=<the address of PyTorch's CPU wheels>
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TORCH_FROM := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
TESTS ?= tests

.PHONY: run test check evals bench setup setup-dev browser format clean

run: $(VENV)/.installed
	@$(BIN)/companion index
	@$(BIN)/companion serve

test: setup-dev browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(TESTS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/companion check

evals: setup-dev
	$(BIN)/python -m evals

bench: setup-dev
	$(BIN)/python -m evals bench

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

browser:
	@sh tools/find_chromium.sh

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Companion needs Python 3.11 to 3.13; try make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Companion and its packages (once, one to three minutes) ..."
	$(PIP) install -c constraints.txt $(TORCH_FROM) torch
	$(PIP) install -c constraints.txt $(TORCH_FROM) -e '.[evals]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install -c constraints.txt $(TORCH_FROM) -e '.[dev,evals]'
	@touch $@

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) var
