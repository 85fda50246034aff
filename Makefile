# Everything that a person runs from the repository. `make help` lists it.

CARGO ?= cargo
BIN_DEV := $(or $(CARGO_TARGET_DIR),target)/debug/tidewatch

.DEFAULT_GOAL := help
.PHONY: help run test soak fuzz lint rust-test client-test oracle-check aws-test alert-test alert-mutations grafana grafana-test package package-test terraform-test bench bench-probe bench-local bench-ingest bench-queries bench-lambda bench-webhook

help: ## Lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Builds and starts the whole product on this machine
	$(CARGO) run --release --locked --package tidewatch

test: lint rust-test oracle-check client-test aws-test alert-test grafana-test package-test terraform-test ## Everything that continuous integration checks

soak: ## The long tests of durability: 1,000 kills -9, random failures of the disk; a report
	tests/soak

fuzz: ## Ten minutes of made-up input for everything that reads what others wrote
	fuzz/run

lint: ## Formatting, and clippy with warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings

rust-test: ## Unit, integration and end-to-end tests
	$(CARGO) test --workspace --locked

oracle-check: ## The SQL corpus' expected rows against DuckDB and Python, which they come from
	tests/sql/oracle/check "$(or $(CARGO_TARGET_DIR),target)"

client-test: ## boto3, the aws CLI and the JavaScript SDK against the built binary
	$(CARGO) test --workspace --locked --no-run
	tests/clients/run "$(BIN_DEV)"

# Functions have no integration tests of their own that would have their binaries built; all
# targets are those of the tests and the binaries, so that no dependency is built a second time.
aws-test: ## The built Lambda functions against moto, a fake Lambda runtime API and the bridge
	$(CARGO) build --workspace --all-targets --locked
	tests/aws/run "$(dir $(BIN_DEV))"

alert-test: ## The shipped alert rules against their own tests, and some broken ones
	$(CARGO) test --workspace --locked --no-run
	"$(BIN_DEV)" alerts test tests/alerts/*.yaml
	tests/alerts/mutations "$(BIN_DEV)" --every 40

# Hundreds of broken rules make hundreds of statements to plan; unoptimised that takes long.
alert-mutations: ## Breaks every alert rule in turn and expects its tests to fail
	$(CARGO) build --release --locked --package tidewatch
	tests/alerts/mutations "$(or $(CARGO_TARGET_DIR),target)/release/tidewatch"

grafana-test: ## Dashboards, alert rules and every SQL text of theirs
	$(CARGO) test --workspace --locked --no-run
	tests/grafana/run "$(BIN_DEV)"

package: ## The Lambda functions as zips in target/lambda, with a report of their sizes
	packaging/package

package-test: ## What is in the zips, and that they repeat
	PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover -q -s tests/packaging

terraform-test: ## The Terraform modules against the provider's schema, mock plans, checkov and the code
	$(CARGO) test --workspace --locked --no-run
	TIDEWATCH_BIN="$(abspath $(BIN_DEV))" tests/terraform/run

grafana: ## Starts a Grafana with the dashboards, against the bridge
	grafana/run

bench: ## Lists the benchmarks; each is one command
	@bench/list

bench-probe: ## Cost and honesty of the check engine, beside blackbox_exporter
	bench/probe

bench-local: ## Ten thousand monitors on this machine: lag, missed slots, rows lost, CPU, memory
	$(CARGO) build --release --locked --package tidewatch
	$(CARGO) build --release --locked --package tidewatch-testkit --example load_target
	bench/local

bench-ingest: ## Rows a second that the bridge makes durable, beside the disk; recovery after a kill
	$(CARGO) build --release --locked --package tidewatch
	$(CARGO) build --release --locked --package tidewatch-testkit --example ingest_load
	bench/ingest

bench-queries: ## Five dashboard queries on ten million rows, beside DuckDB and PostgreSQL
	$(CARGO) build --release --locked --package tidewatch
	$(CARGO) build --release --locked --package tidewatch-testkit --example ingest_load
	bench/queries

bench-lambda: ## Start, memory and size of the functions, beside a function in Python
	packaging/package
	bench/lambda

bench-webhook: ## Requests of 50 alerts that the webhook makes durable, beside the disk's limit
	packaging/package
	bench/webhook
