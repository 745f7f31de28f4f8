package github

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestSuiteAnnotationsNameTheirGateAndAreFew(t *testing.T) {
	t.Parallel()
	gates := reporttest.ManyGates(12, reporttest.Failing())
	for name, s := range map[string]report.Suite{"usual": reporttest.Suite(), "many": reporttest.SuiteOf(budget.Limits{}, gates...)} {
		levels := map[ci.Severity]int{}
		for _, a := range SuiteAnnotations(s) {
			levels[a.Severity]++
			title := a.Title.Line()
			if gate, _, _ := strings.Cut(title, ":"); !strings.HasPrefix(title, "and ") && !strings.Contains(reportNames(s), " "+gate+" ") {
				t.Errorf("%s: the title %q names no gate", name, title)
			}
		}
		for level, n := range levels {
			if n > perLevel {
				t.Errorf("%s: %d of severity %s", name, n, level)
			}
		}
	}
}

// reportNames are the names of the gates between blanks.
func reportNames(s report.Suite) string {
	var names strings.Builder
	names.WriteString(" ")
	for _, g := range s.Gates {
		names.WriteString(string(g.Name) + " ")
	}
	return names.String()
}

func TestSuiteAnnotationsBeginWithTheVerdictOfEachBadGate(t *testing.T) {
	t.Parallel()
	var titles []string
	for _, a := range SuiteAnnotations(reporttest.Suite())[:3] {
		titles = append(titles, fmt.Sprintf("%s %s", a.Severity, a.Title.Line()))
	}
	want := []string{"error support-voice: agent-gate: fail", "error billing_chat: agent-gate: error", "error outbound: agent-gate: skipped"}
	if strings.Join(titles, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(titles, "\n"), strings.Join(want, "\n"))
	}
}
