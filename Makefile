# Waymeet. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

ui := web/ui
ui_modules := $(ui)/node_modules/.package-lock.json
sdk := web/sdk
sdk_modules := $(sdk)/node_modules/.package-lock.json
ui_sources := $(shell find $(ui)/src $(ui)/public $(ui)/scripts $(sdk)/src -type f 2>/dev/null) $(wildcard $(ui)/*.html $(ui)/*.ts $(ui)/*.json)

##@ Use
.PHONY: help run dev build
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup-run ui binary ## build everything and run it here: own PostgreSQL, own Redis, demo data (http://127.0.0.1:8080)
	@exec bin/waymeet dev --tie $(ARGS)

dev: setup-run $(ui_modules) binary ## the same with the UI served from its sources (Vite, live reload)
	@npm --prefix $(ui) run dev & exec bin/waymeet dev --tie $(ARGS)

build: ui binary ## bin/waymeet, with the UI inside

##@ Check
.PHONY: test test-go test-faults test-planted test-livekit test-web test-sdk test-e2e check check-format check-lint check-generated check-web
test: setup test-go test-faults test-web test-sdk test-e2e ## everything: Go with -race on real PostgreSQL and Redis, faults, web, SDK, end to end in Chromium

test-go: ## Go tests alone (PACKAGES=./booking/... RUN=TestHold)
	@mkdir -p .waymeet/log .waymeet/tools
	@go build -o .waymeet/tools/testenv ./internal/devstack/cmd/testenv
	@{ .waymeet/tools/testenv -- go test -race -timeout 45m $(if $(RUN),-run '$(RUN)') $(or $(PACKAGES),./...); echo $$? >.waymeet/log/go-test.code; } 2>&1 | tee .waymeet/log/go-test
	@exit $$(cat .waymeet/log/go-test.code)

test-faults: ## the live layer under fire: three nodes, 200 clients, faults (SEEDS=200, or SEED=17 to see that one again)
	@mkdir -p .waymeet/tools
	go test -count=1 -v -timeout 12h ./realtime/faults $(if $(SEED),-seed $(SEED) -run TestFaults,-seeds $(or $(SEEDS),5))

test-planted: ## by hand: bugs planted in a copy of the tree, each of which the faults must find (PLANT=gap-ignored SEEDS=3)
	scripts/planted-bugs

test-livekit: ## by hand: session/media/livekit, and a call in two browsers, against a real livekit-server, built once (3 minutes of a core; too long for each change)
	scripts/tool --path livekit-server
	go test -count=1 -v -run TestRealServer ./session/media/livekit
	$(MAKE) ui binary
	CHROMIUM="$$(scripts/chromium)" LIVEKIT_SERVER="$$(scripts/tool --path livekit-server)" npm --prefix $(ui) run e2e -- livekit

test-web: $(ui_modules) ## the UI's unit tests alone
	npm --prefix $(ui) run test

# (One make builds the binary once: whoever is first must have the UI in it.)
test-sdk: $(sdk_modules) ui binary ## the SDK's tests alone: units, its tarball in plain Node, a real server that is cut off midway
	npm --prefix $(sdk) run test
	npm --prefix $(sdk) run test:server

test-e2e: ui binary ## end-to-end tests alone
	CHROMIUM="$$(scripts/chromium)" npm --prefix $(ui) run e2e

check: check-format check-lint check-generated check-web ## formatting, linters, import rules, generated files, types

check-format:
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "gofmt -w: $$unformatted"; exit 1; }

check-lint:
	go vet ./...
	scripts/tool golangci-lint run ./...
	go test ./internal/arch ./migrations/...

check-generated: ## generated files are what their sources say
	scripts/tool sqlc diff -f store/sqlc.yaml
	go test -count=1 -run 'TestSchemaDocIsCurrent' ./store
	go test -count=1 -run 'TestOpenAPIDocIsCurrent' ./cmd/waymeet

check-web: $(ui_modules) $(sdk_modules)
	npm --prefix $(sdk) run typecheck
	npm --prefix $(sdk) run lint
	npm --prefix $(ui) run typecheck
	npm --prefix $(ui) run lint
	npm --prefix $(ui) run asyncapi

##@ Change
.PHONY: setup setup-run generate fmt ui sdk binary clean
setup: ## find or get what the tests need
	@scripts/setup test

setup-run:
	@scripts/setup run

generate: ## write all generated files anew
	scripts/tool sqlc generate -f store/sqlc.yaml
	go test -count=1 -run 'TestSchemaDocIsCurrent' ./store -update
	go test -count=1 -run 'TestOpenAPIDocIsCurrent' ./cmd/waymeet -update
	go test -count=1 -run 'TestKindsAreCurrent' ./internal/arch -update

fmt: ## format the Go files
	@git ls-files '*.go' | xargs gofmt -w

ui: $(ui)/dist/index.html

sdk: $(sdk_modules) ## the SDK as others install it: web/sdk/waymeet-sdk-*.tgz
	npm --prefix $(sdk) pack --pack-destination $(sdk) ./$(sdk)

binary:
	CGO_ENABLED=0 go build -trimpath -o bin/waymeet ./cmd/waymeet

$(ui_modules): $(ui)/package-lock.json
	npm --prefix $(ui) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(sdk_modules): $(sdk)/package-lock.json
	npm --prefix $(sdk) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(ui)/dist/index.html: $(ui_modules) $(ui_sources)
	npm --prefix $(ui) run build
	@touch $@

clean: ## remove what was built; keeps .waymeet
	rm -rf bin $(ui)/dist/* $(sdk)/dist $(sdk)/*.tgz
