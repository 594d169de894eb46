# gait's development targets. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help core core-check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

core: ## build core-wasm/dist from the core's sources
	cargo run --quiet -p gait-recipe -- build

core-check: ## rebuild core-wasm/dist elsewhere and compare it, byte for byte
	cargo run --quiet -p gait-recipe -- check
