# botengine: what there is to do. `make help` lists it.

GO        ?= go
BIN       := bin/botengine
LINT      := bin/golangci-lint
RACE_ARGS ?= -shuffle=on -timeout=20m
# A cold machine needs nothing but Go, git and make: the rest comes from the Go proxy.
export GOFLAGS ?= -mod=readonly

.DEFAULT_GOAL := help
.PHONY: help build run test test-go test-tags test-bench check fmt lint verify generate fuzz faults nightly vuln bench clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/botengine
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/botengine

run: build ## the main job: simulated platform + engine + the rules in rules/ + a scripted conversation
	$(BIN) demo

test: check ## everything that must hold; the same that .ci/run calls

check: fmt lint test-go test-tags test-bench verify ## format, lint, race tests, the example rules' tests, generated docs fresh

fmt: ## fail on files that gofmt would change
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofmt would change:"; echo "$$out"; exit 1; }

lint: $(LINT) ## strict lint
	$(LINT) run ./...

$(LINT): tools/go.mod tools/go.sum
	$(GO) build -C tools -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $(LINT)

test-go: ## race tests of all packages; the example rules' tests are among them
	tools/test-race $(RACE_ARGS) ./...

test-tags: ## the adapter for the named client library, behind its build tag
	$(GO) test -tags zishang -timeout=10m ./internal/yjiyun/zishang/...
	$(GO) test -tags zishang -timeout=10m ./internal/app -run LiveRobots/over_Engine.IO_4
	$(GO) vet -tags failpoints ./...

test-bench: ## every benchmark and every figure once: that they run and print, not how fast
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout=10m $$(grep -rl '^func Benchmark' --include='*_test.go' internal | xargs -n1 dirname | sort -u | sed 's|^|./|')
	$(GO) run ./bench -quick

verify: build ## generated files are fresh, the example rules have no findings and are covered by their tests, the module is tidy
	$(BIN) check rules
	$(BIN) test --coverage-min 100 rules
	$(GO) mod tidy -diff
	$(GO) mod verify

generate: ## write the generated docs anew
	$(GO) generate ./...

fuzz: ## fuzz every parser for T each (default 30s)
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep ^Fuzz); do \
		$(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $${T:-30s} || exit 1; done; done

faults: ## break everything on purpose, in the sizes of every change: kills, power cuts, reloads, bursts; all figures at the end
	tools/faults ci

nightly: ## the same in the sizes of a night, then every fuzz target for T each (default 10m)
	tools/faults nightly
	$(MAKE) fuzz T=$${T:-10m}

vuln: build ## known vulnerabilities, from source and from the binary; needs vuln.go.dev, or GOVULNDB
	tools/vuln

bench: ## the figures with their goals, measured in one run of less than 3 minutes
	$(GO) run ./bench

clean: ## remove what was built
	rm -rf bin
