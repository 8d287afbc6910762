# What a person and CI run. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help up demo down status reset test lint fmt import rebuild bench crash crash-mutants kills fuzz s3 helm images

# cargo where rustup puts it
export PATH := $(PATH):$(HOME)/.cargo/bin

# What rustfmt is given: `cargo fmt` does not see the modules of tests/it, which no file lists.
RUST_FILES = $(or $(wildcard $(shell git ls-files -co --exclude-standard '*.rs')),$(error this is no git checkout))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## install, build and start everything, with sample posts in it
	@dev/up

demo: ## the same with the posts of a folder in their place (DIR=path), and addresses to look at
	@dev/demo $(DIR)

down: ## stop everything; the data stays
	@dev/stack down

status: ## what runs, and where
	@dev/stack status

reset: ## delete the data (after make down)
	@dev/stack reset

test: ## run all tests on a stack of their own (ARGS="-p domain": cargo's arguments)
	@dev/test $(ARGS)

lint: ## formatting, clippy, features, shellcheck; licences and bans where cargo-deny is installed
	@echo rustfmt --check; rustfmt --check $(RUST_FILES)
	cargo clippy --workspace --all-targets --locked -- -D warnings
	dev/features
	shellcheck -x dev/stack dev/up dev/demo dev/test dev/features dev/bench dev/crash dev/crash-mutants dev/fuzz dev/s3 dev/helm \
		dev/images images/root .ci/run \
		e2e/python/environment e2e/python/read-topics e2e/java/read-topics e2e/javascript/read-topics \
		e2e/python/validate-openapi e2e/python/client-journey e2e/typescript/client-journey e2e/conduit/run-collection \
		e2e/python/grpc-journey e2e/go/environment e2e/go/grpcurl-journey
	@if command -v cargo-deny >/dev/null; then cargo deny --offline check licenses bans sources; \
		else echo 'cargo-deny is not installed: deny.toml was not looked at'; fi

fmt: ## format the Rust code
	@rustfmt $(RUST_FILES)

import: ## import a folder of posts (DIR=path ARGS="--dry-run")
	@dev/stack exec command-services import $(or $(DIR),$(error DIR=path is missing)) $(ARGS)

rebuild: ## rebuild a read model from the log (VIEW=name)
	@dev/stack exec projection-services rebuild $(or $(VIEW),$(error VIEW=name is missing))

bench: ## run the benchmarks on a stack of their own (ARGS=…)
	@dev/bench $(ARGS)

crash: ## break the running system at random, and judge it (SECONDS=600 SEED=1 BROKERS=1 SLOW=1 REPARTITION=1 PREVIOUS=revision)
	@INKLOG_BROKERS=$(or $(BROKERS),1) INKLOG_PREVIOUS=$(PREVIOUS) dev/crash --seconds $(or $(SECONDS),600) \
		--seed $(or $(SEED),1) $(if $(SLOW),--slow --seed-seconds 600) \
		$(if $(REPARTITION),--repartition) $(ARGS)

crash-mutants: ## break the code on purpose, and see that the crash lab notices (NAMES="ignore-terms …")
	@dev/crash-mutants $(NAMES)

kills: ## kill instances a hundred times as posts come due, and see that each is released once (KILLS=100)
	@INKLOG_KILLS=$(or $(KILLS),100) dev/test -p e2e --test it -- every_schedule_is_carried_out_once

fuzz: ## send what the OpenAPI documents allow, and what they do not (ARGS="--seed 7 --max-examples 1000")
	@dev/fuzz $(ARGS)

s3: ## keep pictures and files in a server that speaks S3, and run the tests of them (ARGS: the tests' arguments)
	@dev/s3 $(ARGS)

helm: ## judge the Helm chart; UPDATE_GOLDEN=1 writes what it is rendered to (ARGS=server: ask a real API server, too)
	@dev/helm $(ARGS)

images: ## try without Docker what the images are made of (as root)
	@dev/images
