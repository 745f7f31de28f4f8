# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# Measures the parts of a step's start, as a table for docs/github.md. It is not run by default,
# because it checks nothing. Sourced by run.

TIMES=5 # the median counts

# took COMMAND...: runs it and prints how many milliseconds it took.
took() {
	local start=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1 </dev/null || return
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

# median COMMAND...: prints the median time.
median() {
	local i
	for ((i = 0; i < TIMES; i++)); do took "$@" || return; done | sort -n | sed -n "$((TIMES / 2 + 1))p"
}

# row PART MILLISECONDS
row() { printf '| %s | %d.%03d s |\n' "$1" $(($2 / 1000)) $(($2 % 1000)) ; }

# first_request COMMAND...: prints the milliseconds from the start of a command to its first
# request, which ends it.
first_request() {
	local log=$work/first start now server url
	: >"$log"
	node -e '
		const server = require("http").createServer((req, res) => {
			console.log(Date.now()); res.writeHead(401); res.end("{}"); });
		server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
	' >"$log" 2>&1 &
	server=$! # not for stop_servers: this is a subshell
	url=$(first_line "$log" "$server")
	start=${EPOCHREALTIME/./}
	"$@" "--base-url=$url" >/dev/null 2>&1 </dev/null || true
	kill "$server"
	wait "$server" || true
	now=$(sed -n 2p "$log")
	echo $((now - start / 1000))
}

startup_tests() {
	local bytes gate
	gate=(run "--api-key=$API_KEY" "--secret-key=$SECRET_KEY" "--run-test-id=$AGENT" --min-success-rate=1% --dry-run)

	printf '| part of the start | time |\n|---|---|\n'
	row "build of the image, no layer there, but Go's build cache" "$(took docker build --no-cache -t "$IMAGE" "$work/source")"
	row 'build of the image, everything there' "$(median docker build -t "$IMAGE" "$work/source")"
	docker save "$IMAGE" -o "$work/image.tar"
	bytes=$(gzip -c "$work/image.tar" | wc -c)
	row "unpacking the image of $((bytes / 1000000)).$((bytes / 100000 % 10)) MB (compressed)" "$(median docker load -i "$work/image.tar")"
	row 'a container that does nothing, from start to end' "$(median docker run --rm --entrypoint /bin/true "$IMAGE")"
	row 'a container in which the program says its version, from start to end' "$(median docker run --rm "$IMAGE" version)"
	row 'a container, from its start to the first request' "$(first_request docker run --rm --network host "$IMAGE" "${gate[@]}")"
	row 'the program alone, saying its version' "$(median "$work/agent-gate" version)"
	row 'the program alone, from its start to the first request' "$(first_request "$work/agent-gate" "${gate[@]}")"
}

startup_tests
