# Short names for long commands. Everything runs on loopback and free ports.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
# The same for all that is built for speed, so that it is built once.
RELEASE_FLAGS := -c release --static-swift-stdlib $(SWIFT_FLAGS)
VENV := .venv
PACKAGES := libmicrohttpd-dev libsimdjson-dev zlib1g-dev g++ luajit pkg-config curl openssl python3-venv

.PHONY: setup build release demo run test unit docs simulate openapi check-contract bench judgement \
	crashtest fuzz sanitize hostile soak clean

# The system packages; the only step that needs root.
setup:
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing; \
	fi

build: setup
	swift build $(SWIFT_FLAGS)

release: setup
	swift build $(RELEASE_FLAGS) --product kong-rollouts

# One rollout promoted and one aborted on an embedded stand-in, with measured splits.
demo: build
	.build/debug/kong-rollouts demo

# The service on an embedded stand-in: http://127.0.0.1:8080, its proxy on http://127.0.0.1:8000.
run: build
	.build/debug/kong-rollouts serve --sandbox --sandbox-proxy 127.0.0.1:8000 --data ./data

# All tests: Swift's, then the contract's against the running program.
test: unit check-contract

# One at a time: the suites that search exhaustively would starve those that talk over sockets.
unit: setup
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build --no-parallel $(SWIFT_FLAGS)

check-contract: build $(VENV)/ready
	$(VENV)/bin/python Tests/EndToEnd/run.py .build/debug/kong-rollouts

$(VENV)/ready: Tests/EndToEnd/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet -r Tests/EndToEnd/requirements.txt
	touch $@

# What is written from the code: the state machine's tables.
docs: setup
	WRITE_DOCS=1 swift test $(SWIFT_FLAGS) --filter TransitionTableTests

# Seeded worlds that fail: SEEDS=10000, FROM=1; SEED=7 shows one; BUG=stable-first plants a bug.
simulate: setup
	swift build $(RELEASE_FLAGS) --product simulate
	.build/release/simulate $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1000) --from $(or $(FROM),1)) \
	  $(if $(BUG),--bug $(BUG))

# The contract as the program serves it.
openapi: $(VENV)/ready
	$(VENV)/bin/python openapi/embed.py

# kill -9 and SIGTERM at random moments under load, and a full disk; compares what is left with
# what was promised. A failure names its seed.
ROUNDS ?= 200
crashtest: release
	python3 -B Tests/Crash/run.py .build/release/kong-rollouts --rounds $(ROUNDS) --seed $(or $(SEED),20261123)

# Broken inputs for every parser; what breaks a law is left in Tests/Fuzzing/Corpus.
fuzz: setup
	swift build $(RELEASE_FLAGS) --product fuzz
	.build/release/fuzz --minutes $(or $(MINUTES),10) --seed $(or $(SEED),20261123)

# The tests under the address sanitizer and the thread sanitizer, each built apart.
sanitize: setup
	Tests/Sanitizing/run

# Slow, idle, greedy and broken clients; others must hardly notice.
hostile: release
	python3 -B Tests/Hostile/run.py .build/release/kong-rollouts

# Mixed load for long; memory and descriptors must stay flat.
soak: release
	python3 -B Tests/Soak/run.py .build/release/kong-rollouts --minutes $(or $(MINUTES),15)

# False alarms and delays of the judgement beside other rules, over simulated rollouts.
judgement: setup
	swift run $(RELEASE_FLAGS) judgement-study

# Side by side with peers, in one run; writes Benchmarks/README.md.
bench: release
	swift build $(RELEASE_FLAGS) --product judgement-study
	Benchmarks/run

clean:
	rm -rf .build $(VENV)
