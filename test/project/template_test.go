package project_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agent-gate/agent-gate/internal/config"
)

// notInTemplate are inputs of the run that the GitLab template decides itself, or that
// must not be inputs of a template.
var notInTemplate = []string{
	"api-key", "secret-key", "gitlab-token", "agent-header", // secrets are masked variables: inputs are visible
	"github-token", "comment-key", // of GitHub; the name of a GitLab job has its leg of a matrix in it
	"json-report", "junit-report", "html-report", "summary-file", "dotenv-file", "metrics-report", "annotations-report", "ctrf-report", // the artifacts of the job
	"attestation-report", // for an action of GitHub
	"state-file",
}

// ofTheJob are inputs of the template that shape the GitLab job.
var ofTheJob = []string{"job-name", "stage", "image", "git-strategy"}

// leftOut are inputs that the template leaves empty although they have a default, so that
// the program's own way to it counts: FI_BASE_URL, and no complaint about what has no effect
// without reruns or without a text agent.
var leftOut = []string{
	"base-url", "rerun-type", "rerun-max-calls",
	"agent-format", "agent-model", "agent-ready", "concurrency", "turn-timeout", "max-turns",
}

// artifactURL is where the template says that the HTML report will be.
const artifactURL = "$CI_JOB_URL/artifacts/file/agent-gate.html"

// TestTemplate_offersTheInputs compares the inputs of templates/gate.yml, their order and
// their defaults with the table of inputs.
func TestTemplate_offersTheInputs(t *testing.T) {
	t.Parallel()
	var want []templateInput
	for _, in := range config.Inputs() {
		if in.Takes(config.CommandRun) && !slices.Contains(notInTemplate, in.Name) {
			if slices.Contains(leftOut, in.Name) {
				in.Default = ""
			}
			if in.Name == "report-url" {
				in.Default = artifactURL
			}
			want = append(want, templateInput{Name: in.Name, Default: in.Default})
		}
	}
	got := slices.DeleteFunc(templateInputs(t), func(in templateInput) bool { return slices.Contains(ofTheJob, in.Name) })
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(templateInput{}, "Type", "Regex", "Options")); diff != "" {
		t.Errorf("templates/gate.yml (-table of inputs, +template):\n%s", diff)
	}
}

// TestTemplate_checksWhatTheProgramChecks requires the patterns that GitLab checks to
// accept what the program accepts, and variables.
func TestTemplate_checksWhatTheProgramChecks(t *testing.T) {
	t.Parallel()
	const id, variable = "a758ede8-419d-4f12-9270-be81e46f4896", "$FROM_ELSEWHERE"
	const page = "https://app.futureagi.com/dashboard/simulate/test/" + id + "/" + id + "/call-details"
	good := map[string][]string{
		"base-url": {"", "https://api.example.com", "http://127.0.0.1:8000", variable}, "dashboard-url": {"", "https://app.example.com", variable}, "report-url": {"", artifactURL, "https://pages.example.com/r.html", variable},
		"workspace-id": {"", id, variable}, "agent-definition-id": {"", id, variable}, "run-test-id": {"", id, page, variable}, "test-execution-id": {"", id, page, variable},
		"agent-version": {"", id, variable}, "replay-session-id": {"", id, variable}, "simulator-id": {"", id, variable},
		"run-name": {"", "nightly of main", variable}, "max-calls": {"", "50", variable}, "max-cost": {"", "25", "0.5", variable}, "max-minutes": {"", "300", "7.5", variable}, "pull-request": {"", "7", variable}, "rerun-max-calls": {"", "5", "12.5%", variable},
		"min-success-rate": {"", "95", "99.5", "95%", "0.5%", variable}, "min-overall-score": {"", "7.5", variable},
		"timeout": {"60m", "1h30m", "1.5h", variable}, "poll-min-interval": {"50ms", variable}, "poll-max-interval": {"30s", variable}, "results-wait": {"10m", "90s", variable},
		"agent-url": {"", "http://agent:8000/chat", variable}, "agent-ready": {"", "2m", "1m30s", variable}, "turn-timeout": {"", "90s", variable},
		"concurrency": {"", "10", variable}, "max-turns": {"", "50", variable},
	}
	bad := map[string][]string{
		"base-url": {"api.example.com"}, "run-test-id": {"support"}, "run-name": {"a/b"}, "max-calls": {"-1", "many"}, "max-cost": {"25 USD", "-1"}, "max-minutes": {"90s", "1,5"}, "pull-request": {"#7", "!7"}, "rerun-max-calls": {"all"},
		"min-success-rate": {"95 percent", "0.95.1"}, "timeout": {"", "60", "1 hour"},
		"agent-url": {"agent:8000"}, "agent-ready": {"60"}, "turn-timeout": {"1 minute"}, "concurrency": {"all"}, "max-turns": {"-1"},
	}
	for _, in := range templateInputs(t) {
		if in.Regex == "" {
			continue
		}
		form, err := regexp.Compile(in.Regex)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		if !form.MatchString(in.Default) || len(good[in.Name]) == 0 {
			t.Errorf("%s: the form %s does not take the default %q, or has no examples here", in.Name, in.Regex, in.Default)
		}
		for _, value := range good[in.Name] {
			if !form.MatchString(value) {
				t.Errorf("%s: the form %s does not take %q", in.Name, in.Regex, value)
			}
		}
		for _, value := range bad[in.Name] {
			if form.MatchString(value) {
				t.Errorf("%s: the form %s takes %q", in.Name, in.Regex, value)
			}
		}
		delete(good, in.Name)
	}
	for name := range good {
		t.Errorf("%s has no form", name)
	}
}

// TestTemplate_enumerationsAreTheProgramsOwn compares the options of the template.
func TestTemplate_enumerationsAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	options := map[string]string{}
	for _, in := range templateInputs(t) {
		options[in.Name] = in.Options
	}
	for _, in := range config.Inputs() {
		if len(in.Type.Values) == 0 || !in.Takes(config.CommandRun) || slices.Contains(notInTemplate, in.Name) {
			continue
		}
		want := in.Type.Values
		if slices.Contains(leftOut, in.Name) {
			want = append([]string{`""`}, want...)
		}
		if want := "[" + strings.Join(want, ", ") + "]"; options[in.Name] != want {
			t.Errorf("%s has the options %q, want %q", in.Name, options[in.Name], want)
		}
	}
}

// TestTemplate_defaultsGiveNoWarning gives the program what a minimal job has: what to
// run and one criterion.
func TestTemplate_defaultsGiveNoWarning(t *testing.T) {
	t.Parallel()
	environ := []string{
		"GITLAB_CI=true", "AGENT_GATE_API_KEY=key", "AGENT_GATE_SECRET_KEY=key",
		"AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896", "AGENT_GATE_MIN_OVERALL_SCORE=7.5",
	}
	for _, in := range templateInputs(t) {
		if !slices.Contains(ofTheJob, in.Name) && in.Name != "run-test-id" && in.Name != "min-overall-score" {
			environ = append(environ, "AGENT_GATE_"+strings.ToUpper(strings.ReplaceAll(in.Name, "-", "_"))+"="+strings.Replace(in.Default, "$CI_JOB_URL", "https://gitlab.example.com/a/b/-/jobs/1", 1))
		}
	}
	parse(t, block{doc: "templates/gate.yml", line: 1}, environ)
}

// TestTemplate_isAGoodGuest checks the properties of the job that do not depend on what
// it runs.
func TestTemplate_isAGoodGuest(t *testing.T) {
	t.Parallel()
	header, job, _ := strings.Cut(read(t, "templates/gate.yml"), "\n---\n")
	for _, secret := range []string{"api-key", "secret-key", "agent-header", "token"} {
		if strings.Contains(header, "\n    "+secret) {
			t.Errorf("%s is an input, and inputs are visible", secret)
		}
	}
	for _, line := range []string{
		`"$[[ inputs.job-name ]]":`, `  stage: $[[ inputs.stage ]]`, `    name: $[[ inputs.image ]]`, `    entrypoint: [""] #`, `  dependencies: []`,
		`    GIT_STRATEGY: $[[ inputs.git-strategy ]] #`, `    - agent-gate cleanup`, `    when: always`, `      junit: agent-gate-junit.xml`, `      dotenv: agent-gate.env`,
	} {
		if !strings.Contains("\n"+job, "\n"+line) {
			t.Errorf("the job of templates/gate.yml has no line %q", line)
		}
	}
	if strings.Count(header, "description: ") != len(templateInputs(t)) {
		t.Error("some input has no description")
	}
}

// TestTemplate_passesEveryInputOn requires each input of the template in the variable
// that the program looks up.
func TestTemplate_passesEveryInputOn(t *testing.T) {
	t.Parallel()
	_, job, _ := strings.Cut(read(t, "templates/gate.yml"), "\n---\n")
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^    (AGENT_GATE_\w+): '?\$\[\[ inputs\.([\w-]+) \]\]( ')?$`).FindAllStringSubmatch(job, -1) {
		got[m[2]] = m[1]
	}
	want := map[string]string{}
	for _, in := range config.Inputs() {
		if in.Takes(config.CommandRun) && !slices.Contains(notInTemplate, in.Name) {
			want[in.Name] = in.EnvName()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables of templates/gate.yml (-want +got):\n%s", diff)
	}
}

type templateInput struct{ Name, Default, Type, Regex, Options string }

// isText reports whether GitLab accepts only text for the input.
func (in templateInput) isText() bool { return in.Type == "" || in.Type == "string" }

// templateInputs parses the header of the template: names are indented by four spaces,
// their properties by six.
func templateInputs(t *testing.T) []templateInput {
	t.Helper()
	header, _, ok := strings.Cut(read(t, "templates/gate.yml"), "\n---\n")
	if !ok {
		t.Fatal("templates/gate.yml has no header")
	}
	name := regexp.MustCompile(`^    ([a-z][a-z-]*):$`)
	value := regexp.MustCompile(`^      default: "?([^"]*)"?$`)
	var inputs []templateInput
	for line := range strings.Lines(header) {
		line = strings.TrimRight(line, "\n")
		if m := name.FindStringSubmatch(line); m != nil {
			inputs = append(inputs, templateInput{Name: m[1]})
		} else if kind, ok := strings.CutPrefix(line, "      type: "); ok && len(inputs) > 0 {
			inputs[len(inputs)-1].Type = kind
		} else if regex, ok := strings.CutPrefix(line, "      regex: "); ok && len(inputs) > 0 {
			inputs[len(inputs)-1].Regex = unquote(regex)
		} else if options, ok := strings.CutPrefix(line, "      options: "); ok && len(inputs) > 0 {
			inputs[len(inputs)-1].Options = options
		} else if m := value.FindStringSubmatch(line); m != nil && len(inputs) > 0 {
			inputs[len(inputs)-1].Default = m[1]
		}
	}
	return inputs
}
