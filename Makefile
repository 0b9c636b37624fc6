# The short names people type. Everything lands in this folder: .tools, target, .trainyard.
.DEFAULT_GOAL := help
SHELL := /bin/bash

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

tools: ## fetch and check the pinned servers, libtorch and demo data (once)
	@deploy/tools/fetch

RUNNERS := $(CURDIR)/.tools/runners
# The dashboard is built when something it is made of is newer than what was built last.
WEB := gateway/web
NODE := ../../deploy/tools/node
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f) $(addprefix $(WEB)/,index.html package.json tsconfig.json vite.config.ts svelte.config.js)

web: $(WEB)/dist/index.html ## build the dashboard (nothing to do when nothing changed)

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	@cd $(WEB) && $(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB_SOURCES)
	@cd $(WEB) && $(NODE) npm run --silent build

# What people run is optimised; what the tests run checks itself: overflows, assertions, clocks that step.
build: tools web ## build both binaries, optimised, the dashboard inside
	@cargo build --release --locked -p trainyard -p trainyard-vision

# Programs come beside a test of their package, with the libraries that every test is linked with: those are built once.
build-checked: tools web # every program that tests need, and the release before this one
	@cargo test --locked --workspace --no-run --test hostile --test detached --test objects --test serve --test train
	@deploy/tools/previous >/dev/null

demo: build ## the main job, from a Korean sentence to a model that answers, and stop
	@target/release/trainyard demo

demo-detect: build ## the same with YOLO11n and trees on aerial photos (minutes)
	@target/release/trainyard demo --detect

gpu-check: build ## train, kill, resume and measure on the GPUs of this machine, into gpu-check/report.json (TORCH=a Python with PyTorch; CPU=1 rehearses on a processor, QUICK=1)
	@deploy/gpu/check $(if $(TORCH),--torch $(TORCH)) $(if $(CPU),--cpu) $(if $(QUICK),--quick)

demo-transfer: build ## ImageNet's weights beside a random start, on photos of solar cells (fetches 0.8 GB once; CC BY-NC-SA photos; minutes)
	@deploy/tools/fetch --only solar-cells --only efficientnet-lite0
	@workers/frameworks/install.py timm --into $(RUNNERS)/timm --cache $(RUNNERS)/.cache >/dev/null
	@target/release/trainyard runners add $(RUNNERS)/timm/bin/python -m trainyard_timm
	@target/release/trainyard demo --transfer

up: build ## start the platform here and leave it running until Ctrl-C
	@target/release/trainyard up

test: build-checked ## every test ring, also after one that fails, and whether they notice a few small wrong changes
	@cargo test --locked --workspace --no-fail-fast && deploy/mutants/run --short; failed=$$?; \
	$(MAKE) --no-print-directory test-web && exit $$failed

test-cluster: build-checked ## the rings that stand on NATS, on three servers with three copies of each stream
	@TRAINYARD_TEST_NATS=3 cargo test --locked --no-fail-fast -p trainyard-bus -p trainyard-gateway -p trainyard-workers
	@TRAINYARD_TEST_NATS=3 cargo test --locked -p trainyard-predict --test serve

test-web: build-checked ## the dashboard: types, components, and the whole road in a real Chromium
	@cd $(WEB) && $(NODE) npm run --silent check && $(NODE) npm test --silent
	@deploy/tools/chromium >/dev/null
	@cd $(WEB) && $(NODE) npm run --silent test:browser

test-runners: tools ## train really with every runner: fetches their environments (2.3 GB), half an hour
	@for runner in timm anomaly torchvision transformers openmmlab libreyolo ultralytics; do \
	  workers/frameworks/install.py $$runner --into $(RUNNERS)/$$runner --cache $(RUNNERS)/.cache --dev || exit 1; done
	@cargo build --locked -p trainyard
	@cd workers/frameworks && TRAINYARD_RUNNERS=$(RUNNERS) TRAINYARD_DATA=$(CURDIR)/.tools/data \
	  TRAINYARD_BIN=$(CURDIR)/target/debug/trainyard $(RUNNERS)/timm/bin/python -m pytest tests

test-monitoring: build-checked ## Prometheus on a platform that works: every alert, and every panel of the dashboards (two minutes)
	@PROMETHEUS=$$(deploy/tools/prometheus) && cd deploy/prometheus && \
	  $$PROMETHEUS/promtool check config prometheus.yml && $$PROMETHEUS/promtool test rules rules.test.yml && cd ../.. && \
	  PROMETHEUS=$$PROMETHEUS cargo test --locked -p trainyard-e2e --test monitoring -- --include-ignored --nocapture
	@$(MAKE) --no-print-directory dashboards && git diff --exit-code deploy/grafana

dashboards: ## write deploy/grafana/*.json anew from dashboards.js
	@cd deploy/grafana && ../tools/node npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && ../tools/node node dashboards.js

test-mlflow: build-checked ## two real MLflow servers: a copy that is made late is the one that was made at once (fetches MLflow, 594 MB)
	@deploy/tools/mlflow-servers cargo test --locked -p trainyard-mlflow --test mirror -- --ignored real --nocapture

test-api: build-checked ## ask a platform for everything that /openapi.json describes, well and badly (two minutes)
	@cargo test --locked -p trainyard-e2e --test schemathesis -- --nocapture

test-helm: ## the Helm chart, without a cluster: rendered for each file of values, against the schemas of Kubernetes, by our own rules (two minutes)
	@deploy/helm/test

dist: build ## a release of what is built, in target/dist: tarball, Debian package, checksums, SBOM, licences
	@deploy/dist/build

test-dist: dist ## the release on a bare Debian 12 without a network: unpacked, installed, trained with, removed (as root; minutes)
	@cd deploy/tools && python3 -B -m unittest index_test scan_test
	@cd deploy/dist && python3 -B -m unittest contents_test
	@deploy/dist/test

image: build ## the images of the platform and of a worker, by buildah (TAG=0.1.0; deploy/image/build says more)
	@deploy/image/build

test-image: build ## the images as a fleet of containers by podman, on real servers: ready, without rights, a job trained (minutes)
	@deploy/image/test

compose-demo: ## the compose file by podman-compose with images built here: the main job, and everything is taken away again (minutes)
	@deploy/image/build platform worker servers
	@deploy/compose/demo

test-helm-nats: ## the three members of NATS as the chart has them, by podman (a minute)
	@deploy/image/build platform servers
	@deploy/helm/test-nats

test-compose: ## the compose file, without running it
	@deploy/compose/test

test-terraform: ## the modules for AWS and Google, as far as that goes without their providers
	@deploy/terraform/test

measure: build ## the dashboard: bundle, first paint, frames, a million points, memory (MINUTES=5 SPEED=1 POINTS=50000)
	@deploy/tools/chromium >/dev/null
	@cd $(WEB) && TRAINYARD_BIN=$(CURDIR)/target/release/trainyard $(NODE) npm run --silent measure

tasks: build-checked ## the dashboard: twenty tasks as a new user does them, with clicks and seconds (minutes)
	@deploy/tools/chromium >/dev/null
	@cd $(WEB) && $(NODE) npm run --silent tasks

pictures: build-checked ## docs/images anew, of the dashboard as it is today (minutes)
	@deploy/tools/chromium >/dev/null
	@cd $(WEB) && $(NODE) npm run --silent pictures

picture-of-demo: build ## docs/images/demo.svg anew, of the demo as it runs today (a minute)
	@target/release/trainyard demo > target/demo.txt
	@docs/images/terminal < target/demo.txt > docs/images/demo.svg

fmt: ## format
	@cargo fmt --all

lint: tools ## formatting, clippy and a look for secrets, as CI runs them
	@deploy/tools/scan
	@cargo fmt --all --check
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	@$(MAKE) --no-print-directory $(WEB)/node_modules/.package-lock.json
	@cd $(WEB) && $(NODE) npm run --silent format

bench: tools ## measure: appends, training beside PyTorch and ultralytics, end-to-end latencies (half an hour; EPOCHS=30)
	@deploy/bench

bench-serve: tools web ## predicting over HTTP beside FastAPI and LitServe, at 1, 8 and 32 clients (minutes; SECONDS=8 ROUNDS=3)
	@workers/predict/bench/run $(or $(SECONDS),8) $(or $(ROUNDS),3)

bench-data: tools web ## a folder of photos: upload, second version, laid out, looked at, decoded beside torchvision and OpenCV (minutes; IMAGES=2000 PYTHON=...)
	@deploy/bench-data $(or $(IMAGES),2000)

chaos: build-checked ## 200 short jobs under 100 faults, everything read back at the end (minutes; SEED=1 CLUSTER=3; MINUTES=60: storm after storm)
	@cargo build --locked -q -p trainyard-e2e --bins --examples
	@target/debug/examples/chaos $(or $(SEED),1) $(or $(JOBS),200) $(or $(FAULTS),100) $(or $(CLUSTER),1) $(or $(MINUTES),0)

outages: build-checked ## two jobs train while one part after another is away for two minutes (12 minutes; SECONDS=120)
	@cargo build --locked -q -p trainyard-e2e --bins --examples
	@target/debug/examples/outages $(or $(SECONDS),120)

mutants: build-checked ## small wrong changes to the core, one by one: which ring of tests notices each (half an hour; SHORT=1, NAMES=...)
	@deploy/mutants/run $(if $(SHORT),--short) $(NAMES)

simulate: ## who waits how long: 10,000 jobs on 100 workers, and 10,000 that ask for GPUs on 1,000
	@cargo run --locked -q -p trainyard-commands --example fairness
	@cargo run --locked --release -q -p trainyard-commands --example replay

talk: ## how well the assistant reads: every set, the turns that must not act, the time of a turn
	@cargo test --locked -q -p trainyard-assistant --test sets --test acting
	@cargo test --locked -q -p trainyard-conversation --test talk safety -- --nocapture
	@echo "each writer read by a model that has not learned from them (make reader measures it anew)"
	@cat commands/assistant/reader.txt
	@cargo bench --locked -q -p trainyard-assistant

score: ## how well a set that is not in the repository is read: make score SET=path
	@cargo run --locked --release -q -p trainyard-assistant --example score -- $(SET)

reader: ## learn anew what the assistant reads a turn with, from commands/assistant/tests/sets (some minutes)
	@cargo run --locked --release -q -p trainyard-assistant --example learn

docs-events: ## write docs/events.md and docs/asyncapi.json anew from the types
	@cargo test --locked -q -p trainyard-events --test document --test shapes -- the_document no_body write-document
	@cargo test --locked -q -p trainyard-feed --test contract -- the_document write-document

promise: ## for a release: what readers of the feed may rely on from then on
	@cargo test --locked -q -p trainyard-feed --test contract -- nothing_that write-promise

bench-feed: ## the feed: events copied in a second when it catches up, and how far it is behind at 1,000 in a second
	@cargo build --locked --release -q -p trainyard-child -p trainyard-objects
	@cargo run --locked --release -q -p trainyard-feed --example behind

bench-platform: tools web ## how it grows and what it takes (PARTS="approve jobs", or all of deploy/e2e/examples/growth; sizes by EVENTS, JOBS, SECONDS, MINUTES, ...)
	@cargo build --locked --release -q -p trainyard -p trainyard-vision -p trainyard-child -p trainyard-objects -p trainyard-predict -p trainyard-data
	@cargo run --locked --release -q -p trainyard-commands --example replay
	@cargo run --locked --release -q -p trainyard-e2e --example growth -- $(PARTS)

wire: ## write the page's types (gateway/web/src/wire) anew from those of Rust
	@cargo test --locked -p trainyard-web --test wire -- the_page_has write-wire

clean: ## forget builds and data, keep the tools
	@cargo clean
	@rm -rf .trainyard

.PHONY: bench bench-data bench-feed bench-platform bench-serve build build-checked chaos clean compose-demo dashboards demo demo-detect demo-transfer dist docs-events fmt gpu-check help image lint measure mutants outages picture-of-demo pictures promise reader score simulate talk tasks test test-api test-cluster test-compose test-dist test-helm test-helm-nats test-image test-mlflow test-monitoring test-runners test-terraform test-web tools up web wire
