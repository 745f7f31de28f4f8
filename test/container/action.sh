# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The action, as GitHub starts it: inputs in, outputs, summary, exit code out.
# Sourced by run.

# act_on NAME INPUT=VALUE...: runs the action; leaves its log, outputs, summary and workspace
# in $work/NAME, and its exit code in $status. With $signal and $after the job is cancelled
# (INT) or killed (KILL) that many seconds after its start; with $post the post step runs too.
act_on() {
	local dir=$work/$1 options=()
	shift
	mkdir -p "$dir/workspace"
	status=0
	if [[ -n $LAB ]]; then
		# The lab has no matrix, which is the default of comment-key; the workflow under act does.
		[[ -z $signal ]] || options+=(--signal "$signal" --after "$after")
		[[ -z $post ]] || options+=(--post)
		"$LAB/docker-action" --quiet --action "$work/source" --workspace "$dir/workspace" --out "$dir" \
			"${options[@]}" comment-key=null "$@" >"$dir/log" 2>&1 || status=$?
	else
		docker_action "$dir" "$@" >"$dir/log" 2>&1 || status=$?
	fi
}

# docker_action DIR INPUT=VALUE...: what matters here of GitHub's runner: mounts, variables,
# signals, and the post step with the state that the main step saved.
docker_action() {
	local dir=$1 name=agent-gate-test-$$-${1##*/} input key options=() status=0 run
	shift
	for input; do
		key=${input%%=*}
		options+=(-e "INPUT_${key^^}=${input#*=}")
	done
	options+=(--network host --workdir /github/workspace
		-v "$dir/workspace:/github/workspace" -v "$dir:/github/file_commands"
		-e CI=true -e GITHUB_ACTIONS=true -e GITHUB_RUN_ID=1 -e GITHUB_RUN_ATTEMPT=1
		-e GITHUB_REPOSITORY=example/project -e GITHUB_JOB=test -e GITHUB_WORKSPACE=/github/workspace
		-e GITHUB_OUTPUT=/github/file_commands/outputs -e GITHUB_STEP_SUMMARY=/github/file_commands/summary
		-e GITHUB_STATE=/github/file_commands/state)
	: >"$dir/outputs"
	: >"$dir/summary"
	: >"$dir/state"
	docker run --rm --name "$name" "${options[@]}" "$IMAGE" &
	run=$!
	[[ -z $signal ]] || end_container "$name" "$run"
	wait "$run" || status=$?
	if [[ -n $post ]]; then
		docker run --rm "${options[@]}" -e "STATE_record=$(output "$dir/state" record)" \
			--entrypoint /usr/local/bin/agent-gate-cleanup "$IMAGE" || ((status)) || status=$?
	fi
	return "$status"
}

# end_container NAME PID: sends the signals of a cancelled job, or SIGKILL. PID is the client,
# which ends with the container.
end_container() {
	local name=$1 run=$2 now _
	for _ in {1..100}; do
		[[ $(docker inspect --format '{{.State.Running}}' "$name" 2>/dev/null) != true ]] || break
		sleep 0.1
	done
	sleep "$after"
	for now in "$signal" TERM KILL; do
		kill -0 "$run" 2>/dev/null || return 0
		echo "sending SIG$now"
		docker kill --signal "$now" "$name" >/dev/null 2>&1 || return 0
		for _ in {1..75}; do
			kill -0 "$run" 2>/dev/null || return 0
			sleep 0.1
		done
	done
}

# gate NAME INPUT=VALUE...: runs the action against the server at $url.
gate() {
	act_on "$1" "base-url=$url" "api-key=$API_KEY" "secret-key=$SECRET_KEY" \
		"agent-definition-id=$AGENT" "scenario-ids=$SCENARIO" poll-min-interval=100ms "${@:2}"
}

# ended NAME STATUS WHAT: compares the exit code, and shows the log if it differs.
ended() {
	is "$3: exit code" "$status" "$2"
	[[ $status == "$2" ]] || sed 's/^/    | /' "$work/$1/log"
}

action_tests() {
	local status signal='' after='' post='' dir file url=$SIMULATED

	[[ -n $LAB ]] || build_image

	gate pass min-success-rate=1% json-report=reports/gate.json junit-report=reports/gate.xml
	dir=$work/pass
	ended pass 0 'a good agent'
	is 'a good agent: output verdict' "$(output "$dir/outputs" verdict)" pass
	is 'a good agent: output exit-code' "$(output "$dir/outputs" exit-code)" 0
	check 'a good agent: output test-execution-id' grep -qE '^[0-9a-f-]{36}$' <(output "$dir/outputs" test-execution-id)
	check 'a good agent: a job summary' [ -s "$dir/summary" ]
	check 'a good agent: a JSON report' has "$dir/workspace/reports/gate.json" agent-gate/report/v1
	check 'a good agent: a JUnit report' has "$dir/workspace/reports/gate.xml" '<testsuite'
	# Masking prints a key once, in the one command that GitHub removes from the log.
	grep -v '^::add-mask::' "$dir/log" >"$dir/shown" || true
	for file in shown outputs summary workspace; do
		check "no key in $file" lacks "$dir/$file" leak-me-not
	done

	gate fail "criteria=$IMPOSSIBLE"
	ended fail 1 'a bad agent'
	is 'a bad agent: output verdict' "$(output "$work/fail/outputs" verdict)" fail
	check 'a bad agent: the summary names the criterion' has "$work/fail/summary" total
	check 'a bad agent: an error annotation' grep -q '^::error' "$work/fail/log"

	gate mistake min-success-rate=ninety poll-min-interval=soon
	ended mistake 2 'mistakes in inputs'
	check 'mistakes in inputs: the first is named' has "$work/mistake/log" min-success-rate
	check 'mistakes in inputs: so is the second' has "$work/mistake/log" poll-min-interval

	# The runner also sets inputs without a value, to the empty string.
	gate fork api-key= secret-key= min-success-rate=1%
	ended fork 2 'a fork without keys'
	is 'a fork without keys: output verdict' "$(output "$work/fork/outputs" verdict)" error
	is 'a fork without keys: nothing was started' "$(output "$work/fork/outputs" test-execution-id)" ''
	gate fork-skip api-key= secret-key= min-success-rate=1% on-missing-credentials=skip
	ended fork-skip 0 'a fork that may pass'
	is 'a fork that may pass: output verdict' "$(output "$work/fork-skip/outputs" verdict)" skipped
	is 'a fork that may pass: nothing was started' "$(output "$work/fork-skip/outputs" test-execution-id)" ''

	start_server flaky --story flaky --speed 1000
	url=$SERVER
	gate rerun 'criteria=success_rate >= 100' rerun-attempts=1
	ended rerun 0 'a rerun'
	check 'a rerun: output flaky-calls' [ "$(output "$work/rerun/outputs" flaky-calls)" -gt 0 ]
	check 'a rerun: output rerun-calls' [ "$(output "$work/rerun/outputs" rerun-calls)" -gt 0 ]

	# A server that accepts connections and never answers keeps the action waiting.
	node -e 'const s = require("net").createServer(() => {});
		s.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + s.address().port))' >"$work/silent" &
	pids+=($!)
	url=$(first_line "$work/silent" $!)
	signal=INT after=1
	gate waiting min-success-rate=1%
	ended waiting 130 'a job cancelled while the API is silent'
	check 'a job cancelled while the API is silent: it ends before the next signal' lacks "$work/waiting/log" 'sending SIGTERM'

	# A run that never ends.
	start_server stuck --story stuck
	url=$SERVER
	signal=INT after=6
	gate cancelled min-success-rate=1%
	ended cancelled 130 'a job cancelled in the middle'
	check 'a job cancelled in the middle: it ends before the next signal' lacks "$work/cancelled/log" 'sending SIGTERM'
	is 'a job cancelled in the middle: output verdict' "$(output "$work/cancelled/outputs" verdict)" error
	is 'a job cancelled in the middle: output exit-code' "$(output "$work/cancelled/outputs" exit-code)" 130
	check 'a job cancelled in the middle: the summary says so' has "$work/cancelled/summary" interrupted
	check 'a job cancelled in the middle: what it started is cancelled' grep -qiE 'execution .*cancel' "$work/cancelled/summary"

	signal=KILL post=1
	gate killed min-success-rate=1%
	ended killed 137 'a killed job'
	check 'a killed job: the post step cancels what it left' grep -qi '^cleanup: .*cancel' "$work/killed/log"
	grep -qi '^cleanup: .*cancel' "$work/killed/log" || sed 's/^/    | /' "$work/killed/log"
}

action_tests
