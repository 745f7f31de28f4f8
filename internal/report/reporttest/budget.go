package reporttest

import (
	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// OverBudget is a run that was cancelled because it had cost more than it may.
func OverBudget() report.Report {
	r := NewRun("over-budget", calls.AgentVoice)
	r.Evidence.Execution.Status, r.Evidence.Execution.CompletedAt, r.Evidence.Execution.ServerSuccessRate = calls.ExecutionCancelled, nil, nil
	for range 4 {
		r.Call("Report a lost card", calls.Completed, 8, "customer-ended-call")
	}
	r.Call("Report a lost card", calls.Cancelled, -1, "Cancelled by user")
	r.Call("Report a lost card", calls.Cancelled, -1, "Cancelled by user")
	r.Evidence.Budget = budget.Account{
		Limits:   budget.Limits{Calls: 8, Cents: 50, Minutes: 30},
		Spent:    budget.Spent{Calls: 7, Priced: 5, Timed: 5, Cents: 51.5, Seconds: 452},
		Estimate: &budget.Estimate{Calls: 6, Executions: 3, Cents: new(48.0), Minutes: new(9.6)},
	}
	return r.Report(verdict.Verdict{
		Kind: verdict.Error, Cause: verdict.CauseBudget,
		Reason: text.New("the calls so far cost $0.52, more than max-cost $0.50; execution cancelled"),
	}, 3)
}
