# Sealwright. `make help` lists what can be asked for.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# debug builds in half the time and is what the tests use; `make demo CONFIGURATION=release` for the optimised build.
CONFIGURATION ?= debug
BUILD := swift build --configuration $(CONFIGURATION)
SEALWRIGHT = $(shell $(BUILD) --show-bin-path)/sealwright

export SEALWRIGHT_TENSORFLOW_LIBRARY := $(CURDIR)/.tensorflow/lib/libtensorflow_cc.so.2
# A crash must end a run, not leave it waiting for a backtrace.
export SWIFT_BACKTRACE := enable=no
# What CI builds has no warnings.
ifeq ($(CI),true)
export SEALWRIGHT_STRICT := 1
endif

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build tensorflow ## Set up, build, and play the whole story on this machine
	$(SEALWRIGHT) demo

.PHONY: test
test: system tensorflow ## Set up, build, and run the tests
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build

.PHONY: conformance
conformance: build tensorflow ## Run the official Python client against the server
	SEALWRIGHT=$(SEALWRIGHT) conformance/run

.PHONY: lint
lint: system ## Check format, documentation, imports between targets, and generated code
	tools/lint

.PHONY: bench
bench: bench-protected-files bench-convert ## Measure optimised builds against their peers

.PHONY: bench-protected-files
bench-protected-files: system ## Measure protected files against cp and openssl
	swift build --configuration release --product protected-files-benchmark
	Benchmarks/protected-files

.PHONY: bench-convert
bench-convert: system tensorflow ## Measure conversion against the recipe's Python script, and the models that come out
	swift build --configuration release --product sealwright
	Benchmarks/conversion

.PHONY: fuzz
fuzz: system ## Fuzz the parsers of untrusted bytes, five minutes each
	Fuzz/run

.PHONY: sanitize
sanitize: system ## Run the tests that share memory under the thread and address sanitizers
	tools/sanitize ProtectedFiles

.PHONY: build
build: system ## Build the executable
	$(BUILD) --product sealwright

.PHONY: system
system: ## Install missing system packages (Debian), or say which
	@tools/setup-system

.PHONY: tensorflow
tensorflow: system ## Set up TensorFlow's library in .tensorflow, once
	@tools/setup-tensorflow

.PHONY: protos
protos: system ## Generate the Swift code of the .proto files anew
	protos/generate.sh

.PHONY: clean
clean: ## Remove what was built and what the demo made; keep downloads
	rm -rf .build .work/demo .venv-conformance
