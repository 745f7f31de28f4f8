# One image for both: GitHub starts it as a docker action, GitLab runs a job in it.

FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine@sha256:8ac98ca534ac3f51e1f420a1dd2c15e74c75cfa0f23f3ad27eb5d7236c349a0c AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# VERSION is the release, such as 1.2.3. Without it the program reports what Go knows.
ARG TARGETOS TARGETARCH VERSION
# Static and reproducible: without build paths and timestamps. Without inlining in our own code it is 5 % smaller.
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -gcflags=github.com/agent-gate/agent-gate/...=-l \
    -ldflags "-s -w -buildid= ${VERSION:+-X main.version=$VERSION}" \
    -o /rootfs/usr/local/bin/agent-gate .
# GitHub's post step starts a program without arguments; under this name it cleans up.
RUN ln -s agent-gate /rootfs/usr/local/bin/agent-gate-cleanup && \
    mkdir -p /rootfs/etc/ssl/certs && cp /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ && \
    mkdir -m 1777 /rootfs/tmp

FROM alpine:3.22.5@sha256:14358309a308569c32bdc37e2e0e9694be33a9d99e68afb0f5ff33cc1f695dce AS shell

# GitLab runs the job's script with a shell in this image. The rest of Alpine, mostly the
# package manager, is not needed.
FROM scratch
COPY --from=shell /bin /bin
COPY --from=shell /lib /lib
COPY --from=shell /usr/bin /usr/bin
COPY --from=shell /etc/passwd /etc/group /etc/
ENV PATH=/usr/local/bin:/usr/bin:/bin
ARG VERSION REVISION
LABEL org.opencontainers.image.title="agent-gate" \
      org.opencontainers.image.description="A CI/CD gate for AI agents: runs Future AGI simulations and fails the build when the agent is not good enough" \
      org.opencontainers.image.source="https://github.com/agent-gate/agent-gate" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /rootfs/ /
# No USER: GitHub mounts the files for outputs and the summary so that only root can write them.
# https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support#user
# No WORKDIR: GitHub sets it to the workspace.
# Exec form: a shell would drop the variables of the inputs, whose names have hyphens
# (INPUT_API-KEY), and would not forward signals.
ENTRYPOINT ["/usr/local/bin/agent-gate"]
