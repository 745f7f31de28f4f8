package gate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestAPromptWhoseModelCannotBeCalledSaysWhatTheServerSays(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Plan: story.Plan{Default: story.Fails("litellm.AuthenticationError: no such key")}}
	inPrompt(t, options, 1, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "every call of this prompt failed, 5 of 5 with: litellm.AuthenticationError: no such key")
		if strings.Contains(got.Verdict.Reason.Line(), "hosted runner") {
			t.Errorf("reason %q speaks of the hosted runner", got.Verdict.Reason)
		}
	})
}

func TestCallsOfAPromptThatWaitForTheirTurnAreWaitedFor(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Scenarios: []story.Scenario{{Name: "Refunds", Rows: 60}}} // ten at a time, every 30 s
	inPrompt(t, options, 1, func(w *world) {
		began := time.Now()
		w.wantVerdict(w.run(), verdict.Pass, "")
		if took := time.Since(began); took < 3*time.Minute {
			t.Errorf("it took %s, so nothing waited", took)
		}
	})
}

func TestThePromptsExecutionIsOverWhenItsCallsAre(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]story.Plan{
		"every call failed":     {Default: story.Fails("no model")},
		"an eval does not come": {Calls: map[int]story.Outcome{1: story.Succeeds(9).With("is_helpful", story.EvalPassed().Late(story.Forever))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{
				Plan: plan, AttachEvals: true, Chats: simulator.Chats{Starved: true},
				Scenarios: []story.Scenario{{Name: "Refunds", Rows: 2}},
			}
			inPrompt(t, options, 1, func(w *world) {
				w.gate.Config.Waiting.ResultsWait = 10 * time.Minute
				w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
				w.judgeBy("success_rate >= 90\neval is_helpful: result_rate >= 100")
				began := time.Now()
				got := w.run()
				if n := w.server.Ledger().Counts[api.EndpointRerun]; n != 0 {
					t.Errorf("%d reruns of an execution whose end nobody would see", n)
				}
				if got.Verdict.Cause == verdict.CauseTimeout || got.Evidence.Calls.Len() != 2 {
					t.Errorf("got %s (%s) and %d calls", got.Verdict.Kind, got.Verdict.Reason, got.Evidence.Calls.Len())
				}
				if took := time.Since(began); took > 15*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// The timeout may pass while only the status of a prompt's execution is missing.
func TestAPromptWhoseCallsHaveEndedIsJudgedAtTheTimeout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		plan    story.Plan
		timeout time.Duration
		verdict verdict.Kind
		cause   verdict.Cause
	}{
		{"every call failed", story.Plan{Default: story.Fails("no model")}, time.Minute, verdict.Fail, ""},
		{"a call is still held", story.Plan{Default: story.Fails("no model")}, 10 * time.Second, verdict.Error, verdict.CauseTimeout},
		{
			"an eval is still to come",
			story.Plan{Default: story.Succeeds(9).With("is_helpful", story.EvalPassed().Late(story.Forever))},
			90 * time.Second, verdict.Error, verdict.CauseTimeout,
		},
		{
			"an eval is still to come that no criterion looks at",
			story.Plan{Default: story.Succeeds(9).With("groundedness", story.EvalPassed().Late(story.Forever))},
			90 * time.Second, verdict.Pass, "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{
				Plan: c.plan, AttachEvals: true, Chats: simulator.Chats{Starved: true},
				Scenarios: []story.Scenario{{Name: "Refunds", Rows: 2}},
			}
			inPrompt(t, options, 1, func(w *world) {
				w.gate.Timeout = c.timeout
				w.judgeBy("success_rate >= 90\neval is_helpful: result_rate >= 100")
				got := w.run()
				w.wantVerdict(got, c.verdict, c.cause)
				if got.Evidence.Calls.Len() != 2 {
					t.Errorf("%d calls are reported, want 2", got.Evidence.Calls.Len())
				}
			})
		})
	}
}

// countless is a server that does not count the calls of an execution.
type countless struct{ gate.API }

func (c countless) Poll(ctx context.Context, id uuid.UUID) (calls.Progress, error) {
	p, err := c.API.Poll(ctx, id)
	p.Total, p.Completed, p.Failed = nil, nil, nil
	return p, err
}

func TestAPromptWithoutCountsIsOverWhenItsCallsAre(t *testing.T) {
	t.Parallel()
	options := simulator.Options{
		Plan: story.Plan{Default: story.Fails("no model")}, Chats: simulator.Chats{Starved: true},
		Scenarios: []story.Scenario{{Name: "Refunds", Rows: 2}},
	}
	inPrompt(t, options, 1, func(w *world) {
		w.gate.API = countless{w.gate.API}
		w.gate.Timeout = time.Hour
		began := time.Now()
		w.wantVerdict(w.run(), verdict.Fail, "")
		if took := time.Since(began); took > 5*time.Minute {
			t.Errorf("it took %s, although all calls had ended", took)
		}
	})
}

func TestFailFastEndsAPrompt(t *testing.T) {
	t.Parallel()
	options := simulator.Options{
		Scenarios: []story.Scenario{{Name: "Refunds", Rows: 60}},
		Plan:      story.Plan{Each: func(ref story.CallRef) (story.Outcome, bool) { return story.Fails("no model"), ref.Index < 8 }},
	}
	inPrompt(t, options, 1, func(w *world) {
		w.gate.Config.FailFast, w.gate.Config.Waiting.PollMaxInterval = true, 3*time.Second
		began := time.Now()
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantCancels(1)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %s, although a conversation that failed stays failed", took)
		}
	})
}

func TestSignalsAndTimeoutsCancelAPrompt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		after  time.Duration
		signal error // nil for the timeout
		cause  verdict.Cause
	}{
		{"interrupt while the calls are queued", 5 * time.Second, gate.ErrInterrupted, verdict.CauseInterrupted},
		{"terminate in a conversation", 31 * time.Second, gate.ErrTerminated, verdict.CauseTerminated},
		{"timeout", 31 * time.Second, nil, verdict.CauseTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Scenarios: []story.Scenario{{Name: "Refunds", Rows: 20}}}
			inPrompt(t, options, 1, func(w *world) {
				var got gate.Result
				if c.signal == nil {
					w.gate.Timeout = c.after
					got = w.run()
				} else {
					got = w.runStoppedAfter(c.after, c.signal)
				}
				w.wantVerdict(got, verdict.Error, c.cause)
				w.wantReason(got, "is cancelled")
				time.Sleep(5 * time.Minute)
				if s := w.server.Executions()[0].Status; s != story.StatusCancelled {
					t.Errorf("the execution is %s later", s)
				}
			})
		})
	}
}

func TestAKilledProcesssPromptIsTakenUp(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 1, func(w *world) {
		w.dieAfter(5 * time.Second)
		w.gate.Earlier = w.killedAt("started")
		w.wantVerdict(w.run(), verdict.Pass, "")
		w.wantPaid(1)
	})
}

func TestAPromptThatWaitsBehindOthersIsNoAgentWithoutARunner(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Scenarios: []story.Scenario{{Name: "Refunds", Rows: 90}, {Name: "Bookings", Rows: 1}}}
	inPrompt(t, options, 2, func(w *world) {
		// Ten calls of the organization begin every 30 s, and those of others come first.
		others := w.server.AddPromptRunTest("others")
		if _, err := w.api.ExecutePrompt(w.t.Context(), w.server.PromptTemplate(), others, w.server.ScenarioIDs()[:1]); err != nil {
			t.Fatal(err)
		}
		w.gate.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[1:]
		w.dieAfter(5 * time.Second)
		w.gate.Earlier = w.killedAt("started") // it does not know how the start was answered
		began := time.Now()
		w.wantVerdict(w.run(), verdict.Pass, "")
		if took := time.Since(began); took < 4*time.Minute {
			t.Errorf("it took %s, so it did not wait", took)
		}
		w.wantPaid(2)
	})
}

func TestALostResponseExecutesNoPromptTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault   simulator.FaultKind
		handled bool
		started int // executions
		sent    int
	}{
		{simulator.FaultLost, true, 1, 1},
		{simulator.FaultHangUp, true, 1, 1},
		{simulator.FaultTruncated, true, 1, 1},
		{simulator.FaultSlow, true, 1, 1},
		{simulator.FaultServerError, true, 1, 1},
		{simulator.FaultRateLimit, true, 1, 1},
		{simulator.FaultUnavailable, true, 1, 1},
		{simulator.FaultReset, false, 0, 1},
		{simulator.FaultServerError, false, 0, 1},
		{simulator.FaultRateLimit, false, 0, 1}, // others may use the run test
		{simulator.FaultRefused, false, 1, 2},
		{simulator.FaultNoHost, false, 1, 2},
	} {
		name := string(c.fault)
		if c.handled {
			name += ", handled"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := simulator.Fault{Endpoint: talk.EndpointPromptExecute, Kind: c.fault, Handled: c.handled}
			inPrompt(t, simulator.Options{Faults: []simulator.Fault{fault}}, c.sent, func(w *world) {
				got := w.run()
				if c.started == 0 {
					w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
				} else {
					w.wantVerdict(got, verdict.Pass, "")
				}
				w.wantPaid(c.started)
			})
		})
	}
}
