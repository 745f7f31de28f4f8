# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The workflows of examples/github, run by act, and those of examples/gitlab, run by
# gitlab-ci-local, in a separate project. Sourced by run.

# example_project DIR: a project with the examples as its workflows, on a branch with a change
# in agents/billing. It uses this repository's action, but runs the program without its
# container, to save time: action.sh and workflow.sh test the container.
example_project() {
	mkdir -p "$1/.github/workflows" "$1/agents/billing" "$1/agents/support"
	cp "$work"/source/examples/github/*.yml "$1/.github/workflows"
	rm "$1"/.github/workflows/text-*.yml # they need Python's packages: .ci/run agents
	repository "$1"
	mkdir -p "$work/action"
	cp "$work/agent-gate" "$work/action"
	{
		sed '/^runs:/,$d' "$work/source/action.yml" | awk '
			/^outputs:/ { outputs = 1 }
			{ print }
			outputs && /^  [a-z-]+:$/ {
				name = $1; sub(/:$/, "", name)
				print "    value: ${{ steps.gate.outputs." name " }}"
			}'
		cat <<-'END'
			runs:
			  using: composite
			  steps:
			    - id: gate
			      shell: bash
			      run: $GITHUB_ACTION_PATH/agent-gate
			      env:
		END
		awk '/^outputs:/ { exit } inputs && /^  [a-z-]+:$/ {
				name = $1; sub(/:$/, "", name); key = toupper(name); gsub(/-/, "_", key)
				print "        INPUT_" key ": ${{ inputs." name " }}"
			} /^inputs:/ { inputs = 1 }' "$work/source/action.yml"
	} >"$work/action/action.yml"
	git -C "$1" update-ref refs/remotes/origin/main main
	git -C "$1" checkout -q -b refunds
	echo new >"$1/agents/billing/prompt.txt"
	git -C "$1" add -A
	git -C "$1" -c user.name=test -c user.email=test@example.com commit -q -m change
}

# act_examples NAME EVENT PAYLOAD ARG...: runs the workflows of an event; leaves the log
# in $work/NAME.log and the exit code in $status.
act_examples() {
	local name=$1 event=$2 payload=$3 upload
	shift 3
	printf '%s\n' "$payload" >"$work/$name.json"
	upload=$(grep -ohm1 'actions/upload-artifact@[0-9a-f]*' "$work/source/examples/github/pull-request.yml")
	status=0
	(cd "$work/examples" && "$LAB/act" "$event" -e "$work/$name.json" --local-repository "$upload=$work/upload-artifact" \
		--local-repository "agent-gate/agent-gate@v1=$work/action" --env "AGENT_GATE_BASE_URL=$url" --env AGENT_GATE_POLL_MIN_INTERVAL=50ms "$@") \
		>"$work/$name.log" 2>&1 || status=$?
}

# passed NAME WORKFLOW JOB: a job of an act run succeeded. act pads names with spaces.
passed() { grep -E "^\[$2/$3 *\]" "$work/$1.log" | grep -q 'Job succeeded'; }

# show NAME: the end of the log of an act run that went wrong.
show() { grep -vE '⚙|🐳|☁' "$work/$1.log" | tail -n 80 | sed 's/^/    | /'; }

github_examples() {
	local status url own='{"number":7,"pull_request":{"number":7,"head":{"ref":"refunds","repo":{"id":1,"fork":false}},"base":{"ref":"main","repo":{"id":1}}},"repository":{"default_branch":"main"}}'
	local keys=(-s "FI_API_KEY=$API_KEY" -s "FI_SECRET_KEY=$SECRET_KEY")
	mkdir -p "$work/upload-artifact"
	cat >"$work/upload-artifact/action.yml" <<-'END'
		name: Upload
		description: Stands in for actions/upload-artifact.
		inputs:
		  name:
		    description: of the artifact
		  path:
		    description: of the files
		  archive:
		    description: whether to zip them
		runs:
		  using: composite
		  steps:
		    - run: ls $FILES # fails if there is nothing to upload
		      shell: bash
		      env:
		        FILES: ${{ inputs.path }}
	END
	example_project "$work/examples"

	# main first: its run is the baseline of the pull request.
	start_server examples-flaky --speed 1000 --story flaky
	url=$SERVER
	act_examples example-push push '{"ref":"refs/heads/main","repository":{"default_branch":"main"}}' \
		"${keys[@]}" -W .github/workflows/pull-request.yml
	is 'examples, reruns and baseline, push: exit code' "$status" 0
	((status == 0)) || show example-push
	act_examples example-pull pull_request "$own" "${keys[@]}" -W .github/workflows/pull-request.yml
	is 'examples, reruns and baseline, pull request: exit code' "$status" 0
	((status == 0)) || show example-pull
	check 'examples: the change against main is judged' grep -q 'met.*pass_rate.change >= -20.* points' "$work/example-pull.log"
	rm "$work/examples/.github/workflows/pull-request.yml"

	start_server examples-pass --speed 1000 --story pass
	url=$SERVER
	act_examples example-others pull_request "$own" "${keys[@]}"
	is 'examples, the others, pull request: exit code' "$status" 0
	((status == 0)) || show example-others
	check 'examples: matrix, the check of all legs' passed example-others 'Agent gates' gate
	check 'examples: monorepo, only what changed' has "$work/example-others.log" '"name":"billing"'
	check 'examples: monorepo, not what did not change' lacks "$work/example-others.log" '"name":"support"'
	check 'examples: no key in the log' lacks "$work/example-others.log" "$SECRET_KEY"

	start_server examples-fail --speed 1000 --story fail
	url=$SERVER
	act_examples example-advisory pull_request "$own" "${keys[@]}" -W .github/workflows/advisory.yml
	is 'examples, a bad agent and only advice: exit code' "$status" 0
	((status == 0)) || show example-advisory
	check 'examples, a bad agent and only advice: told' has "$work/example-advisory.log" 'the verdict is fail'
	start_server examples-again --speed 1000 --story pass
	url=$SERVER

	act_examples example-fork pull_request "${own/\"fork\":false/\"fork\":true}" -W .github/workflows/forks.yml
	is 'examples, a fork without keys: exit code' "$status" 0
	check 'examples, a fork without keys: skipped' has "$work/example-fork.log" 'The verdict is skipped.'
	act_examples example-keyless pull_request "$own" -W .github/workflows/forks.yml
	check 'examples, no fork and no keys: fails' [ "$status" -ne 0 ]

	act_examples example-night schedule '{"repository":{"default_branch":"main"}}' "${keys[@]}" -W .github/workflows/nightly.yml
	is 'examples, by night: exit code' "$status" 0
	((status == 0)) || show example-night
}

gitlab_examples() {
	local file name status
	docker tag "$IMAGE" ghcr.io/agent-gate/agent-gate:1 # the default of the template
	start_server examples-gitlab --speed 1000 --story pass
	for file in "$work"/source/examples/gitlab/*.yml; do
		[[ $file != */text-* ]] || continue # they need Python's packages: .ci/run agents
		name=example-gitlab-$(basename "$file" .yml)
		mkdir -p "$work/$name/ci" "$work/$name/agents/billing" "$work/$name/agents/support"
		cp "$work/source/templates/gate.yml" "$work/$name/ci/agent-gate.yml"
		cp "$file" "$work/$name/.gitlab-ci.yml"
		repository "$work/$name"
		status=0
		(cd "$work/$name" && "$LAB/gitlab" --variable "AGENT_GATE_BASE_URL=$SERVER" --variable AGENT_GATE_POLL_MIN_INTERVAL=50ms \
			--variable "AGENT_GATE_API_KEY=$API_KEY" --variable "AGENT_GATE_SECRET_KEY=$SECRET_KEY") >"$work/$name.log" 2>&1 || status=$?
		is "examples, GitLab $(basename "$file"): exit code" "$status" 0
		((status == 0)) || tail -n 40 "$work/$name.log"
		check "examples, GitLab $(basename "$file"): a JUnit report" has "$work/$name/agent-gate-junit.xml" '<testsuite'
	done
}

examples_tests() {
	if [[ -z $LAB ]]; then
		skip 'the examples' 'no container lab'
		return
	fi
	build_image
	github_examples
	gitlab_examples
}

examples_tests
