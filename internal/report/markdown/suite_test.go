package markdown

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func suiteSummaryOf(t *testing.T, s report.Suite) string {
	t.Helper()
	return string(reporttest.Written(t, SuiteSummary, s))
}

func suiteCommentOf(t *testing.T, s report.Suite) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error {
		return SuiteComment(w, s, CommentOptions{Job: text.New("gate"), Before: []Past{{Verdict: verdict.Pass, SHA: "0123456789"}}})
	}))
}

func TestSuiteSummaryAndCommentLookAsTheyDid(t *testing.T) {
	t.Parallel()
	reporttest.Golden(t, "suite.md", []byte(suiteSummaryOf(t, reporttest.Suite())))
	reporttest.Golden(t, "suite.comment.md", []byte(suiteCommentOf(t, reporttest.Suite())))
}

// manyGates is a suite of so many gates, each of a failed run of many calls.
func manyGates(n, calls int) report.Suite {
	return reporttest.SuiteOf(budget.Limits{}, reporttest.ManyGates(n, reporttest.Large(calls, 20))...)
}

func TestSuiteSummaryAndCommentAreSoundAtEverySize(t *testing.T) {
	t.Parallel()
	all := map[string]report.Suite{"usual": reporttest.Suite(), "large gates": manyGates(10, 3000), "many gates": manyGates(300, 20)}
	for name, s := range all {
		sound(t, name, suiteSummaryOf(t, s))
		comment := suiteCommentOf(t, s)
		sound(t, name+", comment", comment)
		if len(comment) > commentLimit {
			t.Errorf("%s: the comment has %d bytes", name, len(comment))
		}
		for line := range strings.Lines(comment) {
			if strings.HasPrefix(strings.TrimSpace(line), "/") || strings.Contains(line, "@") || strings.Contains(line, "<!--") {
				t.Errorf("%s: the line %q", name, line)
			}
		}
	}
}

func TestSuitesOfHostileTextHaveTheStructureOfAHarmlessOne(t *testing.T) {
	t.Parallel()
	renderings := map[string]func(report.Suite) string{
		"summary": func(s report.Suite) string { return suiteSummaryOf(t, s) },
		"comment": func(s report.Suite) string { return suiteCommentOf(t, s) },
	}
	harmless := reporttest.PoisonedSuite("Refund")
	for name, render := range renderings {
		want := strings.Join(outline(render(harmless)), "\n")
		for _, s := range reporttest.HostileTexts(t) {
			if text.New(s).Cell() == "" {
				continue // empty sections are left out
			}
			suite := reporttest.PoisonedSuite(s)
			for i := range suite.Gates {
				e, ids := &suite.Gates[i].Evidence, harmless.Gates[i].Evidence
				e.RunTest.ID, e.Execution.ID = ids.RunTest.ID, ids.Execution.ID
			}
			if got := strings.Join(outline(render(suite)), "\n"); got != want {
				t.Errorf("%s: %.80q changes the structure to\n%s\nwant\n%s", name, s, got, want)
			}
		}
	}
}

func TestEveryGateHasItsPartOfTheSummary(t *testing.T) {
	t.Parallel()
	out := suiteSummaryOf(t, manyGates(30, 3000))
	for i := range 30 {
		if !strings.Contains(out, "## ❌ "+text.New(fmt.Sprintf("gate-%d", i)).Cell()+": FAIL") {
			t.Errorf("gate-%d has no section", i)
		}
	}
}

func TestAnOwnerIsShownOnlyWhereItIsNeededAndNeverCalled(t *testing.T) {
	t.Parallel()
	for name, out := range map[string]string{"summary": suiteSummaryOf(t, reporttest.Suite()), "comment": suiteCommentOf(t, reporttest.Suite())} {
		if strings.Contains(out, "@") {
			t.Errorf("%s: somebody is called", name)
		}
		for owner, want := range map[string]bool{"acme/voice": true, "acme/sales": true, "acme/booking": false, "acme/docs": false} {
			if got := strings.Contains(out, owner); got != want {
				t.Errorf("%s: the owner %s is shown: %v, want %v", name, owner, got, want)
			}
		}
	}
}
