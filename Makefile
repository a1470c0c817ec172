# Every target sets up what it needs first; a set-up that is still true costs nothing.
.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-long test-faults check format lint types imports web fix \
	security docs bench lock clean system setup-base setup-test

BIN := .venv/bin
# What Python has compiled is kept: every server of the tests would compile it anew.
unexport PYTHONDONTWRITEBYTECODE
AREAS ?=

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

demo: setup-base  ## run the demonstration; AREAS=... chooses its areas
	$(BIN)/pingzhan demo $(if $(AREAS),--areas "$(AREAS)")

test: system setup-test check  ## everything: the checks, then all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What needs no server, database or browser.
QUICK := tests/decisions tests/test_golden.py tests/test_playbook_schema.py \
	tests/test_docs.py tests/test_roles.py tests/test_audit.py \
	$(patsubst %,tests/api/test_%.py,areas_file assigning finding forecasting items_file \
	lists reallocating roster tables)
test-quick: setup-test  ## rules and tables alone: under a minute
	$(BIN)/python -m pytest -n 2 --dist worksteal -p no:schemathesis $(QUICK)

test-long: system setup-test check  ## the same with more examples: half an hour
	PINGZHAN_LONG=1 $(BIN)/python -m pytest -n 2 --dist worksteal

# One after the other: they measure and kill, and two at once would disturb each other.
FAULTS := tests/faults tests/cli/test_stores.py tests/api/test_condition.py \
	tests/api/test_two_hosts.py
test-faults: system setup-test  ## kills, outages, floods in full; counts into docs/reliability.md
	PINGZHAN_LONG=1 PINGZHAN_COUNTS=1 $(BIN)/python -m pytest $(FAULTS)

check: format lint types imports web  ## the fast checks, no tests

format: setup-test
	$(BIN)/ruff format --check

lint: setup-test
	$(BIN)/ruff check

types: setup-test
	$(BIN)/mypy

imports: setup-test
	$(BIN)/lint-imports

web:
	scripts/web.sh biome ci
	scripts/web.sh tsc -p .

# Not of `check`: it asks a registry, which may not be there, and says so then.
security: setup-test  ## look for weaknesses, ours and known ones; write build/sbom.json
	$(BIN)/bandit -q -c pyproject.toml -r coordination projections api
	@mkdir -p build
	$(BIN)/python -W ignore -m cyclonedx_py requirements requirements/base.txt \
		--pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json
	$(BIN)/python scripts/audit.py

fix: setup-test  ## format, and repair what the linters can repair
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	scripts/web.sh biome check --write

docs: setup-test  ## write the reference pages anew from the declarations
	$(BIN)/python -m api.exchange.references

bench: setup-test  ## measure
	$(BIN)/python -m tests.bench

# LOCK=--upgrade takes newer versions; those of the JavaScript tools stand in
# api/web/package.json. The lists must name no host.
LOCK ?=
COMPILE := .tools/bin/uv pip compile --universal --python-version 3.11 \
	--generate-hashes --no-header -q $(LOCK)
lock:  ## renew requirements/ from pyproject.toml; LOCK=--upgrade for newer versions
	@scripts/setup.sh uv
	$(COMPILE) -o requirements/base.txt pyproject.toml
	$(COMPILE) --group test -c requirements/base.txt \
		-o requirements/test.txt pyproject.toml
	$(COMPILE) --group pyproject.toml:build -o requirements/build.txt
	$(COMPILE) --group pyproject.toml:node -o requirements/node.txt
	@scripts/web.sh lock
	@! grep -nE 'https?://' requirements/*.txt api/web/package-lock.json

clean:  ## remove the environment and every cache
	rm -rf .venv .tools build dist .coverage .coverage.* htmlcov .hypothesis \
		.import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system:
	@scripts/system.sh

setup-base:
	@scripts/setup.sh base

setup-test:
	@scripts/setup.sh test
