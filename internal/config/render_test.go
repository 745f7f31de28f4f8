package config_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/manual"
)

var update = flag.Bool("update", false, "write golden files and generated documents")

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the table says; run go test ./internal/config -update (-file +table):\n%s", path, diff)
	}
}

// releasedImage is the one line that differs in the commit of a release, whose action starts the
// published image (.ci/release/pin).
var releasedImage = regexp.MustCompile(`(?m)^  image: 'docker://ghcr\.io/agent-gate/agent-gate@sha256:[0-9a-f]{64}'$`)

func TestActionYAMLIsMadeFromTheTable(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	made := manual.ActionYAML()
	if image := releasedImage.Find(file); image != nil {
		made = bytes.Replace(made, []byte("  image: 'Dockerfile'"), image, 1)
	}
	golden(t, "../../action.yml", made)
}

// The Marketplace limits the description.
func TestDescriptionOfTheActionFitsTheMarketplace(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile(`(?m)^description: '(.*)'$`).FindSubmatch(manual.ActionYAML())
	if found == nil {
		t.Fatal("action.yml has no description")
	}
	if n := len(found[1]); n >= 125 {
		t.Errorf("the description has %d characters, want fewer than 125", n)
	}
}

func TestDocumentsHoldTheTables(t *testing.T) {
	t.Parallel()
	for _, doc := range []struct {
		path     string
		required bool
	}{{"../../docs/inputs.md", true}, {"../../README.md", false}} {
		t.Run(doc.path, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(doc.path)
			if errors.Is(err, fs.ErrNotExist) && !doc.required {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			embedded := document
			for name, part := range map[string][]byte{"inputs": manual.InputsMarkdown(), "outputs": manual.OutputsMarkdown()} {
				var ok bool
				if embedded, ok = embed(embedded, name, part); !ok && doc.required {
					t.Errorf("the document has no lines <!-- %s:begin --> and <!-- %s:end -->", name, name)
				}
			}
			golden(t, doc.path, embedded)
		})
	}
}

// embed replaces what stands between the marker lines of a generated part.
func embed(document []byte, name string, part []byte) ([]byte, bool) {
	begin, end := []byte("<!-- "+name+":begin -->\n"), []byte("<!-- "+name+":end -->")
	before, rest, hasBegin := bytes.Cut(document, begin)
	_, after, hasEnd := bytes.Cut(rest, end)
	if !hasBegin || !hasEnd {
		return document, false
	}
	return slices.Concat(before, begin, []byte("\n"), part, []byte("\n"), end, after), true
}

// GitHub refuses an expression in a description.
func TestActionYAMLHoldsNoExpression(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(string(manual.ActionYAML())) {
		if strings.Contains(line, "${{") && !strings.HasPrefix(strings.TrimSpace(line), "default:") {
			t.Errorf("action.yml holds an expression in %q", line)
		}
	}
}

// The action must not set defaults: they would arrive as INPUT_ variables and hide AGENT_GATE_ and
// FI_ variables. The exception is an expression that only GitHub can evaluate.
func TestActionYAMLSetsNoDefault(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(string(manual.ActionYAML())) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "default:") && line != "default: '${{ toJSON(matrix) }}'" {
			t.Errorf("got line %q, want no default", line)
		}
	}
}

func TestActionYAMLScalarsAreQuotedAndClosed(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(string(manual.ActionYAML())) {
		_, value, isScalar := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !isScalar || value == "false" || strings.HasPrefix(line, "#") {
			continue
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
		if len(value) < 2 || len(inner) != len(value)-2 || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") {
			t.Errorf("got %s, want one single-quoted scalar", value)
		}
	}
}

func TestActionYAMLLeavesOutWhatOnlyOtherCommandsTake(t *testing.T) {
	t.Parallel()
	if got := string(manual.ActionYAML()); strings.Contains(got, "\n  listen:") {
		t.Error("action.yml has the input listen, which only serve takes")
	}
}

func TestActionYAMLHasNoInputThatTheContainerCannotServe(t *testing.T) {
	t.Parallel()
	if got := string(manual.ActionYAML()); strings.Contains(got, "\n  agent-command:") || !strings.Contains(got, "\n  agent-url:") {
		t.Error("action.yml has agent-command, whose program is not in the container, or lacks agent-url")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, info := range config.Commands() {
		t.Run(string(info.Name), func(t *testing.T) {
			t.Parallel()
			got := manual.Help(info.Name)
			golden(t, "testdata/help_"+string(info.Name)+".txt", []byte(got))
			for line := range strings.Lines(got) {
				if len(strings.TrimSuffix(line, "\n")) > 80 {
					t.Errorf("got a line of more than 80 columns: %s", line)
				}
			}
			for _, in := range config.Inputs() {
				// The demo takes nearly all of run, and shows what is its own.
				want := in.Takes(info.Name) && (info.Name != config.CommandDemo || !in.Takes(config.CommandRun))
				has := strings.Contains(got, "\n  "+in.Flag()+" ") || strings.Contains(got, "\n  "+in.Flag()+"[")
				if has != want {
					t.Errorf("help has %s: got %v, want %v", in.Flag(), has, want)
				}
			}
		})
	}
}

func TestBriefHelpFitsOneScreen(t *testing.T) {
	t.Parallel()
	got := manual.Brief()
	golden(t, "testdata/help_brief.txt", []byte(got))
	if n := strings.Count(got, "\n"); n > 25 {
		t.Errorf("got %d lines, want at most 25", n)
	}
	for line := range strings.Lines(got) {
		if len(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("got a line of more than 80 columns: %s", line)
		}
	}
	inputs := slices.DeleteFunc(config.Inputs(), func(in config.Input) bool { return in.Brief == "" })
	if len(inputs) != 10 {
		t.Errorf("got %d inputs that most people need, want 10", len(inputs))
	}
}

func TestFullHelpHasEveryInputAndCommand(t *testing.T) {
	t.Parallel()
	got := manual.All()
	for _, in := range config.Inputs() {
		if !strings.Contains(got, "\n  "+in.Flag()) {
			t.Errorf("%s is missing", in.Flag())
		}
	}
	for _, info := range config.Commands() {
		if !strings.Contains(got, "\n  "+string(info.Name)) {
			t.Errorf("the command %s is missing", info.Name)
		}
	}
}

// TestOutputsFitADotenvReport checks the outputs against GitLab's limits for a dotenv report: 20
// variables on the strictest instances, and names of letters, digits and underscores
// (doc/ci/yaml/artifacts_reports.md, instance_limits.md). Package ci limits their size.
func TestOutputsFitADotenvReport(t *testing.T) {
	t.Parallel()
	outputs := config.Outputs()
	if len(outputs) > 20 {
		t.Errorf("%d outputs, and some instances take 20", len(outputs))
	}
	for _, o := range outputs {
		if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(o.EnvName()) {
			t.Errorf("%s is no name of a variable", o.EnvName())
		}
	}
}
