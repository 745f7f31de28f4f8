# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The action, as GitHub starts it: inputs in, outputs, summary, exit code out.
# Sourced by run.

# act_on NAME INPUT=VALUE...: runs the action; leaves its log, outputs, summary and
# workspace in $work/NAME, and its exit code in $status.
act_on() {
	local dir=$work/$1
	shift
	mkdir -p "$dir/workspace"
	status=0
	if [[ -n $LAB ]]; then
		"$LAB/docker-action" --quiet --action "$work/source" --workspace "$dir/workspace" --out "$dir" \
			"${lab_options[@]}" "$@" >"$dir/log" 2>&1 || status=$?
	else
		docker_action "$dir" "$@" >"$dir/log" 2>&1 || status=$?
	fi
}

# docker_action DIR INPUT=VALUE...: the mounts and variables of GitHub's runner that
# matter here.
docker_action() {
	local dir=$1 input name options=()
	shift
	for input; do
		name=${input%%=*}
		options+=(-e "INPUT_${name^^}=${input#*=}")
	done
	: >"$dir/outputs"
	: >"$dir/summary"
	docker run --rm --network host --workdir /github/workspace \
		-v "$dir/workspace:/github/workspace" -v "$dir:/github/file_commands" \
		-e CI=true -e GITHUB_ACTIONS=true -e GITHUB_RUN_ID=1 -e GITHUB_RUN_ATTEMPT=1 \
		-e GITHUB_REPOSITORY=example/project -e GITHUB_JOB=test -e GITHUB_WORKSPACE=/github/workspace \
		-e GITHUB_OUTPUT=/github/file_commands/outputs -e GITHUB_STEP_SUMMARY=/github/file_commands/summary \
		"${options[@]}" "$IMAGE"
}

# gate NAME INPUT=VALUE...: the action on the server at $url.
gate() {
	act_on "$1" "base-url=$url" "api-key=$API_KEY" "secret-key=$SECRET_KEY" \
		"agent-definition-id=$AGENT" "scenario-ids=$SCENARIO" poll-min-interval=100ms "${@:2}"
}

# log NAME: shows the log of a run that did not do what it should.
log() { sed 's/^/    | /' "$work/$1/log"; }

action_tests() {
	local status lab_options=() dir file url=$SIMULATED

	[[ -n $LAB ]] || build_image

	gate pass min-success-rate=1 json-report=reports/gate.json junit-report=reports/gate.xml
	dir=$work/pass
	is 'a good agent: exit code' "$status" 0
	((status == 0)) || log pass
	is 'a good agent: output verdict' "$(output "$dir/outputs" verdict)" pass
	is 'a good agent: output exit-code' "$(output "$dir/outputs" exit-code)" 0
	check 'a good agent: output test-execution-id' grep -qE '^[0-9a-f-]{36}$' <(output "$dir/outputs" test-execution-id)
	check 'a good agent: a job summary' [ -s "$dir/summary" ]
	check 'a good agent: a JSON report' has "$dir/workspace/reports/gate.json" agent-gate/report/v1
	check 'a good agent: a JUnit report' has "$dir/workspace/reports/gate.xml" '<testsuite'
	# Masking a key prints it, once, in the one command that GitHub takes out of the log.
	grep -v '^::add-mask::' "$dir/log" >"$dir/shown" || true
	for file in shown outputs summary workspace; do
		check "no key in $file" lacks "$dir/$file" leak-me-not
	done

	gate fail "criteria=$IMPOSSIBLE"
	is 'a bad agent: exit code' "$status" 1
	((status == 1)) || log fail
	is 'a bad agent: output verdict' "$(output "$work/fail/outputs" verdict)" fail
	check 'a bad agent: the summary names the criterion' has "$work/fail/summary" total
	check 'a bad agent: an error annotation' grep -q '^::error' "$work/fail/log"

	gate mistake min-success-rate=ninety poll-min-interval=soon
	is 'mistakes in inputs: exit code' "$status" 2
	check 'mistakes in inputs: the first is named' has "$work/mistake/log" min-success-rate
	check 'mistakes in inputs: so is the second' has "$work/mistake/log" poll-min-interval

	if [[ -z $LAB ]]; then
		skip 'cancelling the action' 'no container lab'
		return
	fi
	# A server that takes connections and never answers keeps the action waiting.
	node -e 'const s = require("net").createServer(() => {});
		s.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + s.address().port))' >"$work/silent" &
	pids+=($!)
	url=$(first_line "$work/silent" $!)
	lab_options=(--signal INT --after 1)
	gate cancelled min-success-rate=1
	is 'a cancelled job: exit code' "$status" 130
	((status == 130)) || log cancelled

	# A run that never ends by itself.
	start_server stuck --story stuck
	url=$SERVER
	lab_options=(--signal KILL --after 3 --post)
	gate killed min-success-rate=1
	is 'a killed job: exit code' "$status" 137
	check 'a killed job: the post step cancels what it left' grep -qi '^cleanup: .*cancel' "$work/killed/log"
	grep -qi '^cleanup: .*cancel' "$work/killed/log" || log killed
}

action_tests
