# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The image: small, but with what GitHub and GitLab need. Sourced by run.

# same_program: the program in the image equals the one in the release archive, if the machine
# has the same Go.
same_program() {
	local one two
	if ! has "$work/version" "($(go env GOVERSION),"; then
		skip 'that the image has the program of the release' 'another Go than in the Dockerfile'
		return
	fi
	(cd "$work/source" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -gcflags=github.com/agent-gate/agent-gate/...=-l \
		-ldflags '-s -w -buildid= -X main.version=1.2.3' -o "$work/release-program" .)
	one=$(docker run --rm --entrypoint sha256sum "$IMAGE" /usr/local/bin/agent-gate)
	two=$(sha256sum <"$work/release-program")
	is 'it has the program of the release, bit by bit' "${one%% *}" "${two%% *}"
}

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
	same_program
	docker run --rm --entrypoint /usr/local/bin/agent-gate-cleanup "$IMAGE" --help >"$work/cleanup-help" || true
	check 'it cleans up by another name' has "$work/cleanup-help" cleanup
	is 'it says where it comes from' \
		"$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.revision"}}' "$IMAGE")" abc
}

# authority_tests: the image reaches an API whose certificate authority is only in a mounted
# file, as docs/network.md says.
authority_tests() {
	local dir=$work/authority url status=0
	if ! command -v node >/dev/null || ! command -v openssl >/dev/null; then
		skip 'a private certificate authority' 'no node or no openssl'
		return
	fi
	mkdir "$dir"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=test \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$dir/key.pem" -out "$dir/authority.pem" 2>/dev/null
	node -e '
		const fs = require("fs"), http = require("http"), dir = process.argv[1];
		const pem = { key: fs.readFileSync(dir + "/key.pem"), cert: fs.readFileSync(dir + "/authority.pem") };
		const server = require("https").createServer(pem, (request, response) => {
			const { method, headers } = request;
			request.pipe(http.request(process.argv[2] + request.url, { method, headers }, answer => {
				response.writeHead(answer.statusCode, answer.headers);
				answer.pipe(response);
			}));
		});
		server.listen(0, "127.0.0.1", () => console.log("https://127.0.0.1:" + server.address().port));
	' "$dir" "$SIMULATED" >"$dir/address" &
	pids+=($!)
	url=$(first_line "$dir/address" $!)
	docker run --rm --network host -v "$dir/authority.pem:/authority.pem:ro" -e SSL_CERT_FILE=/authority.pem \
		-e "AGENT_GATE_BASE_URL=$url" -e "AGENT_GATE_API_KEY=$API_KEY" -e "AGENT_GATE_SECRET_KEY=$SECRET_KEY" \
		"$IMAGE" run --run-test-id "$AGENT" --criteria 'total_calls >= 1' --poll-min-interval 50ms >"$dir/log" 2>&1 || status=$?
	is 'a mounted authority: exit code' "$status" 0
	((status == 0)) || cat "$dir/log"
	status=0
	docker run --rm --network host -e "AGENT_GATE_BASE_URL=$url" -e "AGENT_GATE_API_KEY=$API_KEY" -e "AGENT_GATE_SECRET_KEY=$SECRET_KEY" \
		"$IMAGE" run --run-test-id "$AGENT" --criteria 'total_calls >= 1' >"$dir/log" 2>&1 || status=$?
	is 'an unknown authority: exit code' "$status" 3
	check 'an unknown authority: the log says so' has "$dir/log" 'certificate signed by unknown authority'
}

image_tests
authority_tests
