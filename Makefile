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

.PHONY: images
images: tensorflow ## Build the container images with docker, podman or buildah (IMAGE_OPTIONS: see deploy/containers/build)
	@tools/setup-system images
	CONFIGURATION=$(CONFIGURATION) deploy/containers/build $(IMAGE_OPTIONS)

.PHONY: deploy-check
deploy-check: build tensorflow ## Check what is under deploy/, as far as it can be without SGX (DEPLOY_PARTS: see tools/check-deploy)
	@tools/setup-system deploy
	SEALWRIGHT=$(SEALWRIGHT) tools/check-deploy $(DEPLOY_PARTS)

.PHONY: gramine-check
gramine-check: build tensorflow ## Run the server without the system calls that Gramine lacks, for GRAMINE_SECONDS (30)
	@tools/setup-system deploy
	SEALWRIGHT=$(SEALWRIGHT) tools/check-deploy gramine

.PHONY: replicas
replicas: build tensorflow ## Run three servers behind nginx, kill one, replace one, and measure
	@tools/setup-system deploy
	SEALWRIGHT=$(SEALWRIGHT) tools/check-deploy replicas

.PHONY: lint
lint: system ## Check format, documentation, imports between targets, and generated code
	tools/lint

.PHONY: bench
bench: bench-protected-files bench-attestation bench-convert bench-serving bench-broker ## Measure optimised builds against their peers

.PHONY: bench-attestation
bench-attestation: system ## Measure quote verification against dcap-qvl
	swift build --configuration release --product attestation-benchmark
	Benchmarks/attestation

.PHONY: bench-protected-files
bench-protected-files: system ## Measure protected files against cp and openssl
	swift build --configuration release --product protected-files-benchmark
	Benchmarks/protected-files

.PHONY: bench-broker
bench-broker: system ## Measure the key broker: releases, silent connections, audit log
	swift build --configuration release --product key-broker-benchmark
	Benchmarks/key-broker

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

.PHONY: bench-serving
bench-serving: system tensorflow ## Measure the model server against a Python grpcio server and against TensorFlow's bare C API
	swift build --configuration release --product sealwright
	swift build --configuration release --product serving-benchmark
	python3 conformance/setup_client.py .venv-conformance conformance/requirements.txt
	Benchmarks/serving

.PHONY: soak
soak: build tensorflow ## Exchange versions under load for three minutes (SOAK_SECONDS), without a failed request
	python3 conformance/setup_client.py .venv-conformance conformance/requirements.txt
	SEALWRIGHT=$(SEALWRIGHT) .venv-conformance/bin/python -B Benchmarks/soak

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
