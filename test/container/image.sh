# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The image: small, with what GitHub and GitLab need. Sourced by run.

image_tests() {
	local size
	build_image --build-arg VERSION=1.2.3 --build-arg REVISION=abc
	size=$(docker image inspect --format '{{.Size}}' "$IMAGE")
	echo "image size: $size bytes"
	check 'the image is under 20 MB' [ "$size" -lt 20000000 ]
	is 'the entry point is the program, without a shell' \
		"$(docker image inspect --format '{{json .Config.Entrypoint}}' "$IMAGE")" '["/usr/local/bin/agent-gate"]'
	is 'it runs as root' "$(docker run --rm --entrypoint id "$IMAGE" -u)" 0
	check 'it has a shell' docker run --rm --entrypoint sh "$IMAGE" -c true
	check 'it has CA certificates' docker run --rm --entrypoint sh "$IMAGE" -c \
		'grep -q BEGIN /etc/ssl/certs/ca-certificates.crt'
	docker run --rm "$IMAGE" version >"$work/version" || true
	check 'it knows its version' has "$work/version" 1.2.3
	docker run --rm --entrypoint /usr/local/bin/agent-gate-cleanup "$IMAGE" --help >"$work/cleanup-help" || true
	check 'it cleans up by another name' has "$work/cleanup-help" cleanup
	is 'it says where it comes from' \
		"$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$IMAGE")" abc
}

image_tests
