# The course's commands. `make` alone lists them; each first brings .venv up to date.
#
#   PYTHON=/path/to/python3.12   the Python to install with (otherwise one is looked for)
#   GPU=1                        with TensorFlow's GPU libraries (Linux, NVIDIA)
#   ARGS="..."                   handed on to the command: make lab ARGS="--no-browser --port 8899"
#   JOBS=2                       test files at once; 0: one after another in one process, for --pdb

.DEFAULT_GOAL := help
PYTHON ?=
GPU ?=
ARGS ?=
JOBS ?= 2
BIN := .venv/bin
ATTN := $(BIN)/attn

# Some machines have it set; then each of the hundreds of programs that tests start compiles us anew.
unexport PYTHONDONTWRITEBYTECODE

INSTALL_OPTIONS := $(if $(PYTHON),--python "$(PYTHON)") $(if $(filter-out 0,$(GPU)),--gpu)
UV_COMPILE := build/uv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--no-header --no-annotate --extra keras --extra lab --extra grader --extra dev \
	--extra explain --extra across --extra people --extra projects

define check_style
@$(BIN)/ruff check .
@$(BIN)/ruff format --check --quiet . || { \
	echo "Not formatted: .venv/bin/ruff format . does it." >&2; exit 1; }
@MYPY_NUM_WORKERS=$(JOBS) $(BIN)/mypy
endef

# These need no browser and no server, and each takes seconds: about three minutes on two cores.
FAST := tests/unit tests/authoring tests/property tests/lessons \
	-m "not slow and not browser and not exhaustive and not cluster and not postgresql"

.PHONY: help install lab test test-fast test-all lint build verify grade-demo bench bench-widgets bench-accuracy bench-settings bench-gpu bench-site doctor site lock clean

help: ## this list
	@echo "The attention kit. On a fresh machine these need Python 3.11, 3.12 or 3.13, and make."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

# install.py explains itself what is wrong with a Python; it only needs one that can read it.
install: ## install or repair the private environment .venv (every command below does so first)
	@for python in $(if $(PYTHON),"$(PYTHON)") python3 python3.13 python3.12 python3.11 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null; then \
			exec "$$python" -I autograder/install.py $(INSTALL_OPTIONS); \
		fi; \
	done; \
	echo "attention-kit: there is no Python here; install Python 3.11, 3.12 or 3.13 (from" \
		"python.org, your system's packages, or conda) and try again." >&2; \
	exit 2

lab: install ## open the course in JupyterLab
	@$(ATTN) lab $(ARGS)

test: install ## pass all tests (with a browser and PostgreSQL if there are; ARGS go to pytest)
	@$(BIN)/python -m autograder.browser
	@$(BIN)/python -m tests.postgresql
	$(check_style)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: install ## the tests that take minutes together: no browser, no server
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(FAST) $(ARGS)

lint: install ## style, format and types: ruff and mypy
	$(check_style)

test-all: install ## all tests, those too that take minutes each
	@$(BIN)/python -m autograder.browser
	@$(BIN)/python -m tests.postgresql
	@$(BIN)/python -m tests.hub.proxy
	$(check_style)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "" $(ARGS)

build: install ## make the released lessons from solutions/
	@$(ATTN) build $(ARGS)

verify: install ## the kill table: is every wrong answer caught, and every mutant of a solution?
	@$(ATTN) verify $(ARGS)

grade-demo: install ## grade a sample class of 24 and show its table
	@$(ATTN) grade-demo $(ARGS)

bench: install ## attn grade beside stock nbgrader on the same submissions (ARGS="--sizes 10,100 --write")
	@$(BIN)/python -m tests.benchmarks.grading $(ARGS)

bench-widgets: install ## from a slider's key press to changed pixels, beside ipywidgets.interact
	@$(BIN)/python -m tests.benchmarks.widgets $(ARGS)

bench-accuracy: install ## the classifier beside its baselines: hours (ARGS="--data mr --folds 10")
	@$(BIN)/python -m tests.benchmarks.accuracy $(ARGS)

bench-settings: install ## the classifier's settings compared on films held out: an hour (needs cc)
	@$(BIN)/python -m tests.benchmarks.settings $(ARGS)

bench-gpu: install ## how fast the classifier trains, on a GPU if there is one (GPU=1 installs for it)
	@$(BIN)/python -m tests.benchmarks.gpu $(ARGS)

site: install ## the course as a folder for any web server (ARGS="build/site/pages --pyodide PATH")
	@$(ATTN) site $(ARGS)

bench-site: install ## a first and a second visit to the browser edition (needs Pyodide's files)
	@$(BIN)/python -m tests.benchmarks.site $(ARGS)

doctor: install ## what works on this machine
	@$(ATTN) doctor $(ARGS)

lock: install ## make .lock/ anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@test -x build/uv/bin/uv || { $(BIN)/python -m venv build/uv && \
		build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	@$(UV_COMPILE) $(ARGS) --output-file .lock/requirements.txt
	@$(UV_COMPILE) $(ARGS) --extra gpu --output-file .lock/requirements-gpu.txt
	@build/uv/bin/uv pip compile --group site --quiet --universal --python-version 3.11 --no-header \
		--no-annotate $(ARGS) --output-file .lock/requirements-site.txt
	@git diff --stat -- .lock

clean: ## remove .venv, build/ and caches; never a notebook, never a grade
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
