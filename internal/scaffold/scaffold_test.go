package scaffold_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/scaffold"
	"github.com/agent-gate/agent-gate/internal/text"
)

var update = flag.Bool("update", false, "write golden files")

// valid compares a suite file with a golden one and has it validated.
func valid(t *testing.T, golden string, data []byte) *suite.Suite {
	t.Helper()
	golden = filepath.Join("testdata", golden)
	if *update {
		if err := os.WriteFile(golden, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
	s, warnings, err := suite.Validate(golden, time.Now())
	if err != nil || warnings != nil {
		t.Errorf("got %v, %v, want a valid file", err, warnings)
	}
	return s
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	valid(t, "template.yaml", scaffold.Template())
}

// What is commented out in the template works, too.
func TestTemplateIsValidWithAllItsExamples(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "agent-gate.yaml")
	var lines []string
	for line := range strings.SplitSeq(string(scaffold.Template()), "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		rest, isComment := strings.CutPrefix(line[indent:], "# ")
		isExample := strings.Contains(rest, ": ") || strings.HasSuffix(rest, ":") || strings.HasPrefix(strings.TrimSpace(rest), "- ") || strings.Contains(rest, ">=")
		isText := strings.HasSuffix(rest, "init") || strings.Contains(rest, "validate") || strings.Contains(rest, "$schema") || strings.Contains(rest, "repository") ||
			strings.Contains(rest, "Every input") || strings.Contains(rest, "Replace this") || strings.Contains(rest, "With keys") || strings.HasPrefix(rest, "quarantine:") || strings.Contains(rest, "flaky")
		if isComment && isExample && !isText {
			line = line[:indent] + rest
		}
		lines = append(lines, line)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := suite.Validate(path, time.Now())
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(lines, "\n"))
	}
	if len(s.Gates) != 2 || len(s.Gates[0].Paths) != 1 || s.Budget.Calls != 200 || s.Gates[0].Owner.IsEmpty() {
		t.Errorf("got %+v, want two gates, paths, an owner and a budget", s)
	}
}

func TestSuiteFile(t *testing.T) {
	t.Parallel()
	id := func(n byte) uuid.UUID { return uuid.UUID{0xa7, 6: 0x40, 8: 0x80, 15: n} }
	s := valid(t, "suite.yaml", scaffold.SuiteFile([]scaffold.Gate{
		{RunTest: calls.RunTest{ID: id(1), Name: text.New("Support: Voice (EU)")}, Criteria: []string{"success_rate >= 97", "overall_score >= 7.2"}, Basis: id(9), Calls: 40},
		{RunTest: calls.RunTest{ID: id(2), Name: text.New("support voice eu"), AgentType: calls.AgentText}},
		{RunTest: calls.RunTest{ID: id(3), Name: text.New("2026")}},
		{RunTest: calls.RunTest{ID: id(4), Name: text.New("zwei\nZeilen: - name: evil\r\u202e\x1b[31m")}},
		{RunTest: calls.RunTest{ID: id(5), Name: text.New("日本")}},
	}))
	var names []string
	for _, g := range s.Gates {
		names = append(names, g.Name)
	}
	want := []string{"support-voice-eu", "support-voice-eu-2", "gate-2026", "zwei-zeilen-name-evil-31m", "gate"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestWorkflowNamesASuiteFileThatIsNotFoundByItsName(t *testing.T) {
	t.Parallel()
	for _, ci := range []string{scaffold.GitHub, scaffold.GitLab} {
		if got := string(scaffold.Workflow(ci, "agent-gate.yaml", false).Data); strings.Contains(got, "config") {
			t.Errorf("%s: got config in\n%s", ci, got)
		}
		if got := string(scaffold.Workflow(ci, "gates/a'b.yaml", false).Data); !strings.Contains(got, "config") || !strings.Contains(got, "gates/a''b.yaml") {
			t.Errorf("%s: got no config in\n%s", ci, got)
		}
	}
}
