.DEFAULT_GOAL := help
.PHONY: help demo test browser docs check test-compose test-compose-kafka bench soak chaos lock clean

# The uv on PATH if it runs, else one of our own, installed from PyPI into .uv/.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
UV_READY := $(filter .uv/bin/uv,$(UV))

COMPOSE := docker compose --project-name newsquake-test
COMPOSE_PORT ?= 29092
# make chaos: seconds of feed a row, times a fault (0: as the table says), and names of rows.
CHAOS_SECONDS ?= 0
CHAOS_TIMES ?= 0
CHAOS_ROWS ?=
# make soak: minutes; below 30 it is a first look, and needs QUICK=folder.
MINUTES ?= 30
# Tests that need a broker or torch.
SLOW := kafka or chaos or model or alertmanager or prometheus

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(UV_READY) ## Ten days of news in about a minute; CHAOS=1 kills workers meanwhile, KEEP=1 keeps the broker's data
	$(UV) run newsquake demo --dashboard $(if $(CHAOS),--chaos) $(if $(KEEP),--keep)

test: $(UV_READY) ## All tests, with a broker of their own or the one in NEWSQUAKE_KAFKA__BOOTSTRAP
	$(UV) run --group test python -m tools.install_chromium || true
	$(UV) run --group test pytest --numprocesses 2 -m "not ($(SLOW) or compose)" --cov --cov-report= --cov-fail-under=0
	$(UV) run --group test pytest --numprocesses 2 -m "($(SLOW)) and not compose" --cov --cov-append

browser: $(UV_READY) ## A Chromium for the tests of the dashboard's pages, from Debian's archive into the user's cache
	$(UV) run --group test python -m tools.install_chromium --seconds 600

docs: $(UV_READY) ## The documentation as a site, in build/site; a broken link is an error
	$(UV) run --group docs python -m sphinx -n -W --keep-going -q -j 2 -c docs -d build/doctrees . build/site
	@echo "open build/site/index.html"

check: $(UV_READY) ## Linters, formatting, types, spelling, arrows between rooms, and what is installed
	$(UV) run --group lint ruff check
	$(UV) run --group lint ruff format --check
	$(UV) run --group lint --group test mypy
	$(UV) run --group lint lint-imports
	$(UV) run --group lint codespell
	$(UV) run --group lint validate-pyproject pyproject.toml
	$(UV) run --group lint python -m tools.audit_dependencies

test-compose: $(UV_READY) ## docker-compose.yml on an engine: publish, alert, webhook, dashboard, a kill, a rolling restart
	$(UV) run --group test pytest tests/compose -m compose -s

test-compose-kafka: $(UV_READY) ## The Kafka tests against the broker of docker-compose.yml
	trap '$(COMPOSE) down --volumes' EXIT; \
	KAFKA_PORT=$(COMPOSE_PORT) $(COMPOSE) up --detach --build topics && \
	NEWSQUAKE_KAFKA__BOOTSTRAP=localhost:$(COMPOSE_PORT) $(UV) run --group test pytest -m kafka

bench: $(UV_READY) ## Measure all of docs/benchmarks.md anew, in about 80 minutes; ONLY="stage latency", EARLIER=checkout, QUICK=folder for a first look
	$(UV) run --group bench python bench/suite.py $(if $(ONLY),--only $(ONLY)) $(if $(EARLIER),--earlier $(EARLIER)) \
	  $(if $(QUICK),--quick --results $(QUICK))

soak: $(UV_READY) ## Two workers under load with kills, and whether memory, sockets, lag and latency are flat; MINUTES=30, QUICK=folder if shorter
	$(UV) run --group bench python bench/suite.py --only soak --minutes $(MINUTES) \
	  $(if $(QUICK),--quick --results $(QUICK))

chaos: $(UV_READY) ## Every fault of docs/chaos.md as often as it says; CHAOS_ROWS=killed,disk, CHAOS_TIMES=2, CHAOS_SECONDS=600
	$(UV) run --group test python -m tests.chaos --seconds $(CHAOS_SECONDS) --times $(CHAOS_TIMES) \
	  --only "$(CHAOS_ROWS)"

lock: $(UV_READY) ## Take the newest allowed versions of all dependencies and pin them in pyproject.toml
	$(UV) run --no-project python tools/pin_dependencies.py --unpin
	$(UV) lock --upgrade
	$(UV) export --frozen --no-hashes --no-annotate --no-header --no-emit-project --all-extras --all-groups | \
	  $(UV) run --no-project python tools/pin_dependencies.py

clean: ## Remove what tools installed, cached and built here
	rm -rf build .venv .uv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
