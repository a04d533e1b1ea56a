# `make` alone says what there is. Everything installed or built stays in target/ and tests/contract/node_modules.
SHELL := /bin/bash
PYTHON := target/contract/venv/bin/python
WITH_POSTGRES := tests/setup/with_postgres.sh
# The deliberately broken stores that the race tests must catch are compiled into test builds only.
TESTED := --workspace --features controls
SUITES :=
BENCH :=

.DEFAULT_GOAL := help
.PHONY: help run setup build unit contract test fmt lint licences check openapi bench

help: ## List the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Serve from this directory (a debug build: ready sooner, slower to answer)
	cargo run -- serve

setup: ## Install what the tests need and is missing (Debian, Python and npm packages)
	tests/setup/debian.sh
	tests/setup/tools.sh
	tests/peers/setup.sh

build: ## Build the tests and, with the same features and so only once, the debug binary
	cargo test $(TESTED) --no-run

unit: setup ## cargo test on SQLite and PostgreSQL (TEST_POSTGRES_URL, or a private server)
	$(WITH_POSTGRES) cargo test $(TESTED)

contract: setup build ## Contract tests against the built binary; SUITES="sdk docs" picks some
	$(WITH_POSTGRES) $(PYTHON) tests/contract/run.py $(SUITES)

test: setup ## All tests, installing what they need
	$(WITH_POSTGRES) $(MAKE) --no-print-directory unit contract

fmt: ## Format the Rust and the Python sources
	cargo fmt --all
	-target/contract/venv/bin/ruff format --quiet tests

lint: licences ## Formatting, clippy, documentation links, licences
	cargo fmt --all -- --check
	cargo clippy $(TESTED) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

licences: ## Licences and bans of deny.toml, over every crate we link
	python3 tests/setup/licences.py

check: setup lint build ## lint, the scripts, the API description, and cargo-deny where it is installed
	shellcheck .ci/run tests/setup/*.sh tests/peers/*.sh
	target/contract/venv/bin/ruff check --quiet tests
	target/contract/venv/bin/ruff format --quiet --check tests
	target/debug/verifyd openapi --check
	@if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: advisories not checked"; fi

openapi: ## Write openapi/*.json from the code
	cargo run --quiet -- openapi

bench: ## Release build, and the table of ratios; BENCH="delivery" (or dialects, limits, growth, build) measures something else
	cargo build --release --package verifyd --package throughput
	target/release/throughput $(BENCH)
