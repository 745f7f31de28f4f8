# Short names for the commands of CONTRIBUTING.md.

.PHONY: check test demo build image

check:
	.ci/run

test:
	go test -race -shuffle=on ./...

demo:
	go run . demo

build:
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o agent-gate .

image:
	docker build -t agent-gate .
