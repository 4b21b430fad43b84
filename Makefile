# Verbs, no logic: what they do stands in tools/, tests/ and pyproject.toml.

BIN = .venv/bin
PORT ?= 8000# where `make serve` listens
HUB_PORT ?= 8100# where `make hub` listens, and on the two after it
NB ?=# which notebooks `make record` records; none named: all of _toc.yml
ROWS ?=# which rows `make bench` runs, a part of their name; none given: all
RUNS ?= 5# how often `make audit` measures each page
PAGES ?=# which pages `make audit` measures, as book/bptt; none named: all
ONLY ?=# which measurements `make measure` takes; none named: all
export LIVE ?= 1# 0 builds the book without Python in the browser
export RUNTIME ?=# a folder, or a mirror's address, that has the files of Python in the browser

PYTEST = $(BIN)/python -m pytest -n 2 --dist loadscope -p tests.nbval_figures --nbval --nbval-current-env \
    --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 300

# A run of its own: Playwright keeps an event loop alive in which nbval's kernels could not start.
BROWSE = $(BIN)/python -m pytest -n 2 tests/browser

.NOTPARALLEL:
.PHONY: help book serve slides test test-all record measure audit bench hub format clean

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile

.venv/ready: requirements.txt
	@tools/environment
	@touch $@

book: .venv/ready ## build the book into _build/html, warnings are errors
	@echo "== book"
	@$(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "The book: _build/html/index.html. To read it in a browser: make serve"

_build/html/index.html:
	@$(MAKE) --no-print-directory book

serve: _build/html/index.html ## serve the built book on 127.0.0.1 (PORT=8000)
	@echo "http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

slides: _build/html/index.html ## make slides of the chapters from the built book, into _build/slides
	@$(BIN)/python -m tools.slides

test: .venv/ready ## lint, types, the book, all tests, every notebook's outputs, every page in a browser
	@echo "== style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== types"
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory book
	@echo "== tests and notebooks"
	@$(PYTEST) --ignore tests/browser -m "not whole" tests book
	@$(BIN)/python -m tools.browser
	@$(BROWSE) -m "not whole"

test-all: test ## the same; every mutant, figure and chapter, the hub, Firefox, print, files; notebooks as on an older processor
	@echo "== what takes long"
	@$(PYTEST) --ignore tests/browser -m whole tests
	@$(BROWSE) -m whole
	@echo "== notebooks with another BLAS kernel and no AVX-512"
	@OPENBLAS_CORETYPE=Haswell NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" $(PYTEST) book

record: .venv/ready ## execute notebooks and store their outputs (NB=book/NAME.ipynb)
	@$(BIN)/python -m tools.record $(NB)

measure: .venv/ready ## take the timings again that the book shows (ONLY=NAME)
	@$(BIN)/python -m tools.measure $(ONLY)

audit: _build/html/index.html ## run Lighthouse on the built pages, into docs/audit.md, a minute a page (RUNS=5, PAGES="book/bptt search")
	@$(BIN)/python -m tools.audit --runs $(RUNS) $(PAGES)

benchmarks/.venv/ready: benchmarks/requirements.txt .venv/ready
	@echo "== environment of the benchmarks: torch, JAX, autograd (a few minutes the first time)"
	@.venv/bin/python -m venv benchmarks/.venv
	@benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

bench: benchmarks/.venv/ready ## nnlib beside torch, JAX and autograd, on one core (ROWS=part of a name)
	@benchmarks/.venv/bin/python -m benchmarks.run --rows "$(ROWS)"
	@$(BIN)/python -m benchmarks.browser

classroom/hub/.venv/ready: classroom/hub/requirements.txt .venv/ready $(wildcard nnlib/*.py nnlib/*/*.py)
	@echo "== environment of the trial hub (a few minutes the first time)"
	@.venv/bin/python -m venv classroom/hub/.venv
	@classroom/hub/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r classroom/hub/requirements.txt
	@classroom/hub/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps .
	@rm -rf build
	@touch $@

hub: classroom/hub/.venv/ready ## a JupyterHub for two users on 127.0.0.1, to try (HUB_PORT=8100)
	@classroom/hub/.venv/bin/python -m classroom.hub --port $(HUB_PORT)

format: .venv/ready ## put the code into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove what was built, keep the environment
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache
