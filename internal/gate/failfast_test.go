package gate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// slowOptions run two calls at a time, so that much is left when the first have failed.
func slowOptions(plan story.Plan) simulator.Options {
	return simulator.Options{Concurrency: 2, Plan: plan}
}

// failsFirst fails the first n calls of an execution.
func failsFirst(n int) story.Plan {
	return story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) { return story.Fails("no-answer"), c.Index < n }}
}

func TestFailFastCancelsARunThatIsLost(t *testing.T) {
	t.Parallel()
	bothDialects(t, slowOptions(failsFirst(5)), func(w *world) {
		w.gate.Config.FailFast = true
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantPaid(1)
		if n := w.server.CallsPlaced(); n > 12 {
			t.Errorf("%d of 20 calls were placed, want the run cut short", n)
		}
		reason := got.Verdict.Reason.Line()
		for _, part := range []string{"success_rate >= 90", "can no longer be met", "fail-fast", "of 20 calls"} {
			if !strings.Contains(reason, part) {
				t.Errorf("reason %q, want it to say %q", reason, part)
			}
		}
		if got.Evidence.Calls.Len() != 20 || got.Verdict.Counts.Failed < 3 || got.Verdict.Counts.Cancelled == 0 {
			t.Errorf("%d calls with counts %+v in the report, want all, some failed and the rest cancelled", got.Evidence.Calls.Len(), got.Verdict.Counts)
		}
		if last := w.records[len(w.records)-1]; last.Step != paid.StepFinished {
			t.Errorf("the journal ends with the step %q, want %q", last.Step, paid.StepFinished)
		}
		w.wantNothingRunning()
	})
}

func TestFailFastSavesPollsOfNothingElse(t *testing.T) {
	t.Parallel()
	bothDialects(t, slowOptions(failsFirst(2)), func(w *world) {
		w.gate.Config.FailFast = true
		w.wantVerdict(w.run(), verdict.Pass, "") // 90 % is just met
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for a run that can be met", n)
		}
	})
}

func TestFailFastLooksAtScenarios(t *testing.T) {
	t.Parallel()
	bothDialects(t, slowOptions(failsFirst(2)), func(w *world) {
		criteria, err := criteria.Parse("each scenario: success_rate >= 80")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.FailFast, w.gate.Config.Rules.Criteria = true, criteria
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "Refund for a damaged order") {
			t.Errorf("reason %q, want it to name the scenario", reason)
		}
		if n := w.server.CallsPlaced(); n > 12 {
			t.Errorf("%d of 20 calls were placed, want the run cut short", n)
		}
		w.wantNothingRunning()
	})
}

func TestFailFastCountsOnlyWhatRerunsCannotRescue(t *testing.T) {
	t.Parallel()
	flaky := story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
		return story.Flaky(1, "no-answer"), c.Index < 4
	}}
	bothDialects(t, slowOptions(flaky), func(w *world) {
		w.gate.Config.FailFast = true
		w.gate.Config.Reruns.Attempts = 1
		got := w.run() // 16 of 20 at first, all of them after the rerun
		w.wantVerdict(got, verdict.Pass, "")
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for a run that reruns rescue", n)
		}
	})
	for name, change := range map[string]func(c *config.Config){
		"more failed than are rerun":     func(c *config.Config) { c.Reruns.Max = kind.Amount{Calls: 2} },
		"max-calls leaves no room":       func(c *config.Config) { c.MaxCalls = 20 },
		"reruns evaluate only":           func(c *config.Config) { c.Reruns.Type = "eval_only" },
		"the criterion is before reruns": func(c *config.Config) { c.Rules.Criteria[0].Metric = "first_success_rate" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, slowOptions(flaky), func(w *world) {
				w.gate.Config.FailFast = true
				w.gate.Config.Reruns.Attempts = 1
				change(&w.gate.Config)
				w.wantVerdict(w.run(), verdict.Fail, "")
				if n := len(w.server.Ledger().Cancels); n != 1 {
					t.Errorf("%d cancels were sent, want one: no rerun can rescue this run", n)
				}
			})
		})
	}
}

func TestFailFastCancelsNothingThatSomebodyElseStarted(t *testing.T) {
	t.Parallel()
	bothDialects(t, slowOptions(failsFirst(10)), func(w *world) {
		w.gate.Config.FailFast = true
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: w.server.AddExecution(w.server.AddRunTest("x"), time.Second)}
		w.wantVerdict(w.run(), verdict.Fail, "")
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution of somebody else", n)
		}
	})
}

func TestFailFastSaysWhenTheCancelFails(t *testing.T) {
	t.Parallel()
	plan := failsFirst(5)
	plan.CancelError = "Temporal is down"
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Concurrency: 2, Plan: plan}, func(w *world) {
		w.gate.Config.FailFast = true
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "being cancelled") {
			t.Errorf("reason %q, want it to say so", reason)
		}
		if got.Evidence.Execution.ID == uuid.Nil || got.Evidence.Calls.Len() == 0 {
			t.Error("the report lacks the execution or its calls")
		}
	})
}

// growing is a server that does not say how many rows scenarios have, and whose records
// of calls come to be while the first calls run.
type growing struct {
	gate.API
	until time.Time
}

func (g growing) CreateRunTest(ctx context.Context, c client.CreateRunTest) (calls.RunTest, error) {
	t, err := g.API.CreateRunTest(ctx, c)
	return withoutRows(t), err
}

func (g growing) RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error) {
	t, err := g.API.RunTest(ctx, id)
	return withoutRows(t), err
}

func (g growing) Poll(ctx context.Context, id uuid.UUID) (calls.Progress, error) {
	p, err := g.API.Poll(ctx, id)
	if p.Total != nil && p.Failed != nil && time.Now().Before(g.until) {
		p.Total = new(max(4, *p.Completed+*p.Failed))
	}
	return p, err
}

func withoutRows(t calls.RunTest) calls.RunTest {
	t.Scenarios = slices.Clone(t.Scenarios)
	for i := range t.Scenarios {
		t.Scenarios[i].DatasetRows = nil
	}
	return t
}

func TestFailFastWaitsUntilTheNumberOfCallsIsKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails   int
		until   time.Duration
		want    verdict.Kind
		cancels int
	}{
		"more calls come and the run passes": {1, 50 * time.Second, verdict.Pass, 0},
		"the number stays and the run fails": {5, 0, verdict.Fail, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, slowOptions(failsFirst(c.fails)), func(w *world) {
				w.gate.Config.FailFast = true
				w.gate.API = growing{API: w.gate.API, until: time.Now().Add(c.until)}
				w.wantVerdict(w.run(), c.want, "")
				if n := len(w.server.Ledger().Cancels); n != c.cancels {
					t.Errorf("%d cancels were sent, want %d", n, c.cancels)
				}
			})
		})
	}
}

func TestFailFastLooksAtEvals(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
		return story.Outcome{Evals: map[string]story.EvalResult{"is_helpful": story.EvalFailed()}}, c.Index < 4
	}}
	bothDialects(t, slowOptions(plan), func(w *world) {
		criteria, err := criteria.Parse(`eval "is_helpful": pass_rate >= 90`)
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.FailFast, w.gate.Config.Rules.Criteria = true, criteria
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if n := w.server.CallsPlaced(); n > 12 {
			t.Errorf("%d of 20 calls were placed, want the run cut short; %s", n, got.Verdict.Reason)
		}
		w.wantNothingRunning()
	})
}

func TestFailFastSaysWhenItHasNoEffect(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		criteria, err := criteria.Parse("overall_score >= 1")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.FailFast, w.gate.Config.Rules.Criteria = true, criteria
		w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if said := got.Evidence.Warnings; len(said) != 1 || !strings.Contains(said[0].Line(), "fail-fast has no effect") {
			t.Errorf("warnings %v, want one of all trials", said)
		}
	})
}
