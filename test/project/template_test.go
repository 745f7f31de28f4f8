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
	"api-key", "secret-key", "gitlab-token", // secrets are masked variables: inputs are visible
	"github-token", "comment-key", // of GitHub; the name of a GitLab job has its leg of a matrix in it
	"json-report", "junit-report", "html-report", "summary-file", "dotenv-file", "metrics-report", "annotations-report", // the artifacts of the job
	"state-file",
}

// ofTheJob are inputs of the template that shape the GitLab job.
var ofTheJob = []string{"job-name", "stage", "image"}

// TestTemplate_offersTheInputs compares the inputs of templates/gate.yml, their order
// and their defaults with the table of inputs.
func TestTemplate_offersTheInputs(t *testing.T) {
	t.Parallel()
	var want []templateInput
	for _, in := range config.Inputs() {
		if in.Takes(config.CommandRun) && !slices.Contains(notInTemplate, in.Name) {
			want = append(want, templateInput{Name: in.Name, Default: in.Default})
		}
	}
	got := slices.DeleteFunc(templateInputs(t), func(in templateInput) bool { return slices.Contains(ofTheJob, in.Name) })
	for i, in := range got {
		if in.Name == "base-url" {
			got[i].Default = "https://api.futureagi.com" // empty, so that FI_BASE_URL counts
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(templateInput{}, "Type")); diff != "" {
		t.Errorf("templates/gate.yml (-table of inputs, +template):\n%s", diff)
	}
}

// TestTemplate_passesEveryInputOn wants each input of the template in the variable
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

type templateInput struct{ Name, Default, Type string }

// isText reports whether GitLab takes only text for the input.
func (in templateInput) isText() bool { return in.Type == "" || in.Type == "string" }

// templateInputs reads the header of the template: names stand at four blanks, their
// properties at six.
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
		} else if m := value.FindStringSubmatch(line); m != nil && len(inputs) > 0 {
			inputs[len(inputs)-1].Default = m[1]
		}
	}
	return inputs
}
