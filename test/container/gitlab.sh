# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The GitLab template, run by gitlab-ci-local as a job in the image. Sourced by run.

# Pinned, since the newest version needs a newer Node.
GITLAB_CI_LOCAL=gitlab-ci-local@4.61.0

# project DIR [FILE]: a project that uses the template as docs/gitlab.md says; FILE is appended
# to its .gitlab-ci.yml.
project() {
	mkdir -p "$1/ci"
	cp "$work/source/templates/gate.yml" "$1/ci/agent-gate.yml"
	cat "$ROOT/test/container/gitlab-ci.yml" ${2+"$2"} | sed "s/agent-gate:container-test/$IMAGE/" >"$1/.gitlab-ci.yml"
	repository "$1"
}

# pipeline NAME ARG...: runs a pipeline of the project $work/NAME, or only the job named as an
# argument; leaves the log in $work/NAME.log and the exit code in $status.
pipeline() {
	local name=$1
	shift
	status=0
	(cd "$work/$name" && gitlab --variable "AGENT_GATE_BASE_URL=$url" \
		--variable "AGENT_GATE_API_KEY=$key" --variable "AGENT_GATE_SECRET_KEY=${key:+$SECRET_KEY}" "$@") \
		>"$work/$name.log" 2>&1 || status=$?
}

# gitlab ARG...: gitlab-ci-local with a timeout that suits all these pipelines.
gitlab() {
	if [[ -n $LAB ]]; then
		timeout 600 "$LAB/gitlab" "$@"
	else
		timeout 600 npx --yes "$GITLAB_CI_LOCAL" --network host --pull-policy if-not-present "$@"
	fi
}

# told NAME WHAT WORDS: checks that the log of a pipeline contains the words, and shows it if
# not.
told() {
	check "$2" has "$work/$1.log" "$3"
	has "$work/$1.log" "$3" || sed 's/^/    | /' "$work/$1.log"
}

# signal_job NAME SIGNAL: sends a signal to the program in the job's container once it watches
# a run, as GitLab's runner does when a job is cancelled (TERM).
signal_job() {
	local container='' _
	for _ in {1..1200}; do
		if has "$work/$1.log" ' running: ' 2>/dev/null; then
			container=$(docker ps --format '{{.ID}} {{.Image}}' | awk -v image="$IMAGE" '
				substr($2, length($2) - length(image) + 1) == image { print $1; exit }')
			break
		fi
		sleep 0.1
	done
	[[ -n $container ]] || {
		echo "found no container of $IMAGE to end"
		return
	}
	# By name: each container has one such process.
	# shellcheck disable=SC2016 # for the shell in the container
	docker exec "$container" sh -c 'kill -"$1" "$(pidof agent-gate)"' sh "$2"
}

gitlab_tests() {
	local status dir file key=$API_KEY url=$SIMULATED
	if [[ -z $LAB ]] && ! command -v npx >/dev/null; then
		skip 'the GitLab job' 'no container lab and no npm'
		return
	fi
	build_image

	project "$work/gitlab-pass"
	pipeline gitlab-pass
	dir=$work/gitlab-pass
	is 'GitLab, a good agent: exit code' "$status" 0
	((status == 0)) || sed 's/^/    | /' "$dir.log"
	check 'GitLab, a good agent: a JUnit report' has "$dir/agent-gate-junit.xml" '<testsuite'
	check 'GitLab, a good agent: a JSON report' has "$dir/agent-gate.json" agent-gate/report/v1
	check 'GitLab, a good agent: metrics' has "$dir/agent-gate-metrics.txt" '# EOF'
	check 'GitLab, a good agent: a file of links, empty since the simulated API has no dashboard' has "$dir/agent-gate-annotations.json" '{'
	check 'GitLab, a good agent: the defaults are nothing to warn of' lacks "$dir.log" 'warning:'
	check 'GitLab, a good agent: an HTML report' has "$dir/agent-gate.html" '<html'
	check 'GitLab, a good agent: a summary' [ -s "$dir/agent-gate.md" ]
	check 'GitLab, a good agent: a later job reads the verdict' has "$dir.log" 'the verdict is pass'
	check 'GitLab, a good agent: no key in the log' lacks "$dir.log" leak-me-not
	check 'GitLab: the job has the name of the input' grep -q '^agent-gate-again ' "$dir.log"
	check 'GitLab: the stage is that of the input' grep -qE '^agent-gate-again +.*deploy|agent-gate-again +deploy' <(cd "$dir" && gitlab --list 2>/dev/null)

	# What GitLab checks about the inputs before any job. gitlab-ci-local does not support regex:
	# test/project checks those.
	local wrong
	for wrong in 'rerun-attempts: 9' 'stage: [deploy]' 'soft-fail: "perhaps"'; do
		project "$work/gitlab-wrong"
		sed -i "0,/^      rerun-attempts: 1$/s//      $wrong/" "$work/gitlab-wrong/.gitlab-ci.yml"
		status=0
		(cd "$work/gitlab-wrong" && gitlab --list) >"$work/gitlab-wrong.log" 2>&1 || status=$?
		check "GitLab refuses $wrong" [ "$status" -ne 0 ]
		rm -rf "$work/gitlab-wrong"
	done

	project "$work/gitlab-fail"
	pipeline gitlab-fail --variable "AGENT_GATE_CRITERIA=$IMPOSSIBLE"
	dir=$work/gitlab-fail
	check 'GitLab, a bad agent: the pipeline fails' [ "$status" -ne 0 ]
	check 'GitLab, a bad agent: a JUnit report all the same' has "$dir/agent-gate-junit.xml" '<failure'
	check 'GitLab, a bad agent: an HTML report all the same' has "$dir/agent-gate.html" '<html'
	check 'GitLab, a bad agent: the deployment does not run' lacks "$dir.log" 'the verdict is'

	# Exit codes that the project allows, and others.
	cat >"$work/advisory.yml" <<-'END'

		agent-gate:
		  allow_failure:
		    exit_codes: [1, 4]
		agent-gate-again:
		  rules:
		    - when: never
	END
	project "$work/gitlab-advisory" "$work/advisory.yml"
	pipeline gitlab-advisory --variable "AGENT_GATE_CRITERIA=$IMPOSSIBLE"
	is 'GitLab, a bad agent that is forgiven: exit code' "$status" 0
	told gitlab-advisory 'GitLab, a bad agent that is forgiven: a warning' 'WARN 1'
	told gitlab-advisory 'GitLab, a bad agent that is forgiven: a later job reads the verdict' 'the verdict is fail'
	# gitlab-ci-local only marks the job: its pipeline continues whatever the exit code.
	pipeline gitlab-advisory agent-gate --variable AGENT_GATE_CRITERIA=nonsense
	told gitlab-advisory 'GitLab, a mistake is not forgiven: a failure' 'FAIL 2'

	project "$work/gitlab-fork"
	key=
	pipeline gitlab-fork agent-gate
	check 'GitLab, a fork without keys: the job fails' [ "$status" -ne 0 ]
	told gitlab-fork 'GitLab, a fork without keys: it says why' api-key
	pipeline gitlab-fork agent-gate --variable AGENT_GATE_ON_MISSING_CREDENTIALS=skip
	is 'GitLab, a fork that may pass: exit code' "$status" 0
	check 'GitLab, a fork that may pass: skipped, not passed' has "$work/gitlab-fork/agent-gate.json" '"skipped"'
	key=$API_KEY

	start_server gitlab-flaky --story flaky --speed 1000
	url=$SERVER
	project "$work/gitlab-rerun"
	pipeline gitlab-rerun agent-gate --variable 'AGENT_GATE_CRITERIA=success_rate >= 100'
	is 'GitLab, a rerun: exit code' "$status" 0
	told gitlab-rerun 'GitLab, a rerun: it says so' Rerunning

	# A run that never ends.
	start_server gitlab-stuck --story stuck
	url=$SERVER
	for file in TERM KILL; do
		project "$work/gitlab-$file"
		# Ends anyway if that fails.
		pipeline "gitlab-$file" agent-gate --variable AGENT_GATE_TIMEOUT=2m &
		signal_job "gitlab-$file" "$file"
		wait $! || true
	done
	dir=$work/gitlab-TERM
	told gitlab-TERM 'GitLab, a cancelled job: it ends with 143' 143
	check 'GitLab, a cancelled job: a JSON report all the same' has "$dir/agent-gate.json" '"exit_code": 143'
	check 'GitLab, a cancelled job: what it started is cancelled' grep -qE '"reason": .*execution .*cancel' "$dir/agent-gate.json"
	told gitlab-KILL 'GitLab, a killed job: after_script cancels what it left' 'Cleanup: execution'
}

gitlab_tests
