package gate_test

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// flakyPlan has one call that only a rerun makes succeed, and one that nothing does.
func flakyPlan() story.Plan {
	return story.Plan{Calls: map[int]story.Outcome{
		3: story.Flaky(1, "Call initiation failed: carrier returned 503"),
		8: story.Fails("no-answer"),
	}}
}

func TestARerunRescuesAFlakyCallAndSaysSo(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(95)}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if c := got.Verdict.Counts; c.Succeeded != 19 || c.Flaky != 1 {
			t.Errorf("%d calls succeeded, %d flaky; want 19 and 1", c.Succeeded, c.Flaky)
		}
		if first := got.Verdict.Metrics.FirstSuccessRate.Value; first == nil || *first != 90 {
			t.Errorf("success rate before reruns %v, want 90", first)
		}
		if len(got.Evidence.Reruns) != 1 {
			t.Fatalf("%d reruns, want 1", len(got.Evidence.Reruns))
		}
		if r := got.Evidence.Reruns[0]; r.Requested != 2 || r.Accepted != 2 || r.Rescued != 1 || r.Type != calls.RerunCallAndEval {
			t.Errorf("rerun %+v, want 2 requested, 2 accepted, 1 rescued with call_and_eval", r)
		}
	})
}

func TestOnlyWhatStillFailsIsRerunAgain(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 3
		got := w.run()
		if n := w.server.CallsPlaced(); n != 20+2+1+1 {
			t.Errorf("%d calls were placed, want 20 and then 2, 1 and 1", n)
		}
		if n := len(got.Evidence.Reruns); n != 3 {
			t.Errorf("%d reruns, want 3", n)
		}
	})
}

func TestManyFailuresAreNotRerun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lost   int // calls that the platform lost, after 6 that failed
		placed int
		want   string
	}{
		"nothing else":   {0, 20, "Not rerunning: 6 of 20 failed, over the 25% limit (rerun-max-calls)."},
		"one was lost":   {1, 21, "Rerunning only calls that the platform lost: 6 of 20 failed, over the 25% limit (rerun-max-calls)."},
		"many were lost": {6, 26, "Rerunning only calls that the platform lost: 6 of 20 failed, over the 25% limit (rerun-max-calls)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := story.Plan{Each: func(call story.CallRef) (story.Outcome, bool) {
				if call.Index < 6 { // more than a quarter of 20
					return story.Fails("no-answer"), true
				}
				return story.Outcome{}.After(story.Lost("")), call.Index < 6+c.lost
			}}
			// The documented dialect does not say why a call ended, so it knows no lost ones.
			inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: plan}, func(w *world) {
				w.gate.Config.Reruns.Attempts = 1
				got := w.run()
				w.wantVerdict(got, verdict.Fail, "")
				if n := w.server.CallsPlaced(); n != c.placed {
					t.Errorf("%d calls were placed, want %d", n, c.placed)
				}
				if len(got.Evidence.Reruns) == 0 || got.Evidence.Reruns[0].Error.Line() != c.want {
					t.Errorf("reruns %+v, want the first to say %q", got.Evidence.Reruns, c.want)
				}
			})
		})
	}
}

func TestCallsThatWereLostAreRerunWithoutAWordOnLimits(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Each: func(call story.CallRef) (story.Outcome, bool) {
		return story.Outcome{}.After(story.Lost("")), call.Index < 8 // more than a quarter of 20
	}}
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: plan}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 2
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := len(got.Evidence.Reruns); n != 1 {
			t.Fatalf("%d reruns, want 1: %+v", n, got.Evidence.Reruns)
		}
		if r := got.Evidence.Reruns[0]; r.Requested != 8 || r.Rescued != 8 || !r.Error.IsEmpty() {
			t.Errorf("rerun %+v, want 8 requested, 8 recovered and no error", r)
		}
	})
}

func TestMaxCallsBoundsReruns(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		w.gate.Config.MaxCalls = 21
		w.run()
		if n := w.server.CallsPlaced(); n != 20 {
			t.Errorf("%d calls were placed, want 20: two more exceed max-calls", n)
		}
	})
}

func TestATextAgentIsNotAskedToCallAgain(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan(), Agent: simulator.Text, HostedText: true}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "") // 18 of 20, 90 are asked for
		if n := w.server.Ledger().Counts[api.EndpointRerun]; n != 0 {
			t.Errorf("%d reruns were sent that the server has to refuse", n)
		}
	})
}

func TestMissingEvalsAreEvaluatedAgainWithoutACall(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		4: story.Succeeds(9).With("is_helpful", story.EvalErrored().Times(1)),
	}}
	bothDialects(t, simulator.Options{Plan: plan, AttachEvals: true}, func(w *world) {
		w.judgeBy("eval is_helpful: result_rate >= 100\nsuccess_rate >= 90")
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := w.server.CallsPlaced(); n != 20 {
			t.Errorf("%d calls were placed, want 20", n)
		}
		if len(got.Evidence.Reruns) != 1 || got.Evidence.Reruns[0].Type != calls.RerunEvalOnly || got.Evidence.Reruns[0].Rescued != 1 {
			t.Errorf("reruns %+v, want one eval_only that rescued a call", got.Evidence.Reruns)
		}
	})
}

func TestAnEvalThatNoCriterionNamesIsNotEvaluatedAgain(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		4: story.Succeeds(9).With("is_helpful", story.EvalErrored().Times(1)),
	}}
	bothDialects(t, simulator.Options{Plan: plan, AttachEvals: true}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if len(got.Evidence.Reruns) != 0 {
			t.Errorf("reruns %+v, want none", got.Evidence.Reruns)
		}
	})
}

func TestALostRerunIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.FaultLost, simulator.FaultTruncated, simulator.FaultSlow, simulator.FaultReset} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Plan: flakyPlan(), Faults: []simulator.Fault{{Endpoint: api.EndpointRerun, Kind: kind}}}
			bothDialects(t, options, func(w *world) {
				w.gate.Config.Reruns.Attempts = 1
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(1)
				if n := w.server.CallsPlaced(); n > 22 {
					t.Errorf("%d calls were placed, want at most 22", n)
				}
				if kind != simulator.FaultReset && got.Verdict.Counts.Flaky != 1 {
					t.Errorf("%d flaky calls, want the one that the rerun rescued", got.Verdict.Counts.Flaky)
				}
			})
		})
	}
}

func TestARerunThatTheServerCouldNotDispatchIsReported(t *testing.T) {
	t.Parallel()
	plan := flakyPlan()
	plan.RerunDispatchError = "Failed client connect"
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: plan}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 2
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if len(got.Evidence.Reruns) != 1 || !strings.Contains(got.Evidence.Reruns[0].Error.Line(), "Failed client connect") {
			t.Errorf("reruns %+v, want one with the server's reason", got.Evidence.Reruns)
		}
	})
}

func TestARerunThatNeverEndsTimesOutAndIsCancelled(t *testing.T) {
	t.Parallel()
	plan := flakyPlan()
	plan.StuckReruns = true
	bothDialects(t, simulator.Options{Plan: plan}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		if got.Evidence.Calls.Len() != 20 {
			t.Errorf("%d calls in the report, want those that were read before", got.Evidence.Calls.Len())
		}
		w.wantNothingRunning()
	})
}

func TestEveryStepStandsInTheJournalBeforeAndAfterIt(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		w.run()
		var got []paid.Step
		for _, r := range w.records {
			got = append(got, r.Step)
		}
		want := []paid.Step{paid.StepCreating, paid.StepCreated, paid.StepCreated, paid.StepExecuting, paid.StepStarted, paid.StepRerunning, paid.StepStarted, paid.StepFinished}
		if len(got) != len(want) {
			t.Fatalf("steps %v, want %v", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("steps %v, want %v", got, want)
			}
		}
	})
}

func TestAttachingToARunThatWasRerunShowsItsFlakyCalls(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
		return story.Flaky(1, "no-answer"), c.Index < 3
	}}
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: plan}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 1
		first := w.run()
		w.wantVerdict(first, verdict.Pass, "")
		criteria, err := criteria.Parse("first_success_rate >= 95")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: first.Evidence.Execution.ID}
		w.gate.Config.Rules.Criteria = criteria
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if got.Verdict.Counts.Flaky != 3 {
			t.Errorf("%d flaky calls, want the 3 that were rerun before", got.Verdict.Counts.Flaky)
		}
	})
}
