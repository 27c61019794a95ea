# Python 3.11 or newer and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.run-installed
DEV_STAMP := .venv/.dev-installed
LOCK_FLAGS := --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url \
	--custom-compile-command 'make lock'
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint docs browser notebook chaos fuzz clean lock bench bench-quick bench-report

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP) ## Load, build, test and publish what is new; without data, a sample stands in
	@$(BIN)/clickstream demo

test: lint ## Lint, then all tests: Python's, and the pipeline on fixtures with dbt's
	@[ -z "$$CI" ] || $(MAKE) --no-print-directory browser || \
		echo "No Chromium could be had: the tests that need a browser are skipped and say so."
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(DEV_STAMP) ## Check style, types, SQL and the structure of the project
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 models tests/data
	@mkdir -p build/dbt
	@CLICKSTREAM_HOME=build $(BIN)/dbt --quiet parse --profiles-dir . --target-path build/dbt --log-path build/logs
	@COLUMNS=160 $(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml

browser: ## Install Chromium, in which tests open the dashboard (Debian or Ubuntu, as root)
	@{ command -v chromium && command -v chromedriver; } > /dev/null || { \
		apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium chromium-driver; } > /dev/null

notebook: $(DEV_STAMP) ## Open the tour of the published data (needs a publication)
	@MARIMO_SKIP_UPDATE_CHECK=1 $(BIN)/marimo edit notebooks/tour.py

docs: $(STAMP) ## Make the dbt documentation: build/dbt/static_index.html
	@mkdir -p build/dbt
	@$(BIN)/dbt --quiet docs generate --static --profiles-dir . --target-path build/dbt --log-path build/logs
	@echo "Open build/dbt/static_index.html"

N ?= 100
SEED ?=
chaos: $(DEV_STAMP) ## Kill the pipeline N=100 times, run it again, compare; SEED=… repeats an earlier campaign
	@PYTHONPATH=.:tests:tests/python $(BIN)/python -m chaos --kills $(N) $(if $(SEED),--seed $(SEED))

fuzz: $(DEV_STAMP) ## Load N=100 times 50 files of broken lines and CSV, others each time, and follow every line
	@FUZZ_EXAMPLES=$(N) $(BIN)/pytest tests/python/test_fuzz_files.py tests/python/test_fuzz_documents.py

RUNS ?= 3
CASES ?=
bench: $(STAMP) ## Measure the targets of docs/performance.md at 10 M events; CASES="T1 T7" chooses, RUNS=3 repeats
	@$(BIN)/python -m bench --scale full --runs $(RUNS) $(CASES)
	@$(MAKE) --no-print-directory bench-report

bench-quick: $(STAMP) ## The same at 1 M events
	@$(BIN)/python -m bench --scale quick --runs $(RUNS) $(CASES)
	@$(MAKE) --no-print-directory bench-report

bench-report: $(STAMP) ## Write the figures of docs/performance.md anew from bench/results
	@$(BIN)/python -m bench --report

clean: ## Remove the environment, caches and build products; data, warehouse and publications stay
	rm -rf .venv build target logs *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## Pin the newest allowed versions of all packages (needs uv)
	uv pip compile $(LOCK_FLAGS) --upgrade --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile $(LOCK_FLAGS) -c requirements-dev.lock pyproject.toml -o requirements.lock
	uv pip compile $(LOCK_FLAGS) -c requirements-dev.lock bench/requirements.txt -o bench/requirements.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)."; \
		echo "  to do: name another one, as in make run PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "  to do: install Python's venv module (Debian, Ubuntu: apt install python3-venv)"; exit 1; }

$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@$(BIN)/pip install -qq --require-hashes --requirement requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	@$(BIN)/pip install -qq --require-hashes --requirement requirements-dev.lock
	@touch $@
