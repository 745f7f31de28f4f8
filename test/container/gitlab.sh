# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The GitLab template, run by gitlab-ci-local as a job in the image. Sourced by run.

# project DIR: a project that uses the template as docs/gitlab.md says.
project() {
	mkdir -p "$1/ci"
	cp "$work/source/templates/gate.yml" "$1/ci/agent-gate.yml"
	cp "$ROOT/test/container/gitlab-ci.yml" "$1/.gitlab-ci.yml"
	repository "$1"
}

# pipeline NAME ARG...: runs the project's pipeline; leaves the log in $work/NAME.log
# and the exit code in $status.
pipeline() {
	local name=$1
	shift
	status=0
	project "$work/$name"
	(cd "$work/$name" && "$LAB/gitlab" --variable "AGENT_GATE_BASE_URL=$SIMULATED" \
		--variable "AGENT_GATE_API_KEY=$API_KEY" --variable "AGENT_GATE_SECRET_KEY=$SECRET_KEY" "$@") \
		>"$work/$name.log" 2>&1 || status=$?
}

gitlab_tests() {
	local status dir
	if [[ -z $LAB ]]; then
		skip 'the GitLab job' 'no container lab'
		return
	fi
	build_image

	pipeline gitlab-pass
	dir=$work/gitlab-pass
	is 'GitLab, a good agent: exit code' "$status" 0
	((status == 0)) || sed 's/^/    | /' "$dir.log"
	check 'GitLab, a good agent: a JUnit report' has "$dir/agent-gate-junit.xml" '<testsuite'
	check 'GitLab, a good agent: a JSON report' has "$dir/agent-gate.json" agent-gate/report/v1
	check 'GitLab, a good agent: metrics' has "$dir/agent-gate-metrics.txt" '# EOF'
	check 'GitLab, a good agent: a file of links, empty since the simulated API has no dashboard' has "$dir/agent-gate-annotations.json" '{'
	check 'GitLab, a good agent: a later job reads the verdict' has "$dir.log" 'the verdict is pass'
	check 'GitLab, a good agent: no key in the log' lacks "$dir.log" leak-me-not
	check 'GitLab: the job has the name of the input' grep -q '^agent-gate-again ' "$dir.log"
	check 'GitLab: the stage is that of the input' grep -qE '^agent-gate-again +.*deploy|agent-gate-again +deploy' <(cd "$dir" && "$LAB/gitlab" --list 2>/dev/null)

	# What GitLab checks of the inputs, before any job. gitlab-ci-local does not know regex:
	# test/project looks at those.
	local wrong
	for wrong in 'rerun-attempts: 9' 'stage: [deploy]' 'soft-fail: "perhaps"'; do
		project "$work/gitlab-wrong"
		sed -i "0,/^      rerun-attempts: 1$/s//      $wrong/" "$work/gitlab-wrong/.gitlab-ci.yml"
		status=0
		(cd "$work/gitlab-wrong" && "$LAB/gitlab" --list) >"$work/gitlab-wrong.log" 2>&1 || status=$?
		check "GitLab refuses $wrong" [ "$status" -ne 0 ]
		rm -rf "$work/gitlab-wrong"
	done

	pipeline gitlab-fail --variable "AGENT_GATE_CRITERIA=$IMPOSSIBLE"
	dir=$work/gitlab-fail
	check 'GitLab, a bad agent: the pipeline fails' [ "$status" -ne 0 ]
	check 'GitLab, a bad agent: a JUnit report all the same' has "$dir/agent-gate-junit.xml" '<failure'
	check 'GitLab, a bad agent: the deployment does not run' lacks "$dir.log" 'the verdict is'
}

gitlab_tests
