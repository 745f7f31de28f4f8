# Each check of .ci/run, which CI runs, is a target: make lint, make test.
# `make` or `make check` runs all of them.

CHECKS := $(shell .ci/run --list)
NIGHTLY := reproduce startup

.PHONY: check demo-run image $(CHECKS) $(NIGHTLY)

check:
	.ci/run

$(CHECKS) $(NIGHTLY):
	.ci/run $@

# Try the program, or build the image.
demo-run:
	go run . demo

image:
	docker build -t agent-gate .
