package project_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// workflows are the files that GitHub runs, as paths from the root of the project.
func workflows(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("found only %q (%v)", paths, err)
	}
	found := []string{"setup/action.yml"}
	for _, path := range paths {
		found = append(found, ".github/workflows/"+filepath.Base(path))
	}
	return found
}

// TestWorkflows_scriptsTakeNoValuesButVariables: GitHub inserts an expression into a
// script before the shell reads it, so a value could become a command.
func TestWorkflows_scriptsTakeNoValuesButVariables(t *testing.T) {
	t.Parallel()
	for _, file := range workflows(t) {
		script := -1 // the indentation of the key run, while in its value
		scripts := 0
		for line := range strings.Lines(read(t, file)) {
			body := strings.TrimLeft(line, " -")
			indent := len(line) - len(body)
			if strings.TrimSpace(body) != "" && indent <= script {
				script = -1
			}
			if strings.HasPrefix(body, "run: ") {
				script = indent
				scripts++
			}
			if script >= 0 && strings.Contains(line, "${{") {
				t.Errorf("%s: an expression in a script: %s", file, line)
			}
		}
		if scripts == 0 {
			t.Errorf("%s: found no script", file)
		}
	}
}

// TestWorkflows_stepsFailWithTheFirstOfTheirCommands: a step without an explicit shell
// has no pipefail, so the failure of `check | tee` would be lost.
func TestWorkflows_stepsFailWithTheFirstOfTheirCommands(t *testing.T) {
	t.Parallel()
	other := regexp.MustCompile(`(?m)^ +shell: (.*)`)
	for _, file := range workflows(t) {
		text := read(t, file)
		head, _, isWorkflow := strings.Cut(text, "\njobs:\n")
		if isWorkflow && !strings.Contains(head, "\ndefaults:\n  run:\n    shell: bash") {
			t.Errorf("%s: names no shell for its steps", file)
		}
		if shells, scripts := strings.Count(text, " shell: bash\n"), strings.Count(text, " run: "); !isWorkflow && shells != scripts {
			t.Errorf("%s: %d scripts, and %d times bash", file, scripts, shells)
		}
		for _, m := range other.FindAllStringSubmatch(text, -1) {
			if m[1] != "bash" && !strings.HasPrefix(m[1], "bash #") {
				t.Errorf("%s: uses the shell %s", file, m[1])
			}
		}
	}
}

// TestWorkflows_pushWithTheAppsToken: a ruleset admits only the app, whose key is only in
// the environment that requires approval.
func TestWorkflows_pushWithTheAppsToken(t *testing.T) {
	t.Parallel()
	pushes := 0
	for _, file := range workflows(t) {
		for _, job := range regexp.MustCompile(`\n  [a-z]+:\n    name: `).Split(read(t, file), -1) {
			steps := strings.Split(job, "\n      - ")
			for _, step := range steps {
				script := strings.Contains(step, "git push") || strings.Contains(step, ".ci/release/major")
				if script {
					pushes++
				}
				if app := strings.Contains(step, "steps.app.outputs.token"); app != script {
					t.Errorf("%s: pushes: %v, has the app's token: %v:\n%s", file, script, app, step)
				}
			}
			if strings.Contains(job, "RELEASE_APP_PRIVATE_KEY") && !strings.Contains(steps[0], "\n    environment: release") {
				t.Errorf("%s: a job has the app's key without the environment:\n%s", file, steps[0])
			}
		}
	}
	if pushes != 3 {
		t.Errorf("found %d steps that push, want those of publish, major and rollback", pushes)
	}
}

// TestWorkflows_buildImagesWithAPinnedBuilder: otherwise the client takes the newest
// builder.
func TestWorkflows_buildImagesWithAPinnedBuilder(t *testing.T) {
	t.Parallel()
	release := read(t, ".github/workflows/release.yml")
	if !regexp.MustCompile(`(?m)^  BUILDKIT: moby/buildkit:v[0-9.]+@sha256:[0-9a-f]{64}$`).MatchString(release) {
		t.Error("BuildKit is not pinned to a digest")
	}
	for _, file := range workflows(t) {
		for line := range strings.Lines(read(t, file)) {
			if strings.Contains(line, "docker buildx create") && !strings.Contains(line, `--driver-opt "image=$BUILDKIT"`) {
				t.Errorf("%s: another builder: %s", file, line)
			}
		}
	}
}

// TestWorkflows_keepNoTokenInTheCheckout: by default actions/checkout leaves the job's
// token in the working copy for everything that runs later.
func TestWorkflows_keepNoTokenInTheCheckout(t *testing.T) {
	t.Parallel()
	for _, file := range workflows(t) {
		for i, step := range strings.Split(read(t, file), "\n      - ") {
			if strings.HasPrefix(step, "uses: actions/checkout@") && !strings.Contains(step, "\n          persist-credentials: false") {
				t.Errorf("%s: step %d checks out without persist-credentials: false", file, i)
			}
		}
	}
}

// TestWorkflows_everyJobIsBounded requires a time limit for each job, and explicit
// permissions for the job or the whole workflow.
func TestWorkflows_everyJobIsBounded(t *testing.T) {
	t.Parallel()
	job := regexp.MustCompile(`(?m)^  [a-z][a-z0-9_-]*:\n`)
	for _, file := range workflows(t) {
		head, jobs, isWorkflow := strings.Cut(read(t, file), "\njobs:\n")
		if !isWorkflow {
			continue
		}
		if !strings.Contains(head, "\npermissions:") {
			t.Errorf("%s: says no permissions for all jobs", file)
		}
		starts := job.FindAllStringIndex(jobs, -1)
		for i, start := range starts {
			end := len(jobs)
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			body := jobs[start[0]:end]
			name := strings.TrimSpace(jobs[start[0]:start[1]])
			if !strings.Contains(body, "\n    timeout-minutes: ") {
				t.Errorf("%s: job %s has no time limit", file, name)
			}
			if strings.Contains(head, "\npermissions: {}") && !strings.Contains(body, "\n    permissions:\n") {
				t.Errorf("%s: job %s says no permissions", file, name)
			}
		}
	}
}

// TestWorkflows_buildWithTheGoOfTheImage: the release binaries and the one in the image
// must be identical, so they need the same compiler.
func TestWorkflows_buildWithTheGoOfTheImage(t *testing.T) {
	t.Parallel()
	image := regexp.MustCompile(`golang:([0-9.]+)-alpine@`).FindStringSubmatch(read(t, "Dockerfile"))
	if image == nil {
		t.Fatal("the Dockerfile names no Go")
	}
	for _, file := range workflows(t) {
		for _, m := range regexp.MustCompile(`(?m)^ +go-version: ([0-9.]+)`).FindAllStringSubmatch(read(t, file), -1) {
			if m[1] != image[1] {
				t.Errorf("%s: uses Go %s, and the Dockerfile %s", file, m[1], image[1])
			}
		}
	}
}
