package reporttest

import (
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Run builds a report. It computes its numbers independently from its calls, so that the
// golden files add up without the package under test.
type Run struct {
	name     string
	Evidence verdict.Evidence // without the calls
	calls    []*verdict.Call
}

var start = time.Date(2026, 8, 22, 10, 0, 0, 0, time.UTC)

// ID returns the ID of the nth thing of a kind, always the same.
func ID(kind string, n int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s-%d", kind, n))
}

// NewRun returns a run without calls. The IDs are derived from its name.
func NewRun(name string, agent calls.AgentType) *Run {
	execution := ID(name+"-execution", 0)
	runTest := ID(name+"-run-test", 0)
	return &Run{name: name, Evidence: verdict.Evidence{
		RunTest: verdict.RunTest{ID: runTest, Name: text.New("acme-support main 1f3a9c2 " + name)},
		Execution: verdict.Execution{
			ID: execution, Status: calls.ExecutionCompleted, Dialect: calls.DialectDeployed,
			URL:       fmt.Sprintf("https://app.futureagi.com/dashboard/simulate/test/%s/%s/call-details", runTest, execution),
			AgentType: agent, AgentName: text.New("Support"),
			StartedAt: new(start.Add(3 * time.Second)), CompletedAt: new(start.Add(12 * time.Minute)),
			ServerSuccessRate: new(90.0),
		},
		Evals: []calls.EvalConfig{
			{ID: ID("eval", 1), TemplateID: ID("template", 1), Name: text.New("groundedness")},
			{ID: ID("eval", 2), TemplateID: ID("template", 2), Name: text.New("is_helpful")},
			{ID: ID("eval", 3), TemplateID: ID("template", 3), Name: text.New("tone")},
		},
		API:    verdict.API{Stats: calls.Stats{Requests: 41, Polls: 33, Retries: 1}, Adopted: 0},
		Timing: verdict.Timing{StartedAt: start, FinishedAt: start.Add(12*time.Minute + 7*time.Second)},
	}}
}

// Call adds a call. A score below 0 means none.
func (r *Run) Call(scenario string, status calls.Status, score float64, ended string) *verdict.Call {
	n := len(r.calls)
	c := &verdict.Call{Call: calls.Call{
		ID: ID(r.name+"-call", n), Scenario: text.New(scenario), ScenarioID: ID("scenario "+scenario, 0),
		Status: status, EndedReason: text.New(ended),
	}, Attempts: 1}
	if status == calls.Completed {
		c.DurationSeconds, c.ResponseSeconds = new(float64(60+n%7*13)), new(1.1+float64(n%5)/10)
		c.CostCents = new(float64(8 + n%5))
		c.StartedAt, c.UpdatedAt = new(start.Add(time.Duration(n)*time.Second)), new(start.Add(time.Duration(n+200)*time.Second))
		if score >= 0 {
			c.OverallScore = &score
			c.Evals = []calls.Eval{
				r.eval(1, "groundedness", "score", calls.EvalValue{Kind: calls.ValueScore, Number: math.Round(score*9) / 100}),
				r.eval(2, "is_helpful", "Pass/Fail", calls.EvalValue{Kind: calls.ValuePass, Passed: score > 4}),
				r.eval(3, "tone", "choices", calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New([]string{"Polite", "Neutral"}[n%4/3])}}),
			}
		}
	}
	c.FirstOutcome = c.Outcome()
	r.calls = append(r.calls, c)
	return c
}

func (r *Run) eval(n int, name, typ string, v calls.EvalValue) calls.Eval {
	reason := "The agent named the order and offered a refund."
	if v.Kind == calls.ValuePass && !v.Passed {
		reason = "The agent described a policy that does not exist."
	}
	return calls.NewEval(calls.EvalResult{
		ConfigID: ID("eval", n), Name: text.New(name), Type: text.New(typ), State: calls.EvalScored, Value: v,
		Reason: text.New(reason),
	})
}

// Done sorts the calls as the client does.
func (r *Run) Done() verdict.Evidence {
	var p verdict.CallPacker
	for _, c := range r.calls {
		p.Add(*c)
	}
	p.Sort()
	r.Evidence.Calls = p.Calls()
	if spent := &r.Evidence.Budget.Spent; spent.Calls == 0 {
		for _, c := range r.calls {
			spent.Add(budget.Of(c.Call))
		}
		if spent.Priced > 0 { // what is idle took nothing, which a saved report does not tell apart
			spent.Priced, spent.Timed, spent.Idle = spent.Priced+spent.Idle, spent.Timed+spent.Idle, 0
		}
	}
	return r.Evidence
}

// Report derives what a judgement would.
func (r *Run) Report(v verdict.Verdict, exit int) report.Report {
	derive(&v, r.Done())
	return report.Report{
		Tool: report.Tool{Name: "agent-gate", Version: "1.0.0"},
		CI: job.Context{
			Provider: job.GitHub, Repository: text.New("acme/support"), Ref: text.New("fix/refunds"), BaseRef: text.New("main"),
			SHA: "1f3a9c2b7d5e4f60718293a4b5c6d7e8f9012345", Workflow: text.New("agent gate"), Job: text.New("gate"),
			RunID: "1122334455", Attempt: "1", JobURL: "https://github.com/acme/support/actions/runs/1122334455", PullNumber: 17,
		},
		Evidence: r.Evidence, Verdict: v,
		Rules:    verdict.Rules{Confidence: 95, DecideOn: verdict.DecideOnEstimate},
		Settings: &report.Settings{RerunAttempts: 1, RerunMaxCalls: "25%"},
		ExitCode: exit,
	}
}

// Packed packs calls as in a report.
func Packed(all ...verdict.Call) verdict.Calls {
	var p verdict.CallPacker
	p.Add(all...)
	return p.Calls()
}

// Unpacked returns the calls of a report.
func Unpacked(r report.Report) []verdict.Call {
	var all []verdict.Call
	for _, c := range r.Evidence.Calls.All() {
		all = append(all, c)
	}
	return all
}

// ChangeCall changes the call at index i of a report.
func ChangeCall(r *report.Report, i int, how func(*verdict.Call)) {
	r.Evidence.Calls = r.Evidence.Calls.With(func(at int, c *verdict.Call) {
		if at == i {
			how(c)
		}
	})
}

// NoBalance is the only platform failure that the reports' tests know.
const NoBalance = "Insufficient balance to make calls."

// ChangeEval changes a result that other calls may share.
func ChangeEval(e *calls.Eval, how func(*calls.EvalResult)) {
	r := e.Result()
	how(&r)
	*e = calls.NewEval(r)
}
