package reporttest

import (
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/whole"
)

// Suite is five gates: one that passes, one that fails, one that the budget has no room for, one that cannot
// be judged, and one that is skipped because nothing it depends on changed.
func Suite() report.Suite {
	without := func(kind verdict.Kind, cause verdict.Cause, reason string, exit int) report.Report {
		r := SkippedRun()
		r.Verdict.Kind, r.Verdict.Cause, r.Verdict.Reason, r.ExitCode = kind, cause, text.New(reason), exit
		return r
	}
	return SuiteOf(budget.Limits{Calls: 60, Cents: 2500},
		report.Gate{Name: "booking", Owner: text.New("@acme/booking"), Report: Passing()},
		report.Gate{Name: "support-voice", Owner: text.New("@acme/voice"), Report: Failing()},
		report.Gate{Name: "outbound", Owner: text.New("@acme/sales"), Report: without(verdict.Skip, verdict.CauseBudget, "no room for its 40 calls in the budget of 60 calls (12 left)", verdict.ExitOperational)},
		report.Gate{Name: "billing_chat", Report: ErrorBeforeAnyCall()},
		report.Gate{Name: "faq", Owner: text.New("@acme/docs"), Report: without(verdict.Skip, "unchanged", "no changed file is among its paths", verdict.ExitOK)},
	)
}

// ManyGates are so many gates with names of their own and one report.
func ManyGates(n int, r report.Report) []report.Gate {
	gates := make([]report.Gate, n)
	for i := range gates {
		gates[i] = report.Gate{Name: report.Figure(fmt.Sprintf("gate-%d", i)), Report: r}
	}
	return gates
}

// SuiteOf is a suite of gates.
func SuiteOf(limits budget.Limits, gates ...report.Gate) report.Suite {
	var all []whole.Gate
	for _, g := range gates {
		all = append(all, whole.Gate{Name: string(g.Name), Kind: g.Verdict.Kind, Cause: g.Verdict.Cause, Reason: g.Verdict.Reason, ExitCode: g.ExitCode})
	}
	limits.Common = true
	v, exit := whole.Judge(all, report.OverBudget(gates, limits))
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return report.Suite{
		Tool: gates[0].Tool, CI: gates[0].CI, Verdict: v, ExitCode: exit, Budget: report.SumBudget(gates, limits), Gates: gates,
		Warnings: []text.Untrusted{text.New("comment-key: no effect without comment")},
		Timing:   verdict.Timing{StartedAt: start, FinishedAt: start.Add(12*time.Minute + 30*time.Second)},
	}
}

// PoisonedSuite is a suite in which everything untrusted contains a text.
func PoisonedSuite(s string) report.Suite {
	suite := SuiteOf(budget.Limits{}, report.Gate{Name: "a", Owner: text.New(s), Report: Poisoned(s)}, report.Gate{Name: "b", Owner: text.New(s), Report: Poisoned(s)})
	suite.Warnings = []text.Untrusted{text.New(s)}
	return suite
}

// SuiteOverBudget is a suite whose gates passed, and have spent more than their common budget.
func SuiteOverBudget() report.Suite {
	r := Passing()
	r.Evidence.Budget = budget.Account{Spent: budget.Spent{Calls: 5, Priced: 5, Timed: 5, Cents: 75, Seconds: 300}}
	return SuiteOf(budget.Limits{Cents: 40}, report.Gate{Name: "one", Report: r})
}
