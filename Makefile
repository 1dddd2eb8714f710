# One command for each thing a maintainer does. `make` alone lists them.
# Everything is installed into .venv here; nothing else on the machine changes, except that `make test`
# run by root apt-installs what is missing (see tools/system.sh).

PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
CACHE  ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jupyter_nodeapi
CHP    ?= $(CACHE)/chp/node_modules/.bin/configurable-http-proxy

BIN     = $(VENV)/bin
LISTS   = pyproject.toml widgets/pyproject.toml
BUNDLES = widgets/jupyter_nodeapi_widgets/static/.built
PYTEST  = CHP="$(CHP)" PATH="$(dir $(CHP)):$$PATH" $(BIN)/python -m pytest
WORKERS ?= 2
# Files in the order of their names: by size, which is the default, the long stories would all come last.
SPREAD  = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Tests start hundreds of Pythons: keep their bytecode also where the shell says not to.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check widgets format docs bench review clean

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(VENV)/.demo $(BUNDLES)  ## JupyterLab with the extension, three sample models and the tour (ARGS=--no-browser prints the URL)
	$(BIN)/python tools/demo.py $(ARGS)

test: $(VENV)/.test $(CHP) $(BUNDLES)  ## everything once
	npm run --silent --prefix widgets check
	$(PYTEST) $(SPREAD) -m "not matrix" $(ARGS)

test-all: $(VENV)/.test $(CHP) $(BUNDLES)  ## everything, with the whole matrices
	$(PYTEST) $(SPREAD) $(ARGS)

check: $(VENV)/.check $(BUNDLES)  ## lint, format, types and the fast tests, within a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent --prefix widgets check
	$(PYTEST) -q -n $(WORKERS) -m "not live and not slow and not matrix" $(ARGS)

widgets: $(BUNDLES)  ## build the widgets' scripts and styles (needs npm)

format: $(VENV)/.check  ## let ruff rewrite what it can
	$(BIN)/ruff check --fix --show-fixes .
	$(BIN)/ruff format .

docs: $(VENV)/.test  ## write the generated reference pages anew
	$(BIN)/python docs/reference/generate.py

bench: $(VENV)/.test  ## measure the claims of docs/performance.md
	@for claim in benchmarks/[!_]*.py; do echo "== $$claim"; $(BIN)/python $$claim $(ARGS) || exit 1; done

review: $(VENV)/.check  ## what the Scientific Python reviewer says about the repository
	$(BIN)/sp-repo-review .

clean:  ## remove what the other commands have made here
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist widgets/node_modules widgets/jupyter_nodeapi_widgets/static

# -- what the commands stand on: one stamp a set of packages, made anew when a list of packages changes

$(VENV)/.made:
	sh tools/system.sh venv
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.test: $(VENV)/.made $(LISTS)
	sh tools/system.sh test
	$(BIN)/python -m pip install --quiet -e '.[test]' -e ./widgets
	touch $@

$(VENV)/.check: $(VENV)/.made $(LISTS)
	$(BIN)/python -m pip install --quiet -e '.[lint,test]' -e ./widgets
	touch $@

$(VENV)/.demo: $(VENV)/.made $(LISTS)
	$(BIN)/python -m pip install --quiet -e '.[demo]' -e ./widgets
	touch $@

widgets/node_modules/.installed: widgets/package-lock.json
	sh tools/system.sh widgets
	npm ci --silent --no-fund --no-audit --prefix widgets
	touch $@

$(BUNDLES): widgets/node_modules/.installed widgets/build.mjs $(shell find widgets/src -type f)
	npm run --silent --prefix widgets build
	touch $@

$(CHP): | $(VENV)/.test
	npm install --silent --no-fund --no-audit --prefix $(CACHE)/chp configurable-http-proxy@^5
