// Package reporttest provides runs for the tests of reports: cases.go has the runs that every
// format has a golden file of, run.go the parts they are made of, trials.go runs of several
// executions, derive.go numbers computed independently, hostile.go runs full of texts that try to break out; golden.go compares output
// with golden files. Only tests import it, and it imports no format.
package reporttest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Cases returns the runs that every format has a golden file of.
func Cases() map[string]report.Report {
	soft := Failing()
	soft.Policy.SoftFail, soft.ExitCode = true, 0
	all := map[string]report.Report{
		"pass":         Passing(),
		"fail":         Failing(),
		"soft-fail":    soft,
		"flaky":        FlakyRun(),
		"inconclusive": Inconclusive(),
		"error":        ErrorBeforeAnyCall(),
		"interrupted":  Interrupted(),
		"skipped":      SkippedRun(),
		"large":        Large(200, 8),
		"transcripts":  WithTranscripts(Failing()),
		"regression":   regression(),
		"minimal":      Minimal(),
		"over-budget":  OverBudget(),
		"gaps":         Gaps(),
		"trials":       Trials(),
		"decided-late": DecidedLate(),
		"gave-up":      GaveUp(),
		"text-rerun":   TextRerun(),
		"quarantine":   Quarantined(),
		"reused":       Reused(),
	}
	for name, r := range all {
		blame(&r)
		all[name] = r
	}
	return all
}

// Passing is a text agent with three calls.
func Passing() report.Report {
	r := NewRun("nightly", calls.AgentText)
	r.Evidence.Execution.Dialect = calls.DialectDocumented
	r.Evidence.API.BaseURL, r.Evidence.API.BaseURLSource = text.New("https://agi.example.com"), text.New("FI_BASE_URL")
	r.Call("Cancel a subscription", calls.Completed, 9, "customer-ended-call")
	r.Call("Change an address", calls.Completed, 8, "customer-ended-call")
	r.Call("Change an address", calls.Completed, 7.5, "assistant-ended-call")
	return r.Report(verdict.Verdict{
		Kind:   verdict.Pass,
		Reason: text.New("all 2 criteria are met"),
		Flip:   text.New("overall_score 8.17 (need 7.5)"),
		Checks: []verdict.Check{check("success_rate >= 95", rate(3, 3), 95), check("overall_score >= 7.5", mean([]float64{9, 8, 7.5}, criteria.UnitNone), 7.5)},
	}, 0)
}

// Reused is a run whose calls an earlier start of its key paid for.
func Reused() report.Report {
	r := Passing()
	r.Evidence.Key, r.Evidence.Budget.Spent = text.New("run"), budget.Spent{}
	r.Evidence.Reused = &verdict.Reused{StartedAt: r.Evidence.Timing.StartedAt.Add(-3*time.Hour - 12*time.Minute), Origin: text.New("Gate on acme/support #17, attempt 1 ::error::forged")}
	return r
}

// Failing is the run in the API's samples: 20 voice calls, of which 16 succeeded and one was
// lost by the platform.
func Failing() report.Report {
	r := NewRun("fail", calls.AgentVoice)
	for i, score := range []float64{8, 0, -1, 1, 8, 7, 2, 10, 8} {
		r.Call("Billing dispute", calls.Completed, score, []string{"assistant-ended-call", "customer-ended-call"}[i%2])
	}
	for _, score := range []float64{8, 6, 9, 4, 7, 8, 9} {
		r.Call("Refund for a damaged order", calls.Completed, score, "customer-ended-call")
	}
	r.Call("Billing dispute", calls.Failed, -1, NoBalance)
	r.Call("Refund for a damaged order", calls.Failed, -1, "Call initiation failed: carrier returned 503 Service Unavailable")
	r.Call("Refund for a damaged order", calls.Completed, 3, "Error processing simulation")
	skipped := r.Call("Refund for a damaged order", calls.Completed, -1, "silence-timed-out")
	skipped.ProcessingSkipped, skipped.FirstOutcome = true, verdict.Skipped
	skipped.SkipReason = text.New("We could not find enough agent conversation to process this call.")
	r.calls[3].Evals[0] = calls.NewEval(calls.EvalResult{ConfigID: ID("eval", 1), Name: text.New("groundedness"), Type: text.New("score"), State: calls.EvalErrored, Reason: text.New("Evaluation failed: model timeout")})
	lowest := []uuid.UUID{r.calls[1].ID, r.calls[3].ID, r.calls[6].ID}
	r.Evidence.Warnings = []text.Untrusted{text.New("1 succeeded call has no overall score")}
	out := r.Report(verdict.Verdict{
		Kind:     verdict.Fail,
		Reason:   text.New("success_rate is 84.2%, below 95%: 16 of 19 calls succeeded"),
		Flip:     text.New("3 more successful calls needed; a mean 1.2 higher"),
		Deciding: lowest,
	}, 1)
	m := out.Verdict.Metrics
	out.Verdict.Checks = []verdict.Check{
		check("success_rate >= 95", m.SuccessRate, 95),
		check("overall_score >= 7.5", m.OverallScore, 7.5),
		check(`eval "is_helpful": pass_rate >= 60`, out.Verdict.Evals[1].PassRate, 60),
		check(`eval "sentiment": score >= 70`, verdict.Estimate{}, 70),
	}
	for _, s := range out.Verdict.Scenarios {
		c := check("each scenario: success_rate >= 80", s.SuccessRate, 80)
		c.Scope = s.Name
		out.Verdict.Checks = append(out.Verdict.Checks, c)
	}
	blame(&out)
	return out
}

// WithTranscripts adds transcripts to the calls that mattered, covering every way they can be present or
// absent. Those below the bar have a reason that quotes one.
func WithTranscripts(r report.Report) report.Report {
	said := func(role calls.Role, words string, times ...float64) calls.Turn {
		turn := calls.Turn{Role: role, Text: text.New(words)}
		if len(times) > 0 {
			turn.StartSeconds = &times[0]
		}
		if len(times) > 1 {
			turn.EndSeconds = &times[1]
		}
		return turn
	}
	all := []verdict.Transcript{
		{Transcript: calls.Transcript{Turns: []calls.Turn{
			said(calls.RoleAgent, "Thank you for calling Acme. How can I help?", 0.64, 3.604),
			said(calls.RoleCustomer, "Hi, order 4400 arrived with a broken lid. I want my money back.", 3.954, 7.878),
			said(calls.RoleOther, `[{"name": "lookup_order", "arguments": {"order": "4400"}}]`, 11.878),
			said(calls.RoleAgent, "You can find our return policy on the website.\nIs there anything else?", 65.2, 71),
			said(calls.RoleCustomer, "I have read it. I am asking you for the refund.", 3671.4, 3675),
		}, Left: 37, AgentLatencySeconds: new(0.72), AgentInterruptions: new(1), CustomerInterruptions: new(0), Recordings: []calls.Recording{
			{Track: "combined", URL: text.New("https://recordings.example.com/4400/combined.wav?signature=a%2Bb")},
			{Track: "assistant", URL: text.New("https://recordings.example.com/4400/assistant.wav")},
		}}},
		{Transcript: calls.Transcript{Turns: []calls.Turn{
			said(calls.RoleCustomer, "Hello, I was charged twice."), said(calls.RoleAgent, "The invoice is correct."),
		}}},
		{},
		{Missing: text.New("read call execution: GET /simulate/call-executions/x/ answered 503 Service Unavailable (3 attempts)")},
	}
	told := false
	for i, at := range verdict.Mattered(r.Evidence.Calls, r.Verdict, r.Rules) {
		ChangeCall(&r, at, func(c *verdict.Call) {
			c.Transcript = &all[i%len(all)]
			if c.Outcome() == verdict.Succeeded {
				c.Transcript = &all[0]
				ChangeEval(&c.Evals[1], func(e *calls.EvalResult) {
					e.Reason = text.New("The agent named “our return policy on the website...”, although the customer had said \"I have read it\".")
				})
				return
			}
			if told || len(c.Evals) > 0 {
				return
			}
			told = true
			for n, config := range r.Evidence.Evals { // as the deployed server reports a failed call
				c.Evals = append(c.Evals, calls.NewEval(calls.EvalResult{
					ConfigID: ID("eval", n+1), Name: config.Name, State: calls.EvalSkipped,
					Reason: text.New("Call failed before evaluations: Insufficient balance to make calls."),
				}))
			}
		})
	}
	r.Evidence.Warnings = append(r.Evidence.Warnings, text.New("1 of 4 transcripts could not be read: read call execution: answered 503 Service Unavailable (3 attempts)"))
	return r
}

// FlakyRun has two calls that a rerun recovered and one that none did.
func FlakyRun() report.Report {
	r := NewRun("flaky", calls.AgentVoice)
	for range 9 {
		r.Call("Book a table", calls.Completed, 8, "customer-ended-call")
	}
	for i := range 2 {
		c := r.calls[i]
		c.Attempts, c.FirstOutcome = 2+i, verdict.Failed
	}
	lost := r.Call("Book a table", calls.Failed, -1, "Call initiation failed: line busy")
	lost.Attempts = 3
	r.Evidence.Reruns = []verdict.Rerun{
		{Attempt: 1, Type: calls.RerunCallAndEval, Requested: 3, Accepted: 3, Rescued: 1},
		{Attempt: 2, Type: calls.RerunCallAndEval, Requested: 2, Accepted: 1, Rescued: 1,
			Rejected: []calls.RejectedRerun{{CallID: lost.ID, Reason: text.New("Call execution is still being processed")}}},
		{Attempt: 3, Type: calls.RerunEvalOnly, Requested: 1, Error: text.New("the server accepted the rerun and started nothing")},
	}
	r.Evidence.API.Adopted = 1
	out := r.Report(verdict.Verdict{
		Kind: verdict.Pass, Reason: text.New("the only criterion is met"), Flip: text.New("success_rate 90% (need 90%)"),
	}, 0)
	out.Verdict.Checks = []verdict.Check{check("success_rate >= 90", out.Verdict.Metrics.SuccessRate, 90)}
	return out
}

// Inconclusive has an interval that includes the threshold.
func Inconclusive() report.Report {
	r := NewRun("inconclusive", calls.AgentText)
	for range 8 {
		r.Call("Explain an invoice", calls.Completed, 7, "customer-ended-call")
	}
	r.Call("Explain an invoice", calls.Failed, -1, "")
	out := r.Report(verdict.Verdict{
		Kind: verdict.Inconclusive, Reason: text.New("success_rate is 88.9%, but its interval 56.5–98% includes 80%"),
	}, 5)
	c := check("success_rate >= 80", out.Verdict.Metrics.SuccessRate, 80)
	c.Outcome, c.Detail = verdict.Undecided, text.New("about 60 more calls would decide it")
	out.Verdict.Checks = []verdict.Check{c}
	out.Rules.DecideOn = verdict.DecideOnInterval
	out.Rules.Baseline = &verdict.Baseline{Branch: text.New("main"), Execution: verdict.Execution{ID: ID("baseline", 0), Status: calls.ExecutionCompleted}, Calls: Packed(Unpacked(out)[:3]...)}
	return out
}

// ErrorBeforeAnyCall is a run that the server rejected.
func ErrorBeforeAnyCall() report.Report {
	r := NewRun("error", "")
	r.Evidence.RunTest, r.Evidence.Execution, r.Evidence.Evals = verdict.RunTest{}, verdict.Execution{}, nil
	r.Evidence.API = verdict.API{Stats: calls.Stats{Requests: 1}}
	r.Evidence.Timing.FinishedAt = start.Add(400 * time.Millisecond)
	return r.Report(verdict.Verdict{
		Kind: verdict.Error, Cause: verdict.CauseOperational,
		Reason: text.New("create run test: POST /simulate/run-tests/create/: 401 Invalid API key or secret key; check the inputs api-key and secret-key"),
	}, 3)
}

// Interrupted is a run that was ended by a signal.
func Interrupted() report.Report {
	r := NewRun("interrupted", calls.AgentVoice)
	r.Evidence.Execution.Status, r.Evidence.Execution.CompletedAt, r.Evidence.Execution.ServerSuccessRate = calls.ExecutionCancelled, nil, nil
	r.Call("Report a lost card", calls.Completed, 8, "customer-ended-call")
	r.Call("Report a lost card", calls.Ongoing, -1, "")
	r.Call("Report a lost card", calls.Cancelled, -1, "Cancelled by user")
	r.Call("Report a lost card", calls.Cancelled, -1, "Cancelled by user")
	return r.Report(verdict.Verdict{
		Kind: verdict.Error, Cause: verdict.CauseInterrupted,
		Reason: text.New("interrupted by SIGINT; the execution was cancelled"),
	}, 130)
}

// SkippedRun is a job without credentials.
func SkippedRun() report.Report {
	r := NewRun("skipped", "")
	r.Evidence = verdict.Evidence{Timing: r.Evidence.Timing}
	return r.Report(verdict.Verdict{
		Kind: verdict.Skip, Reason: text.New("no credentials, as on a pull request from a fork, and on-missing-credentials is skip"),
	}, 0)
}

// Large returns a voice run of n calls in several scenarios, always the same.
func Large(n, scenarios int) report.Report {
	random := rand.New(rand.NewPCG(1, 2))
	r := NewRun("large", calls.AgentVoice)
	for i := range n {
		scenario := fmt.Sprintf("Situation %02d: a customer who wants %s", i%scenarios+1, []string{"a refund", "to cancel", "help with 設定"}[i%scenarios%3])
		switch p := random.Float64(); {
		case p < 0.08:
			c := r.Call(scenario, calls.Failed, -1, []string{"Call initiation failed: carrier returned 503 Service Unavailable", "Agent did not answer"}[i%2])
			c.Attempts = 2
		case p < 0.10:
			r.Call(scenario, calls.Cancelled, -1, "")
		case p < 0.13:
			c := r.Call(scenario, calls.Completed, -1, "silence-timed-out")
			c.ProcessingSkipped, c.FirstOutcome = true, verdict.Skipped
			c.SkipReason = text.New("Call transcript is unavailable and the call was too short (3.2s) to process (minimum 5s).")
		case p < 0.17:
			c := r.Call(scenario, calls.Completed, 6, "customer-ended-call")
			c.Attempts, c.FirstOutcome = 2, verdict.Failed
		default:
			r.Call(scenario, calls.Completed, float64(4+random.IntN(7)), "customer-ended-call")
		}
	}
	r.Evidence.Reruns = []verdict.Rerun{{Attempt: 1, Type: calls.RerunCallAndEval, Requested: 25, Accepted: 25, Rescued: 8}}
	out := r.Report(verdict.Verdict{
		Kind: verdict.Fail, Reason: text.New("success_rate is below 95%"), Flip: text.New("24 more successful calls needed"),
	}, 1)
	out.Verdict.Checks = []verdict.Check{check("success_rate >= 95", out.Verdict.Metrics.SuccessRate, 95)}
	for _, s := range out.Verdict.Scenarios {
		c := check("each scenario: success_rate >= 85", s.SuccessRate, 85)
		c.Scope = s.Name
		out.Verdict.Checks = append(out.Verdict.Checks, c)
	}
	return out
}

// regression is a run with a baseline that was better in some scenarios and worse in others.
// Their names try to break out of tables and charts.
func regression() report.Report {
	scenarios := []string{
		"Refund for a damaged order", `Say "hello"] bar [9`, "50 % off %%{init: {}}%% #quot;", "Cancel `x` <b>", "Billing dispute, long and even longer than a label takes",
		"A new one",
	}
	fill := func(r *Run, failing map[int]int) {
		for i, name := range scenarios {
			for n := range 10 {
				switch {
				case r.name == "before" && i == len(scenarios)-1:
				case n < failing[i]:
					r.Call(name, calls.Failed, -1, "Agent did not answer")
				default:
					r.Call(name, calls.Completed, float64(5+(n+i)%5), "customer-ended-call")
				}
			}
		}
	}
	before := NewRun("before", calls.AgentText)
	before.Evidence.Execution.CompletedAt = new(start.Add(-30 * time.Hour))
	fill(before, map[int]int{0: 0, 1: 2, 2: 1, 3: 0})
	r := NewRun("regression", calls.AgentText)
	fill(r, map[int]int{0: 4, 1: 0, 2: 1, 3: 1, 5: 1})
	out := r.Report(verdict.Verdict{Kind: verdict.Fail, Reason: text.New("success_rate.change is -6 points, below -1")}, 1)
	c := check("success_rate.change >= -1", verdict.Estimate{Value: new(-6.0), N: 50, Unit: criteria.UnitPoints}, -1)
	out.Verdict.Checks = []verdict.Check{c}
	out.Rules.Baseline = verdict.BaselineOf(before.Done())
	out.Rules.Baseline.Branch = text.New("main")
	return out
}

// Minimal has as little data as possible: a criterion on the number of calls, and two calls
// without a name, reason or number.
func Minimal() report.Report {
	r := NewRun("minimal", "")
	r.Evidence.Evals, r.Evidence.API = nil, verdict.API{}
	r.Evidence.Execution = verdict.Execution{ID: r.Evidence.Execution.ID, Status: calls.ExecutionFailed}
	r.Evidence.RunTest.Name = text.Untrusted{}
	for _, status := range []calls.Status{calls.Completed, calls.Failed} {
		c := &verdict.Call{Call: calls.Call{ID: ID("minimal", len(r.calls)), Status: status}, Attempts: 1}
		c.FirstOutcome = c.Outcome()
		r.calls = append(r.calls, c)
	}
	out := r.Report(verdict.Verdict{Kind: verdict.Pass, Reason: text.New("the only criterion is met")}, 0)
	out.CI = job.Context{}
	out.Verdict.Checks = []verdict.Check{check("total_calls >= 2", verdict.Estimate{Value: new(2.0), N: 2, Unit: criteria.UnitCalls}, 2)}
	return out
}

// Gaps is a run with many unknowns: missing, lost and unfinished calls, and a scenario without
// any call. Two of its scenarios have the same name.
func Gaps() report.Report {
	r := NewRun("gaps", calls.AgentVoice)
	const refund = "Refund for a damaged order"
	for i, score := range []float64{9, 3, 8, 8, 7} {
		r.Call(refund, calls.Completed, score, "customer-ended-call")
		if i%2 == 1 {
			r.calls[i].ScenarioID = ID("scenario twin", 0)
		}
	}
	r.Call(refund, calls.Failed, -1, NoBalance)
	r.Call(refund, calls.Failed, -1, NoBalance).Attempts = 2
	r.Call(refund, calls.Failed, -1, "no-answer")
	r.Call("Book a table", calls.Ongoing, -1, "")
	r.Call("Book a table", calls.Cancelled, -1, "")
	unscored := r.Call("Book a table", calls.Completed, -1, "customer-ended-call")
	unscored.Attempts, unscored.FirstOutcome = 2, verdict.Lost
	r.Evidence.Plan = []verdict.Planned{
		{ID: ID("scenario "+refund, 0), Name: text.New(refund), Calls: new(8)},
		{ID: ID("scenario twin", 0), Name: text.New(refund), Calls: new(2)},
		{ID: ID("scenario Book a table", 0), Name: text.New("Book a table")},
		{ID: ID("scenario Move", 0), Name: text.New("Move a booking"), Calls: new(3)},
	}
	out := r.Report(verdict.Verdict{
		Kind: verdict.Error, Cause: verdict.CauseOperational,
		Reason: text.New("pass_rate cannot be judged: 10 of 16 calls are not known"),
	}, 3)
	unknown := check("pass_rate >= 80", out.Verdict.Metrics.PassRate, 50)
	unknown.Outcome, unknown.Unknown, unknown.Detail = verdict.NoData, 10, text.New("between 25% and 87.5%, since 10 calls are not known")
	judged := check("judged_rate >= 90", out.Verdict.Metrics.JudgedRate, 0)
	met := check("success_rate >= 10", out.Verdict.Metrics.SuccessRate, 10)
	met.Unknown = 9
	out.Verdict.Checks = []verdict.Check{unknown, judged, met}
	return out
}

// NobodysFailure is a run without a failed call: of six planned calls one succeeded, three were
// lost and two were never created.
func NobodysFailure() report.Report {
	r := NewRun("lost", calls.AgentVoice)
	r.Call("Book a table", calls.Completed, 8, "ok")
	for range 3 {
		r.Call("Book a table", calls.Failed, -1, NoBalance)
	}
	r.Evidence.Plan = []verdict.Planned{{ID: ID("scenario Book a table", 0), Name: text.New("Book a table"), Calls: new(6)}}
	return r.Report(verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseOperational, Reason: text.New("too little is known")}, 3)
}
