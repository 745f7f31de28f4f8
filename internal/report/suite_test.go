package report_test

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestAnEstimateOfASuiteNeedsThatOfEachGateThatRan(t *testing.T) {
	t.Parallel()
	ran := func(calls int) report.Gate {
		g := report.Gate{}
		g.Verdict.Kind = verdict.Pass
		if calls > 0 {
			g.Evidence.Budget.Estimate = &budget.Estimate{Calls: calls, Cents: new(100.0), Minutes: new(2.0)}
		}
		return g
	}
	var skipped report.Gate
	skipped.Verdict.Kind = verdict.Skip
	for name, c := range map[string]struct {
		gates []report.Gate
		calls int // 0 for no estimate
	}{
		"all are known":             {[]report.Gate{ran(5), ran(3)}, 8},
		"the first one was skipped": {[]report.Gate{skipped, ran(5), ran(3)}, 8},
		"a later one was skipped":   {[]report.Gate{ran(5), skipped}, 5},
		"one is not known":          {[]report.Gate{ran(5), ran(0)}, 0},
		"the first is not known":    {[]report.Gate{ran(0), ran(5)}, 0},
		"none ran":                  {[]report.Gate{skipped}, 0},
	} {
		e := report.SumBudget(c.gates, budget.Limits{}).Estimate
		if got := e != nil; got != (c.calls > 0) || got && e.Calls != c.calls {
			t.Errorf("%s: got %+v, want an estimate of %d calls", name, e, c.calls)
		}
	}
}

// Only what this run placed stands against the limit, and a suite that is over it says so although all gates passed.
func TestASuiteShowsWhatItUsedOfItsBudget(t *testing.T) {
	t.Parallel()
	gate := func(name string, judged, placed int, reused bool) report.Gate {
		g := report.Gate{Name: report.Figure(name)}
		g.Verdict.Kind, g.Verdict.Counts.Total = verdict.Pass, judged
		g.Evidence.Execution.ID[0] = 1
		g.Evidence.Budget.Spent = budget.Spent{Calls: placed, Priced: placed, Timed: placed, Cents: 15 * float64(placed), Seconds: 60 * float64(placed)}
		if reused {
			g.Evidence.Reused = &verdict.Reused{}
		}
		return g
	}
	one, again, rerun := gate("one", 5, 5, false), gate("again", 5, 0, true), gate("rerun", 5, 6, false)
	for name, c := range map[string]struct {
		gates                        []report.Gate
		limits                       budget.Limits
		headline, spending, over, is string
	}{
		"within":                              {[]report.Gate{one}, budget.Limits{Calls: 9}, "1 of 1 gate passed · 5 of 9 calls · $0.75", "5 calls of 9 · $0.75 · 5 minutes", "", "0.75"},
		"with a rerun":                        {[]report.Gate{rerun}, budget.Limits{Calls: 9}, "1 of 1 gate passed · 5 calls, 6 of 9 used · $0.90", "6 calls of 9 · $0.90 · 6 minutes", "", "0.9"},
		"with what an earlier start paid for": {[]report.Gate{one, again}, budget.Limits{Calls: 5, Cents: 75}, "2 of 2 gates passed · 10 calls, 5 of 5 used · $0.75 of $0.75", "5 calls of 5 · $0.75 of $0.75 · 5 minutes", "", "0.75"},
		"with nothing else":                   {[]report.Gate{again}, budget.Limits{Cents: 1}, "1 of 1 gate passed · 5 calls", "$0.00 of $0.01", "", "0"},
		"over":                                {[]report.Gate{one}, budget.Limits{Cents: 40}, "1 of 1 gate passed · 5 calls · $0.75 of $0.40", "5 calls · $0.75 of $0.40 · 5 minutes", "the calls of all gates cost $0.75, more than the budget of $0.40", "0.75"},
	} {
		s := report.Suite{Gates: c.gates, Budget: report.SumBudget(c.gates, c.limits)}
		if got := string(report.SuiteHeadline(s)); got != c.headline {
			t.Errorf("%s: headline %q, want %q", name, got, c.headline)
		}
		if got := string(report.SuiteSpending(s)); got != c.spending {
			t.Errorf("%s: spent %q, want %q", name, got, c.spending)
		}
		if got := report.OverNote(s).Line(); got != c.over {
			t.Errorf("%s: over %q, want %q", name, got, c.over)
		}
		if next := report.SuiteNext(s); report.Blank(next) != (c.over == "") {
			t.Errorf("%s: next %q", name, next)
		}
		if got := report.SuiteDollars(s); got != c.is {
			t.Errorf("%s: cost-usd %q, want %q", name, got, c.is)
		}
	}
}

func TestTheCallsComparedWithABudgetAreThosePlaced(t *testing.T) {
	t.Parallel()
	gate := report.Gate{Name: "voice", Report: reporttest.Quarantined()} // two calls that are judged, and three in quarantine
	for _, c := range []struct {
		name   string
		limits budget.Limits
		want   string
	}{
		{"with those in quarantine", budget.Limits{Calls: 50}, " · 5 of 50 calls · "},
		{"apart where nothing is compared", budget.Limits{}, " · 2 calls + 3 in quarantine · "},
	} {
		if got := string(report.SuiteHeadline(reporttest.SuiteOf(c.limits, gate))); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.name, got, c.want)
		}
	}
	if got, want := string(report.Headline(gate.Report)), " · 2 calls + 3 in quarantine · "; !strings.Contains(got, want) {
		t.Errorf("the headline of the gate is %q, want %q in it", got, want)
	}
}

func TestAllWarnings_sayNothingTwice(t *testing.T) {
	t.Parallel()
	gate := report.Gate{Name: "voice", Report: reporttest.Quarantined()}
	gate.Verdict.Kind, gate.ExitCode = verdict.Fail, 1
	s := reporttest.SuiteOf(budget.Limits{}, gate)
	s.Warnings = append(s.Warnings, text.Sprintf("voice: %s", report.QuarantineNote(gate.Report)))
	seen := map[string]bool{}
	for _, w := range s.AllWarnings() {
		if seen[w.Raw()] {
			t.Errorf("%q stands there twice", w.Raw())
		}
		seen[w.Raw()] = true
	}
}
