# Aman: `make run` to try it, `make test` for every test, `make help` for the rest.
# Needs Go, Node 20 with npm, make and a C compiler (for the race detector only).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

GO ?= go
NPM ?= npm
TOOL := $(GO) tool -modfile=.ci/tools.mod
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# What the front end is made of; dist is its result.
WEB_SOURCES := $(shell find web/src web/i18n web/public web/scripts -type f 2>/dev/null) web/index.html \
	$(wildcard web/*.ts web/*.js web/*.json) api/openapi.yaml
NPM_STAMP := web/node_modules/.package-lock.json
WEB_STAMP := web/dist/index.html

.PHONY: help
help: ## Show this help
	@echo "usage: make TARGET"; echo
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

.PHONY: run
run: build ## Build everything and start the demo: ARGS='--listen 127.0.0.1:9000'
	@exec bin/aman demo $(ARGS)

.PHONY: build
build: web ## Build the front end and bin/aman, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/aman ./cmd/aman

.PHONY: web
web: $(WEB_STAMP) ## Build the front end, if it changed

# npm writes the stamp itself, before the last files: it is touched for make.
$(NPM_STAMP): web/package.json web/package-lock.json
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

$(WEB_STAMP): $(NPM_STAMP) $(WEB_SOURCES)
	cd web && $(NPM) run build
	@touch $@

.PHONY: deps
deps: ## Get Chromium and Postgres for the tests, where they are missing (asks first)
	@.ci/deps.sh

.PHONY: test
test: deps build ## Get what the tests need, and run all of them
	cd web && $(NPM) run check && $(NPM) test
	$(GO) vet ./...
	$(GO) test -run AllocatesNothing ./geo
	CGO_ENABLED=1 AMAN_BIN="$(CURDIR)/bin/aman" $(TOOL) gotestsum --format pkgname-and-test-fails -- -race -timeout 15m ./...
	$(MAKE) --no-print-directory e2e
	@echo "all tests passed"

.PHONY: test-go
test-go: ## Run the Go tests without the race detector: quick, while you work
	$(GO) test ./...

.PHONY: e2e
e2e: build ## Try the real binary in a browser
	cd web && AMAN_BIN="$(CURDIR)/bin/aman" $(NPM) run e2e --if-present

.PHONY: lint
lint: $(NPM_STAMP) ## Check form and find suspicious code
	@unformatted="$$($(TOOL) gofumpt -l api cmd data geo migrations web/*.go)"; \
		if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	cd web && $(NPM) run check

.PHONY: fmt
fmt: $(NPM_STAMP) ## Format the sources
	$(TOOL) gofumpt -w api cmd data geo migrations web/*.go
	cd web && $(NPM) run fix

.PHONY: generate
generate: $(NPM_STAMP) ## Make the code again that comes from api/openapi.yaml
	$(GO) generate ./...
	cd web && $(NPM) run types

.PHONY: bench
bench: ## Measure the engine beside its peers: ARGS='-seed 2 -only z1k -full' (geo/bench/README.md)
	@cd geo/bench && $(GO) build -tags "$(if $(shell command -v geos-config),geos)" -o ../../bin/bench . && ../../bin/bench $(ARGS)

.PHONY: bench-deps
bench-deps: ## Get GEOS and PostGIS for make bench, where they are missing (asks first)
	@.ci/bench-deps.sh

.PHONY: million
million: build ## Import 1,000,000 people, start on them and ask: N=100000 for fewer
	AMAN_BIN="$(CURDIR)/bin/aman" AMAN_BENCH_PEOPLE="$(or $(N),1000000)" $(GO) test -tags bench -run TestMillion -count=1 -v -timeout 30m ./cmd/aman

.PHONY: ingest
ingest: build ## Measure reports a second, in batches and one by one, on both databases
	AMAN_BIN="$(CURDIR)/bin/aman" $(GO) test -tags bench -run '^TestIngest$$' -count=1 -v -timeout 20m ./cmd/aman

.PHONY: exact
exact: ## Hold the compiled zones to exact arithmetic on 1,000,000 and 100,000 places a set: minutes
	$(GO) test -run 'IsExact' -count=1 -v -timeout 30m ./geo -full

.PHONY: load
load: build ## Send 1,000 deliveries/s on all channels for 30 s: N=500 for another rate
	AMAN_BIN="$(CURDIR)/bin/aman" AMAN_LOAD_RATE="$(or $(N),1000)" $(GO) test -tags bench -run '^TestLoad$$' -count=1 -v -timeout 10m ./cmd/aman

.PHONY: slow
slow: build ## Send 1,000 reports over a slow line that breaks, and time the page on it: N=100 for fewer
	AMAN_BIN="$(CURDIR)/bin/aman" AMAN_TEST_SLOW="$(or $(N),1000)" $(GO) test -run 'BadLine|SlowLine' -count=1 -v ./cmd/aman

LIGHTHOUSE_STAMP := web/lighthouse/node_modules/.package-lock.json
$(LIGHTHOUSE_STAMP): web/lighthouse/package.json web/lighthouse/package-lock.json
	cd web/lighthouse && $(NPM) ci --no-audit --no-fund --ignore-scripts
	@touch $@

.PHONY: lighthouse
lighthouse: deps build $(LIGHTHOUSE_STAMP) ## Have Lighthouse judge the citizen's page
	cd web/lighthouse && AMAN_BIN="$(CURDIR)/bin/aman" node run.mjs

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin web/dist/assets web/dist/citizen web/dist/docs web/dist/index.html
