# What a newcomer and the machines run. `make` alone lists it.

# For `make demo` and `make phones`: how many phones, where the API and the phones' control listen, where it all lies.
PHONES ?= 3
API ?= 127.0.0.1:50809
CONTROL ?= 127.0.0.1:50890
DIR ?= target/$@
# For `make phones` alone: the first phone's port, and that of the adb server beside them.
PHONE_PORT ?= 5610
ADB_PORT ?= 5600

.PHONY: help console demo test sim matrix chaos check bench fuzz phones fmt console-types console-check console-test

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

console: ## the console's page, for the next build of the controller; needs Node 20.19 or newer
	deploy/build-console.sh

demo: ## a whole farm on simulated phones, with the console; Ctrl-C ends it
	@deploy/build-console.sh || echo "demo: going on without the console; the API is there" >&2
	cargo build --quiet --bin simphone --bin drover-agent --bin drover-controller
	@PHONES="$(PHONES)" API="$(API)" CONTROL="$(CONTROL)" DIR="$(DIR)" exec deploy/demo.sh

test: ## every test; installs what they need on Debian
	tests/prepare.sh
	deploy/build-console.sh
	cargo build --workspace --bins
	@if cargo nextest --version >/dev/null 2>&1; then \
	    DROVER_TEST_REQUIRE_PYTHON=1 cargo nextest run --workspace; \
	else \
	    DROVER_TEST_REQUIRE_PYTHON=1 cargo test --workspace; \
	fi
	tests/console.sh --quick

SEEDS ?= 1000

sim: ## the link and the grants in a simulator, SEEDS seeds; a seed that fails says how to play it again
	@if cargo nextest --version >/dev/null 2>&1; then \
	    DROVER_SIM_SEEDS=$(SEEDS) cargo nextest run --profile sim --workspace --test seeds; \
	else \
	    DROVER_SIM_SEEDS=$(SEEDS) cargo test --workspace --test seeds -- --nocapture; \
	fi

# For `make matrix`: "all", or a part of the names of kinds of phone, as "android 8 plain".
ONLY ?= all

matrix: ## every flow on every kind of simulated phone (ONLY='plain old'): half an hour and more
	tests/prepare.sh
	cargo build --workspace --bins
	DROVER_FLOW_MATRIX="$(ONLY)" cargo nextest run --profile matrix -p drover-e2e --test flow_matrix --run-ignored all

# For `make chaos`: how long work is asked for, the size of the farm, and the seed that everything follows from; in the
# place of a file DATABASE is a Postgres URL, or `postgres` for one that is started for the run.
CHAOS_MINUTES ?= 60
CHAOS_AGENTS ?= 4
CHAOS_PHONES ?= 40
SEED ?=
DATABASE ?=

chaos: ## a farm that works while everything in it is killed, stopped, moved and cut off; then what was done is checked
	command -v adb >/dev/null || tests/prepare.sh
	cargo build --workspace --bins
	target/debug/chaos --minutes $(CHAOS_MINUTES) --agents $(CHAOS_AGENTS) --phones $(CHAOS_PHONES) \
	    $(if $(SEED),--seed $(SEED)) $(if $(filter postgres,$(DATABASE)),--postgres,$(if $(DATABASE),--database-url $(DATABASE)))

console-types: ## the console's types, of the API's document; to be committed
	deploy/build-console.sh
	cargo run --quiet --bin drover-controller -- openapi | (cd controller/console && npm run --silent types)

console-check: ## the console's types against the API's document, its own checks and its unit tests
	@command -v npm >/dev/null || tests/prepare.sh
	deploy/build-console.sh
	cargo run --quiet --bin drover-controller -- openapi | (cd controller/console && npm run --silent types -- --check)
	cd controller/console && npm run --silent check && npm run --silent test

console-test: ## the console in a browser against a demo farm: every page at every size, light and dark
	tests/prepare.sh
	deploy/build-console.sh
	cargo build --workspace --bins
	tests/console.sh

check: console-check ## formatting, lints, documentation, the console
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

FUZZ_SECONDS ?= 60

fuzz: ## feeds the link's decoder with noise for FUZZ_SECONDS; by cargo-fuzz where it and a nightly are there
	@if cargo +nightly fuzz --version >/dev/null 2>&1; then \
	    cd shared && cargo +nightly fuzz run decode -- -max_total_time=$(FUZZ_SECONDS); \
	else \
	    DROVER_FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test -q -p drover-shared --lib noise_for_as_long_as_asked -- --nocapture; \
	fi

bench: ## figures beside their limits (release build)
	tests/prepare.sh
	cargo build --release --workspace --bins
	target/release/figures
	target/release/coming_figures
	target/release/link_figures
	target/release/account_figures
	target/release/import_figures
	target/release/flow_figures
	target/release/sheet_figures
	target/release/task_figures
	target/release/media_figures

phones: ## PHONES simulated phones and an adb server of their own; Ctrl-C ends both
	cargo build --quiet --bin simphone --bin drover-agent
	@PHONES=$(PHONES) PHONE_PORT=$(PHONE_PORT) ADB_PORT=$(ADB_PORT) CONTROL=$(CONTROL) DIR=$(DIR) tests/phones.sh

fmt: ## format the code
	cargo fmt --all
