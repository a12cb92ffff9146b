# Shortcuts; `make` alone lists them. CMakePresets.json says what each preset is.

BUILD := build/release
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
export CTEST_PARALLEL_LEVEL ?= $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help packages build test test-engines demo bench format check-format tidy asan fuzz install clean

help: ## list the targets
	@echo 'Seshat: recordings of a lab into durable storage, processed and searchable.'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages: ## install the Debian packages that everything here needs (root or sudo)
	@scripts/install-packages

build: packages ## compile everything into build/release
	cmake --preset release --log-level=WARNING
	cmake --build $(BUILD) -j $(JOBS)

test: build ## build, then run every test that needs no engine
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error --label-exclude engines
	@scripts/conformance $(BUILD)

test-engines: build ## build, then run on real engines: S3, SNS and SQS (moto, versitygw) and OpenSearch
	@scripts/test-engines $(BUILD)

demo: packages ## a small lab, stored, processed and searchable (DEMO_ONCE=1 ends by itself; SOURCE=<dir>)
	cmake --preset release --log-level=WARNING
	cmake --build $(BUILD) -j $(JOBS) --target seshat seshat-statistics
	@scripts/demo

bench: packages ## measure against floors and peers, and print one table (FULL=1: the large sizes)
	cmake --preset release --log-level=WARNING
	cmake --build $(BUILD) -j $(JOBS) --target bench_rescan bench_migrate bench_session_memory bench_checksum bench_event_bus bench_http \
	  bench_search bench_search_opensearch seshat
	@scripts/bench $(BUILD)

format: packages ## format our C++ files
	@scripts/sources | xargs -r clang-format-19 -i

check-format: packages ## fail when a C++ file is not formatted, or a text is torn or names a file that is not there
	@scripts/sources | xargs -r clang-format-19 --dry-run --Werror
	@scripts/check-words --self-test
	@scripts/check-words

tidy: packages ## clang-tidy over our C++ files
	cmake --preset release --log-level=WARNING
	scripts/tidy $(BUILD)

asan: packages ## every part under AddressSanitizer and UndefinedBehaviorSanitizer (not the whole program from outside)
	cmake --preset asan --log-level=WARNING
	cmake --build build/asan -j $(JOBS)
	ctest --test-dir build/asan --output-on-failure --no-tests=error --label-exclude "heavy|system|engines"
	@scripts/fuzz 30

fuzz: packages ## the query language under libFuzzer (FUZZ_SECONDS=60)
	@scripts/fuzz $(or $(FUZZ_SECONDS),60)

install: packages ## install the program under PREFIX (default /usr/local)
	cmake --preset release --log-level=WARNING
	cmake --build $(BUILD) -j $(JOBS) --target seshat seshat-statistics
	cmake --install $(BUILD) --prefix $(PREFIX)

clean: ## remove build/
	rm -rf build
