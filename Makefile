# Two commands do everything: `make demo` and `make test`. Everything else is for those who change buckler.
.DELETE_ON_ERROR:
.PHONY: demo test check golden lock bench oracle nightly plane clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

# Debian keeps Python's venv module in a package of its own: root gets it, anybody else is told the one command.
define GET_VENV
{ if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
  then echo "python3-venv is missing: installing it with apt-get" >&2; apt-get update -q >&2 && apt-get install -y -q --no-install-recommends python3-venv >&2; \
  else echo "error: $(PYTHON) has no venv module" >&2; echo "hint: sudo apt-get install python3-venv" >&2; exit 2; fi; }
endef

# The hashes in requirements/*.txt say exactly what is installed; the stamp says which of them already is.
# pip resolves nothing (--no-deps) and believes no file whose hash is not listed (--require-hashes).
$(VENV)/.stamp-demo: requirements/demo.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install -q --no-deps --require-hashes -r requirements/demo.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.stamp-dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install -q --no-deps --require-hashes -r requirements/dev.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.stamp-demo

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; hint: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(GET_VENV)
	$(PYTHON) -m venv $(VENV)

demo: $(VENV)/.stamp-demo
	$(BIN)/buckler demo

# The real runtime interface client and emulator of Lambda, and the AWS SDK that its Node.js has. Tests that need them skip, and say so,
# where they could not be had.
$(VENV)/.stamp-runtime: requirements/runtime.txt requirements/node/package-lock.json $(VENV)/.stamp-dev
	$(PIP) install -q --no-deps --require-hashes --upgrade --target $(VENV)/runtime -r requirements/runtime.txt \
	  || echo "warning: Lambda's runtime could not be installed; the tests of what runs inside functions will skip" >&2
	@mkdir -p $(VENV)/runtime-node && cp requirements/node/package*.json $(VENV)/runtime-node/
	@npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)/runtime-node >&2 \
	  || echo "warning: Node.js's AWS SDK could not be installed; the test of patched Node.js code will skip" >&2
	@touch $@

test: $(VENV)/.stamp-runtime
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/.stamp-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

golden: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.golden

bench: $(VENV)/.stamp-dev
	$(BIN)/python -m bench

# Second opinions on the IAM engine, by tools that are no part of it: docs/why/oracle.md.
oracle: $(VENV)/.stamp-oracle
	$(BIN)/python -m bench.oracle

$(VENV)/.stamp-oracle: requirements/oracle.txt $(VENV)/.stamp-dev
	$(PIP) install -q --no-deps --require-hashes -r requirements/oracle.txt
	@touch $@

# The tests of engines against their twins, each with as many cases as a night has room for.
nightly: $(VENV)/.stamp-dev
	BUCKLER_HYPOTHESIS=nightly $(BIN)/python -m pytest -n auto --dist worksteal tests/engines/iam tests/fixes/test_random_accounts.py tests/test_honesty.py tests/test_liars.py

# The network engine against the kernel: a hundred thousand packets between namespaces. Needs root, nftables and iproute2.
plane: $(VENV)/.stamp-dev
	@command -v nft >/dev/null && command -v ip >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -q >/dev/null \
	  && apt-get install -y -q --no-install-recommends nftables iproute2 >/dev/null; } || echo "warning: no nftables: the plane will be skipped" >&2
	BUCKLER_PLANE_PROBES=120000 BUCKLER_PLANE_HOSTS=60 $(BIN)/python -m pytest -p no:cacheprovider -rs tests/plane

# Re-resolve the pins. `uv` writes the files; neither addresses nor machine paths may enter them.
LOCK := uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
lock:
	$(LOCK) pyproject.toml requirements/build.in --extra artifacts --extra demo --extra test --extra dev -o requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in --extra artifacts --extra demo -c requirements/dev.txt -o requirements/demo.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/base.txt
	$(LOCK) requirements/oracle.in -o requirements/oracle.txt
	$(LOCK) --no-deps requirements/runtime.in -o requirements/runtime.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
