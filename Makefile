# gait's development targets. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help build demo test test-rust test-js test-hosts test-mcp js site test-site browsers test-contracts test-e2e \
	test-adoption bench soak bench-js check fmt fmt-check lint core core-check gen gen-check deny tools clean

HOST_JS := host-js/node_modules/.package-lock.json
HOSTS := host-js/hosts/node_modules/.package-lock.json
MCP_PEERS := tests/mcp-peers/node_modules/.package-lock.json
MCP_PYTHON := target/mcp-peers/requirements.txt
WWW := www/node_modules/.package-lock.json

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the program: target/release/gait
	cargo build --release --locked -p gait-cli

demo: build ## build gait and run the first win in an empty folder
	examples/first-win/run.sh

test: test-rust test-js test-hosts test-site test-mcp ## run all tests

test-rust: js ## run the tests of the core, the program and the contract
	cargo test --workspace --locked

test-js: js ## run the tests of the JavaScript package
	npm --prefix host-js test

test-hosts: js browsers $(HOSTS) ## run vectors, API and examples in Node, Deno, Bun, workerd, edge-runtime and Chromium
	npm --prefix host-js run test:hosts
	npm --prefix host-js run test:examples

test-mcp: $(MCP_PEERS) $(MCP_PYTHON) ## run gait between official MCP clients and servers (needs Python 3.11)
	cargo build --locked --workspace
	npm --prefix tests/mcp-peers test

$(MCP_PEERS): tests/mcp-peers/package-lock.json
	npm --prefix tests/mcp-peers ci --no-audit --no-fund

# The copy of the list says that all of it is installed.
$(MCP_PYTHON): tests/mcp-peers/requirements.txt
	python3 -m venv target/mcp-peers
	target/mcp-peers/bin/pip install --quiet --disable-pip-version-check --requirement $<
	cp $< $@

js: $(HOST_JS) ## build the JavaScript package
	npm --prefix host-js run build

$(HOST_JS): host-js/package-lock.json
	npm --prefix host-js ci --no-audit --no-fund

$(HOSTS): host-js/hosts/package-lock.json
	npm --prefix host-js/hosts ci --no-audit --no-fund

site: $(WWW) ## build the docs site, with the verifier: www/dist
	npm --prefix www run build

test-site: $(WWW) browsers ## build the docs site and use it in a browser
	cargo build --locked --workspace
	npm --prefix www test

browsers: ## see to it that there is a Chromium (installs Debian's where apt is there)
	www/test/browsers.sh

$(WWW): www/package-lock.json
	npm --prefix www ci --no-audit --no-fund

test-contracts: js ## run the vectors only: every operation, every refusal
	cargo test --locked -p gait-tests --test vectors

test-e2e: ## run the command line cases only
	cargo test --locked -p gait-tests --test cli

test-adoption: build ## run every example the way its page says
	for example in examples/*/run.sh; do "$$example" || exit 1; done

bench: ## measure gait (GAIT_BENCH_PEER=PROGRAM adds another implementation with the same commands)
	cargo build --release --locked --workspace
	target/release/gait-bench

soak: ## keep the decision service under load for five minutes, and watch its memory (SECONDS=300)
	cargo build --release --locked --workspace
	target/release/gait-bench soak $(or $(SECONDS),300)

bench-js: build js ## measure the JavaScript package beside the program
	npm --prefix host-js run bench

fmt: tools $(HOST_JS) ## format the code
	cargo fmt --all
	npm --prefix host-js run fmt

fmt-check: tools ## refuse Rust code that is not formatted
	cargo fmt --all --check

lint: tools $(HOST_JS) ## refuse what the compiler, clippy and biome warn about
	cargo clippy --workspace --all-targets --locked -- -D warnings
	npm --prefix host-js run lint

deny: ## check licences, advisories and sources of all dependencies (needs cargo-deny)
	@cargo deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing; run: cargo install --locked cargo-deny"; exit 1; }
	cargo deny --locked check

check: fmt-check lint test gen-check core-check ## exactly what CI runs

core: ## build core-wasm/dist from the core's sources
	cargo run --quiet -p gait-recipe -- build

core-check: ## rebuild core-wasm/dist elsewhere and compare it, byte for byte
	cargo run --quiet -p gait-recipe -- check

gen: ## write the schemas, the TypeScript types and the reference pages anew
	cargo build --quiet --workspace
	target/debug/gait-gen

gen-check: ## refuse generated files that are not up to date
	cargo build --quiet --locked --workspace
	target/debug/gait-gen --check

clean: ## remove everything that was built
	cargo clean
	rm -rf host-js/node_modules host-js/hosts/node_modules host-js/dist tests/mcp-peers/node_modules www/node_modules www/dist www/screenshots

# rustfmt and clippy, where rustup can bring them.
tools:
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
