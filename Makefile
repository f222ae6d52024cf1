# PazPaz. `make help` lists what can be made.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Named, not ./..., because packages of npm may hold Go files.
GO_PKGS  := ./cmd/... ./internal/...
GO_DIRS  := cmd internal tools
ROOMS     = $(shell go list ./internal/... | grep -vE '/(testkit|arch)$$' | paste -sd,)
FUZZTIME ?= 1m
COVER    ?= 80

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# --- build and run ----------------------------------------------------------------------------------------------------

PAGE     := internal/web/dist/index.html
PAGE_SRC := $(shell find web/src web/sw web/public web/scripts web/docs web/index.html web/*.ts web/*.js web/*.json -type f 2>/dev/null)

.PHONY: run
run: page build ## build everything and start it with demonstration data
	bin/pazpaz serve --demo

.PHONY: page
page: $(PAGE) ## build the page that the binary carries

web/node_modules/.installed: web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	touch $@

$(PAGE): web/node_modules/.installed $(PAGE_SRC)
	npm --prefix web run build
	touch $@ internal/web/dist/.keep

.PHONY: build
build: ## build bin/pazpaz
	go build -trimpath -ldflags "-s -w" -o bin/pazpaz ./cmd/pazpaz

.PHONY: clean
clean: ## remove what was built
	rm -rf bin coverage web/node_modules web/screenshots
	find internal/web/dist -mindepth 1 ! -name .keep -delete

# --- test -------------------------------------------------------------------------------------------------------------

.PHONY: test
test: page build ## everything: the page, the browser, Go on both databases
	@status=0; for part in test-web test-e2e test-go; do $(MAKE) $$part || status=1; done; exit $$status

.PHONY: test-web
test-web: page ## the tests of the page's code, and its weight
	npm --prefix web test
	npm --prefix web run size

.PHONY: test-go
test-go: bin/testsum ## the Go tests, on SQLite and on PostgreSQL with Redis
	scripts/with-services scripts/gotest -shuffle=on $(GO_PKGS)

.PHONY: test-race
test-race: bin/testsum ## the Go tests under the race detector (needs a C compiler)
	scripts/with-services scripts/gotest -race -shuffle=on $(GO_PKGS)

.PHONY: test-sqlite
test-sqlite: ## the Go tests with nothing but Go
	env -u TEST_POSTGRES_URL -u TEST_POSTGRES_SUPER_URL -u TEST_REDIS_URL go test -count=1 -shuffle=on $(GO_PKGS)

.PHONY: test-e2e
test-e2e: page build ## the built binary in a browser
	CHROMIUM="$$(scripts/ensure-chromium)" scripts/with-services npm --prefix web run e2e

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (1m)
	scripts/fuzz $(FUZZTIME) $(GO_PKGS)

.PHONY: cover
cover: ## coverage/index.html; fails below COVER (80) percent
	mkdir -p coverage
	scripts/with-services go test -count=1 -coverpkg=$(ROOMS) -coverprofile=coverage/go.out $(GO_PKGS) | sed 's/ of statements in .*//'
	go tool cover -html=coverage/go.out -o coverage/index.html
	go tool cover -func=coverage/go.out | awk 'END { print "coverage " $$3; exit ($$3 + 0 < $(COVER)) }'

.PHONY: stats
stats: bin/testsum ## the number of tests by room and by area
	scripts/with-services scripts/gotest -stats $(GO_PKGS)

.PHONY: golden
golden: ## write the golden files of the API, and the tables of docs/security.md, anew
	UPDATE=1 go test -count=1 ./internal/api ./internal/arch -run 'Golden|SecurityPage'

.PHONY: screenshots
screenshots: page build ## pictures of each screen in web/screenshots
	CHROMIUM="$$(scripts/ensure-chromium)" npm --prefix web run screenshots

.PHONY: bench
bench: page build ## how fast it is: the binary on both databases, then the small parts
	bin/pazpaz bench
	scripts/with-services --durable bin/pazpaz bench --settle 70s
	go test -run='^$$' -bench=. -benchmem $(GO_PKGS)

# --- check ------------------------------------------------------------------------------------------------------------

.PHONY: check
check: check-form check-rooms check-lint check-web ## everything that reads the code and does not run it

.PHONY: check-form
check-form:
	unformatted=$$(gofmt -l $(GO_DIRS)); [[ -z $$unformatted ]] || { echo "gofmt these: $$unformatted"; exit 1; }
	go vet $(GO_PKGS)
	cd tools && go vet ./... && go test ./...

.PHONY: check-rooms
check-rooms: # who imports whom, and how long things are
	go test -count=1 ./internal/arch

.PHONY: check-lint
check-lint: bin/golangci-lint
	bin/golangci-lint run $(GO_PKGS)
	cd tools && ../bin/golangci-lint run --config ../.golangci.yml ./...

.PHONY: check-web
check-web: web/node_modules/.installed
	npm --prefix web run lint
	npm --prefix web run check

.PHONY: vuln
vuln: bin/govulncheck ## known holes in what we depend on (asks a public database)
	bin/govulncheck $(GO_PKGS)

# The tools have a module of their own, so that their dependencies are none of the binary's.
bin/golangci-lint bin/govulncheck: tools/go.mod tools/go.sum
	cd tools && go build -o ../bin/ $$(go list -f '{{.ImportPath}}' tool | grep '/$(@F)$$')
	touch $@

bin/testsum: $(wildcard tools/testsum/*.go) tools/go.mod
	cd tools && go build -o ../bin/ ./testsum
