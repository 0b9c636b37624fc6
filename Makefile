# The short names people type. Everything lands in this folder: .tools, target, .trainyard.
.DEFAULT_GOAL := help
SHELL := /bin/bash

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

tools: ## fetch and check the pinned servers, libtorch and demo data (once)
	@python3 deploy/tools/fetch

build: tools ## build both binaries
	@cargo build --locked -p trainyard -p trainyard-vision

demo: build ## the main job, from a Korean sentence to a model that answers, and stop
	@target/debug/trainyard demo

up: build ## start the platform here and leave it running until Ctrl-C
	@target/debug/trainyard up

test: build ## every test ring
	@cargo test --locked --workspace

fmt: ## format
	@cargo fmt --all

lint: tools ## formatting and clippy, as CI runs them
	@cargo fmt --all --check
	@cargo clippy --locked --workspace --all-targets -- -D warnings

bench: tools ## measure: appends, training beside PyTorch, end-to-end latencies (minutes)
	@deploy/bench

docs-events: ## write docs/events.md anew from the types
	@cargo test --locked -p trainyard-events --test document -- the_document_says write-document

clean: ## forget builds and data, keep the tools
	@cargo clean
	@rm -rf .trainyard

.PHONY: help tools build demo up test fmt lint bench docs-events clean
