# Every target sets up what it needs in .venv; the second call of any of them starts at once.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# One list of pins: torch's is read from pyproject.toml and installed first, so that nothing else chooses its version.
TORCH = $(shell sed -n 's/^ *"\(torch~=[^"]*\)".*/\1/p' pyproject.toml)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench numbers e2e format front-end browser

help: ## List these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: setup ## Open the playground; prints its addresses
	@$(BIN)/playground run $(ARGS)

test: setup browser ## All tests but the slow ones: unit, app, vitest, browser
	@$(BIN)/python hatch_build.py test
	@mkdir -p .cache
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder -m "not slow" --junitxml .cache/junit.xml $(ARGS)

check: setup ## Style, types and import rules, in Python and TypeScript; known weaknesses (advisory)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check test
	@$(BIN)/python .ci/audit.py || true

e2e: setup browser ## The browser tests alone
	$(BIN)/python -m pytest tests/e2e -m "not slow" $(ARGS)

bench: setup ## List the benchmarks; ARGS=training measures that one
	@$(BIN)/playground bench $(ARGS)

numbers: setup ## Measure everything and write the README's tables; hours, goes on where it was
	@$(BIN)/playground bench all

format: setup ## Put imports and layout right
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

setup: .venv/.installed front-end ## Make .venv with everything in it

# --- what the targets above stand on ---

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	@touch $@

front-end: .venv/.installed
	@$(BIN)/python hatch_build.py

browser: .venv/.installed
	@$(BIN)/python tests/e2e/browser.py
