package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

//go:embed testdata/hostile.json
var hostile []byte

// HostileTexts are the texts of the API's hostile sample and some more: they try to be
// log commands, Markdown, HTML, XML and terminal sequences.
func HostileTexts(t testing.TB) []string {
	t.Helper()
	var texts []string
	if err := json.Unmarshal(hostile, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// Poisoned is a run with s wherever a stranger can put a text.
func Poisoned(s string) Report {
	x := text.New(s)
	r := NewRun("hostile", client.AgentVoice)
	r.Evidence.RunTest.Name = x
	r.Evidence.Execution.AgentName, r.Evidence.Execution.ErrorReason = x, x
	r.Evidence.Execution.AgentType, r.Evidence.Execution.Status = client.AgentType(s), client.ExecutionStatus(s)
	for i := range r.Evidence.Evals {
		r.Evidence.Evals[i].Name = x
	}
	for i := range 6 {
		c := r.Call(s, client.CallCompleted, float64(i), s)
		for j := range c.Evals {
			AlterEval(&c.Evals[j], func(r *client.EvalResult) { r.Name, r.Reason, r.Type = x, x, x })
		}
		AlterEval(&c.Evals[0], func(r *client.EvalResult) { r.State, r.Value = client.EvalErrored, client.EvalValue{} })
		AlterEval(&c.Evals[2], func(r *client.EvalResult) { r.Value.Labels = []text.Untrusted{x, text.New("Polite")} })
	}
	failed := r.Call(s, client.CallFailed, -1, s)
	failed.SkipReason = x
	failed.Transcript = &verdict.Transcript{Transcript: client.Transcript{Left: 2, Turns: []client.Turn{
		{Role: client.RoleAgent, Text: x, StartSeconds: new(1.5)}, {Role: client.RoleCustomer, Text: x}, {Role: client.RoleOther, Text: x},
	}}}
	odd := r.Call(s, client.CallStatus("odd"+s), -1, "")
	odd.Attempts = 2
	skipped := r.Call(s, client.CallCompleted, -1, s)
	skipped.Transcript = &verdict.Transcript{Missing: x}
	skipped.ProcessingSkipped, skipped.FirstOutcome, skipped.SkipReason = true, verdict.Skipped, x
	rescued := r.calls[0]
	rescued.Attempts, rescued.FirstOutcome = 2, verdict.Failed
	r.Evidence.Reruns = []verdict.Rerun{{
		Attempt: 1, Type: client.RerunCallAndEval, Requested: 2, Accepted: 1,
		Rejected: []client.RejectedRerun{{CallID: failed.ID, Reason: x}}, Error: x,
	}}
	r.Evidence.Warnings = []text.Untrusted{x}
	deciding := r.calls[1].ID

	out := r.Report(verdict.Verdict{Kind: verdict.Fail, Reason: x, Flip: x, Warnings: []text.Untrusted{x}}, 1)
	out.Verdict.Deciding = append(out.Verdict.Deciding, deciding)
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

// Harmless is the same run with a text that nothing could take offence at.
func Harmless() Report { return Poisoned("Refund") }
