# shellcheck shell=bash disable=SC2034,SC2154 # variables for and of the tests
# Shared by the container tests. Sourced by run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LAB=
# A unique name, since other runs of these tests may build at the same time.
IMAGE=agent-gate:container-test-$$

# The simulated API accepts any UUIDs and keys. These keys are easy to find if they leak.
AGENT=11111111-1111-4111-8111-111111111111
SCENARIO=22222222-2222-4222-8222-222222222222
API_KEY=leak-me-not-api-key
SECRET_KEY=leak-me-not-secret-key

# A criterion that no run can meet.
IMPOSSIBLE='total_calls >= 1000000'

skip() {
	printf 'SKIPPED: %s (%s)\n' "$1" "$2"
	[[ -z ${SKIPS-} ]] || printf 'SKIPPED: %s (%s)\n' "$1" "$2" >>"$SKIPS"
}

# find_lab: sets LAB to the folder of the container lab, if the machine can use it.
find_lab() {
	local dir=${AGENT_GATE_LAB-$ROOT/../shared/lab}
	[[ -x $dir/up && -r /etc/debian_version ]] && (($(id -u) == 0)) &&
		command -v node >/dev/null && command -v npm >/dev/null || return 1
	LAB=$(cd "$dir" && pwd -P)
}

# source_tree DIR: copies the project as it is now into a new repository, so that nothing is
# written to the working copy.
source_tree() {
	local file
	mkdir -p "$1"
	(
		cd "$ROOT" || exit
		while IFS= read -r -d '' file; do
			[[ ! -e $file ]] || printf '%s\0' "$file"
		done < <(git ls-files -z --cached --others --exclude-standard --deduplicate) |
			tar -c --null -T - | tar -x -C "$1"
	)
	repository "$1"
}

# repository DIR: turns a folder into a git repository with one commit.
repository() {
	git -C "$1" init -q -b main
	git -C "$1" add -A
	git -C "$1" -c user.name=test -c user.email=test@example.com commit -q -m test
	git -C "$1" remote add origin https://github.com/example/project.git
}

# build_image ARG...: builds the image; shows the log only on failure.
build_image() {
	docker build -t "$IMAGE" "$@" "$work/source" >"$work/build.log" 2>&1 || {
		tail -n 40 "$work/build.log"
		return 1
	}
}

# drop_image: untags the image. Its layers stay cached for the next build.
drop_image() {
	if docker image inspect "$IMAGE" >/dev/null 2>&1; then
		docker tag "$IMAGE" agent-gate:container-test && docker rmi "$IMAGE" >/dev/null
	fi
}

pids=()
stop_servers() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# first_line FILE PID: waits for the first line that a server prints.
first_line() {
	local _
	for _ in {1..300}; do
		if [[ -s $1 ]] && (($(wc -l <"$1") > 0)); then
			head -n 1 "$1"
			return
		fi
		kill -0 "$2" 2>/dev/null || break
		sleep 0.1
	done
	echo "a server did not start:" >&2
	cat "$1" >&2
	return 1
}

# start_server NAME ARG...: starts the simulated API on a free port; sets SERVER to its URL, the
# first line it prints.
start_server() {
	local log=$work/$1.log
	shift
	[[ -x $work/agent-gate ]] || (cd "$work/source" && CGO_ENABLED=0 go build -o "$work/agent-gate" .)
	"$work/agent-gate" serve --listen 127.0.0.1:0 "$@" >"$log" 2>"$log.err" </dev/null &
	pids+=($!)
	SERVER=$(first_line "$log" $!)
}

# check WHAT COMMAND...: one assertion.
check() {
	local what=$1
	shift
	if "$@"; then
		echo "ok: $what"
	else
		echo "FAILED: $what"
		failures=$((failures + 1))
	fi
}

# is WHAT GOT WANT
is() {
	check "$1" [ "$2" = "$3" ]
	[ "$2" = "$3" ] || printf '    got  %s\n    want %s\n' "$2" "$3"
}

has() { grep -qF -- "$2" "$1"; }
lacks() { ! grep -qrF -- "$2" "$1"; }

# output FILE NAME: the last value of a name in an output file.
output() {
	awk -v name="$2" '
		end != "" { if ($0 == end) end = ""; else if (mine) value = $0; next }
		{
			eq = index($0, "="); doc = index($0, "<<")
			if (doc && (!eq || doc < eq)) {
				mine = substr($0, 1, doc - 1) == name
				end = substr($0, doc + 2)
			} else if (eq && substr($0, 1, eq - 1) == name) value = substr($0, eq + 1)
		}
		END { print value }' "$1"
}
