package reporttest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

//go:embed testdata/hostile.json
var hostile []byte

// HostileTexts returns the texts of the API's hostile sample and more: they try to be log
// commands, Markdown, HTML, XML and terminal sequences.
func HostileTexts(t testing.TB) []string {
	t.Helper()
	var texts []string
	if err := json.Unmarshal(hostile, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// Poisoned returns a run with s wherever untrusted text can be.
func Poisoned(s string) report.Report {
	x := text.New(s)
	r := NewRun("hostile", calls.AgentVoice)
	r.Evidence.RunTest.Name = x
	r.Evidence.Execution.AgentName, r.Evidence.Execution.ErrorReason = x, x
	r.Evidence.Execution.AgentType, r.Evidence.Execution.Status = calls.AgentType(s), calls.ExecutionStatus(s)
	for i := range r.Evidence.Evals {
		r.Evidence.Evals[i].Name = x
	}
	for i := range 6 {
		c := r.Call(s, calls.Completed, float64(i), s)
		for j := range c.Evals {
			ChangeEval(&c.Evals[j], func(r *calls.EvalResult) { r.Name, r.Reason, r.Type = x, x, x })
		}
		ChangeEval(&c.Evals[0], func(r *calls.EvalResult) { r.State, r.Value = calls.EvalErrored, calls.EvalValue{} })
		ChangeEval(&c.Evals[2], func(r *calls.EvalResult) { r.Value.Labels = []text.Untrusted{x, text.New("Polite")} })
	}
	failed := r.Call(s, calls.Failed, -1, s)
	failed.SkipReason = x
	failed.Transcript = &verdict.Transcript{Transcript: calls.Transcript{Left: 2, Turns: []calls.Turn{
		{Role: calls.RoleAgent, Text: x, StartSeconds: new(1.5)}, {Role: calls.RoleCustomer, Text: x}, {Role: calls.RoleOther, Text: x},
	}}}
	odd := r.Call(s, calls.Status("odd"+s), -1, "")
	odd.Attempts = 2
	skipped := r.Call(s, calls.Completed, -1, s)
	skipped.Transcript = &verdict.Transcript{Missing: x}
	skipped.ProcessingSkipped, skipped.FirstOutcome, skipped.SkipReason = true, verdict.Skipped, x
	rescued := r.calls[0]
	rescued.Attempts, rescued.FirstOutcome = 2, verdict.Failed
	r.Evidence.Reruns = []verdict.Rerun{{
		Attempt: 1, Type: calls.RerunCallAndEval, Requested: 2, Accepted: 1,
		Rejected: []calls.RejectedRerun{{CallID: failed.ID, Reason: x}}, Error: x,
	}}
	r.Evidence.Warnings = []text.Untrusted{x}
	r.Evidence.Key, r.Evidence.Budget.Spent = x, budget.Spent{}
	r.Evidence.Reused = &verdict.Reused{StartedAt: r.Evidence.Timing.StartedAt.Add(-time.Hour), Origin: x}
	deciding := r.calls[1].ID
	r.further(1)
	for _, c := range r.calls[len(r.calls)-3:] {
		c.Execution = 1
	}
	r.Evidence.Looks = &verdict.Looks{First: 1, Max: 3, Stopped: x, Past: []verdict.Look{{Trials: 1, Calls: 6, Kind: verdict.Inconclusive, Reason: x}}}

	out := r.Report(verdict.Verdict{Kind: verdict.Fail, Reason: x, Flip: x, Warnings: []text.Untrusted{x}}, 1)
	out.Verdict.Deciding = append(out.Verdict.Deciding, deciding)
	out.Rules.DecideOn = verdict.DecideOnInterval
	rate := out.Verdict.Metrics.SuccessRate
	out.Verdict.Checks = []verdict.Check{
		check("success_rate >= 95", rate, 95),
		{Criterion: fmt.Sprintf("scenario %q: success_rate >= 95", s), Outcome: verdict.NoData, Detail: x},
		{Criterion: "each scenario: success_rate >= 95", Scope: x, Value: rate, Outcome: verdict.Undecided, Detail: x},
	}
	out.Tool.Version = s
	out.CI.Repository, out.CI.Ref, out.CI.Job, out.CI.Workflow = x, x, x, x
	return out
}

// Harmless is Poisoned with a harmless text.
func Harmless() report.Report { return Poisoned("Refund") }
