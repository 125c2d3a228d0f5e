# `make` or `make test` is what the continuous integration runs; `make help` lists the rest.
# To use an environment of your own instead of .venv: make test VENV=/path/to/it (made and filled if it is not there).

# The first that runs: a version manager may have a name on the PATH for a Python that is not switched on.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
  $$name -c '' 2>/dev/null && command -v $$name && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := build/demo
BENCHMARKS := build documents planned stages exact_ids memory peers scale web wikitext train dataflow_cost

# -W: a warning is an error; -n: so is a reference to what is not there; -a -E: nothing is taken from an earlier build.
BUILD_DOCS := $(BIN)/python -m sphinx -q -W --keep-going -n -a -E -d build/docs/doctrees docs build/docs/html

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DELETE_ON_ERROR:
.PHONY: test quick check fix docs demo tools faults bench lock clean help

# Two processes, as most tests wait for processes of their own; tests that share what they start are one process's.
PYTEST := $(BIN)/pytest -q -n 2 --dist loadgroup

test: check  ## Run every check and every test.
	$(PYTEST)

# What builds datasets, trains models, reads whole corpora or draws thousands of examples: most of the time of the tests.
SLOW := $(addprefix tests/, corpora engines filters finetuning stores trainer $(addprefix test_, command_line.py dataset.py \
  deduplication.py docs.py documents.py engine_shuffle.py examples.py init.py manifest_changes.py pipelines.py poison.py \
  reference_targets.py resume.py structure.py tokenizer.py verification.py web.py word_tables.py))

quick: $(READY)  ## Format, lint and the fast tests, in about a minute on two cores.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(PYTEST) tests $(SLOW:%=--ignore=%)

check: $(READY)  ## Check formatting, lint, types, the generated tables and the documentation's links.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/cog --check -I tools docs/reference/*.md
	$(BUILD_DOCS)
	@# mypy cannot see that pipelines/ and schemas/ install inside xlnet_data/, so it checks an installed copy.
	@rm -rf build/types build/lib build/bdist.* build/temp.*
	$(BIN)/pip install -qq --no-deps --no-build-isolation --target build/types .
	cd build/types && $(abspath $(BIN))/mypy --config-file ../../pyproject.toml --cache-dir ../mypy -p xlnet_data

fix: $(READY)  ## Format, mend what ruff can mend, and write the generated tables.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/cog -r -I tools docs/reference/*.md

docs: $(READY)  ## Build the documentation into build/docs/html; a dead link or anchor is an error.
	$(BUILD_DOCS)
	@echo 'open build/docs/html/index.html'

demo: $(READY)  ## From the texts on this machine to a trained model, in a few minutes.
	@rm -rf $(DEMO)
	$(BIN)/python demo/collect.py $(DEMO)
	$(BIN)/xlnet-data train-tokenizer $(DEMO)/config.toml --output $(DEMO)/spiece.model
	$(BIN)/xlnet-data build-corpus $(DEMO)/config.toml --output $(DEMO)/dataset
	$(BIN)/xlnet-data verify $(DEMO)/dataset
	$(BIN)/xlnet-data inspect $(DEMO)/dataset --step 1
	$(BIN)/xlnet-data train-smoke $(DEMO)/dataset --output $(DEMO)/run --steps 1000
	@printf '\nEverything lies in $(DEMO):\n'
	@printf '  %-22s %s\n' \
	  corpus/ 'the texts, as JSON lines' \
	  config.toml 'what was built of them, and how' \
	  spiece.model 'the vocabulary' \
	  dataset/ 'the shards, their manifest and the vocabulary' \
	  run/metrics.jsonl 'the losses' \
	  run/curves.svg 'the same as a picture'

# They want other versions of what the project has, so they have an environment of their own.
build/tools/.ready: requirements-tools.lock
	"$(PYTHON)" -m venv build/tools
	build/tools/bin/pip install -qq --no-deps -r requirements-tools.lock
	@touch $@

tools: $(READY) build/tools/.ready  ## Test that pandas, polars, DuckDB and datasets, 500 MB, read a dataset folder.
	$(BIN)/pytest -q tests/test_other_tools.py

faults: $(READY)  ## Kill executors and workers of a Spark cluster in the middle of builds.
	XLNET_DATA_FAULTS=1 $(BIN)/pytest -q tests/engines/test_faults.py

bench: $(READY)  ## Run the benchmarks that need neither data of yours nor hours.
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

# The environment: everything at the lock's version, what is compiled of ours, and nothing else. Where torch comes as a
# build that needs the GPU libraries, which the lock leaves out, it cannot be imported until pip has fetched them.
$(READY): requirements.lock pyproject.toml setup.py $(wildcard xlnet_data/*.c xlnet_data/*/*.c)
	@test -x $(BIN)/python || "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/it")'
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "installing requirements.lock into $(VENV), which takes a few minutes"
	@$(BIN)/pip install -qq --no-deps -r requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/pip install -qq "$$(grep '^torch==' requirements.lock)"
	@touch $@

# What Beam allows depends on Python's version; the others are resolved with the oldest, 3.11.
APITOOLS = google-apitools==0.5.31; python_version < '3.13'\ngoogle-apitools==0.5.35; python_version >= '3.13'

lock:  ## Resolve the dependencies anew and pin them in requirements.lock.
	rm -rf build/lock
	"$(PYTHON)" -m venv build/lock
	build/lock/bin/pip install --quiet --upgrade pip 'setuptools>=77'
	build/lock/bin/pip install --quiet --no-build-isolation -e '.[dev]'
	{ echo '# Made by `make lock`: everything that the extras dev, docs and train need. GPU libraries are left out.'; \
	  build/lock/bin/pip freeze --all --exclude pip --exclude xlnet-data \
	  | grep -E '^[A-Za-z0-9]' | grep -viE '^(nvidia|cuda|triton)' | sed 's/+[a-z0-9]*$$//' \
	  | sed "s/^google-apitools==.*/$(APITOOLS)/"; } > requirements.lock

clean:  ## Remove the environment and everything that was built.
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis xlnet_data/*.so xlnet_data/*/*.so

help:  ## List the targets.
	@awk -F ':|  ## *' '/^[a-z]+:.*##/ { printf "  make %-7s %s\n", $$1, $$NF }' Makefile
