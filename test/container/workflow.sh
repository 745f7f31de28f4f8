# shellcheck shell=bash disable=SC2154 # variables of run and lib.sh
# The project's own workflow: the job that uses the action as `uses: ./`, run by act.
# Sourced by run.

# drop_leftovers: removes the containers and volumes of a killed run of this workflow. act reuses
# their names, and cannot replace a job container that another one depends on. It holds the
# lab's lock, so that a run in progress does not lose its own.
drop_leftovers() (
	exec 8>"$LAB_HOME/act.lock"
	flock 8
	podman ps --all --quiet --filter name=^act-CI-The-action- | xargs --no-run-if-empty podman rm --force --depend
	podman volume ls --quiet --filter name=act-CI-The-action- | xargs --no-run-if-empty podman volume rm --force
)

workflow_tests() {
	local status=0 go
	if [[ -z $LAB ]]; then
		skip 'the workflow' 'no container lab'
		return
	fi
	drop_leftovers >/dev/null
	# act's image has Go, so setup-go has nothing to do.
	mkdir -p "$work/setup-go"
	cat >"$work/setup-go/action.yml" <<-'END'
		name: Go is there already
		description: Stands in for actions/setup-go.
		inputs:
		  go-version-file:
		    description: not used
		runs:
		  using: composite
		  steps:
		    - run: go version
		      shell: bash
	END
	go=$(grep -ohm1 'actions/setup-go@[0-9a-f]*' "$work/source/.github/workflows/ci.yml")
	# It has this machine's Go and can use its build cache, which saves most of the time.
	(cd "$work/source" && "$LAB/act" push -W .github/workflows/ci.yml -j action \
		--container-options "--volume $(go env GOCACHE):/gocache" --env GOCACHE=/gocache \
		--local-repository "$go=$work/setup-go") >"$work/workflow.log" 2>&1 || status=$?
	is 'the workflow passes' "$status" 0
	((status == 0)) || tail -n 60 "$work/workflow.log" | sed 's/^/    | /'
}

workflow_tests
