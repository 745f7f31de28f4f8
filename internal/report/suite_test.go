package report_test

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
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
