# The checks of .ci/run, which CI runs, each as a target of its name: make lint, make test.
# `make` or `make check` runs all of them.

CHECKS := $(shell .ci/run --list)
NIGHTLY := reproduce startup

.PHONY: check demo-run image $(CHECKS) $(NIGHTLY)

check:
	.ci/run

$(CHECKS) $(NIGHTLY):
	.ci/run $@

# A look at the program, and at the image.
demo-run:
	go run . demo

image:
	docker build -t agent-gate .
