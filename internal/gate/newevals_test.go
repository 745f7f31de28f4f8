package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// laterEvals are one eval that runs with the calls and one that runs on request.
func laterEvals() []story.Eval {
	return []story.Eval{
		{Name: "is_helpful", Type: story.TypePassFail},
		{Name: "no_pii", Type: story.TypePassFail, OnRequest: true},
	}
}

// noPII is a criterion on the eval that runs on request.
func noPII(t *testing.T) []criteria.Criterion {
	t.Helper()
	criteria, err := criteria.Parse("eval no_pii: pass_rate >= 90\neval no_pii: result_rate >= 100")
	if err != nil {
		t.Fatal(err)
	}
	return criteria
}

// withNewEvals prepares a run test with an eval that runs on request.
func (w *world) withNewEvals() (runTest uuid.UUID) {
	w.t.Helper()
	runTest = w.server.AddRunTest("nightly")
	w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
	w.gate.Config.NewEvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[1].ID}
	w.gate.Config.Rules.Criteria = noPII(w.t)
	return runTest
}

func TestNewEvalsRunOnTheFinishedExecutionAndAreJudged(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Evals: laterEvals()}, func(w *world) {
		w.withNewEvals()
		w.gate.Config.Create.EnableToolEvaluation = new(true)
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		runs := w.server.Ledger().EvalRuns
		if len(runs) != 1 || len(runs[0].EvalConfigIDs) != 1 || runs[0].ExecutionID != got.Evidence.Execution.ID || runs[0].Calls != 20 {
			t.Errorf("eval runs %+v, want one of one eval on the 20 calls of the execution", runs)
		}
		if n := w.server.CallsPlaced(); n != 20 {
			t.Errorf("%d calls were placed, want 20: evals place none", n)
		}
		w.wantPaid(1)
	})
}

func TestNewEvalsComeAfterTheReruns(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Evals: laterEvals(), Plan: flakyPlan()}, func(w *world) {
		w.withNewEvals()
		w.gate.Config.Rules.Criteria = append(w.gate.Config.Rules.Criteria, criteria.MinSuccessRate(90))
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		// Two calls failed; that the others lack the new eval is no reason to rerun them.
		if len(got.Evidence.Reruns) != 1 || got.Evidence.Reruns[0].Requested != 2 {
			t.Errorf("reruns %+v, want one of the two failed calls", got.Evidence.Reruns)
		}
		var steps []paid.Step
		for _, r := range w.records {
			steps = append(steps, r.Step)
		}
		want := []paid.Step{paid.StepRerunning, paid.StepStarted, paid.StepEvaluating, paid.StepStarted, paid.StepFinished}
		if n := len(steps) - len(want); n < 0 || !slices.Equal(steps[n:], want) {
			t.Errorf("steps %v, want %v at the end", steps, want)
		}
	})
}

func TestAnOldExecutionIsJudgedByNewEvalsWithoutACall(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Evals: laterEvals()}, func(w *world) {
		other := w.server.AddRunTest("another with the same evals")
		w.server.AddExecution(other, 24*time.Hour)
		runTest := w.withNewEvals()
		old := w.server.AddExecution(runTest, 24*time.Hour)
		before := w.server.CallsPlaced()
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: old}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if got.Evidence.RunTest.ID != runTest {
			t.Errorf("run test %s, want the one of the execution, %s", got.Evidence.RunTest.ID, runTest)
		}
		if n := w.server.CallsPlaced() - before; n != 0 {
			t.Errorf("%d calls were placed, want none", n)
		}
	})
}

func TestANewEvalOfAnotherRunTestIsRefusedBeforePaying(t *testing.T) {
	t.Parallel()
	stranger := uuid.MustParse("78d232e4-4949-40ba-b1c1-71b843fa39cd")
	for name, prepare := range map[string]func(w *world){
		"run-test-id": func(*world) {},
		"agent-definition-id": func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeCreate, AgentDefinitionID: w.server.AgentID(), ScenarioIDs: w.server.ScenarioIDs()}
		},
		"test-execution-id": func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: w.server.AddExecution(w.gate.Config.Target.RunTestID, time.Hour)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Evals: laterEvals()}, func(w *world) {
				w.withNewEvals()
				w.gate.Config.NewEvalConfigIDs = []uuid.UUID{stranger}
				prepare(w)
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "new-eval-config-ids") {
					t.Errorf("reason %q, want it to name the input", reason)
				}
				if n := w.server.Ledger().Counts[api.EndpointNewEvals] + w.server.Ledger().Counts[api.EndpointExecute]; n != 0 {
					t.Errorf("%d requests were sent that start something, want none", n)
				}
			})
		})
	}
}

func TestNewEvalsThatDoNotRunNeverPass(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		plan   story.Plan
		faults []simulator.Fault
		reason string
	}{
		{"the server could not dispatch them", story.Plan{NewEvalsDispatchFails: true}, nil, "could not start"},
		{"the request did not arrive", story.Plan{}, []simulator.Fault{{Endpoint: api.EndpointNewEvals, Kind: simulator.FaultReset}}, "run new evals"},
		{"the server has a fault", story.Plan{}, []simulator.Fault{{Endpoint: api.EndpointNewEvals, Kind: simulator.FaultServerError}}, "run new evals"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Dialect: simulator.Deployed, Evals: laterEvals(), Plan: c.plan, Faults: c.faults}, func(w *world) {
				w.withNewEvals()
				// A criterion that would be met without them.
				w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(90)}
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "new evals were not run") || !strings.Contains(reason, c.reason) {
					t.Errorf("reason %q, want it to say %q", reason, c.reason)
				}
				if n := w.server.Ledger().Counts[api.EndpointNewEvals]; n != 1 {
					t.Errorf("new evals were asked for %d times, want once", n)
				}
				if len(got.Verdict.Checks) != 1 || got.Evidence.Calls.Len() != 20 {
					t.Errorf("%d checks and %d calls in the report, want 1 and 20", len(got.Verdict.Checks), got.Evidence.Calls.Len())
				}
			})
		})
	}
	bothDialects(t, simulator.Options{Evals: laterEvals(), Plan: story.Plan{Default: story.Fails("no-answer")}}, func(w *world) {
		w.withNewEvals()
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(90)}
		w.wantVerdict(w.run(), verdict.Fail, "") // the execution failed: what was measured says enough
		if n := w.server.Ledger().Counts[api.EndpointNewEvals]; n != 0 {
			t.Errorf("new evals were asked for %d times on a failed execution, want not at all", n)
		}
	})
}

func TestLostNewEvalsAreNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.FaultLost, simulator.FaultTruncated, simulator.FaultSlow, simulator.FaultHangUp} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Evals: laterEvals(), Faults: []simulator.Fault{{Endpoint: api.EndpointNewEvals, Kind: kind}}}
			bothDialects(t, options, func(w *world) {
				w.withNewEvals()
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				if n := len(w.server.Ledger().EvalRuns); n != 1 {
					t.Errorf("evals ran %d times, want once", n)
				}
				if got.Evidence.API.Adopted != 1 {
					t.Errorf("%d answers were found by looking, want 1", got.Evidence.API.Adopted)
				}
			})
		})
	}
}

func TestNewEvalsThatNeverEndTimeOut(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Evals: laterEvals(), Plan: story.Plan{StuckReruns: true}}, func(w *world) {
		w.withNewEvals()
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		w.wantNothingRunning()
	})
}

func TestATimeoutBeforeTheNewEvalsIsNotJudgedWithoutThem(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Evals: laterEvals()}, func(w *world) {
		w.withNewEvals()
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(90)}
		// The waits are so long that the timeout comes before the second poll.
		w.gate.Config.Waiting.PollMinInterval = 59 * time.Minute
		w.gate.Config.Waiting.PollMaxInterval = 59 * time.Minute
		w.gate.Timeout = 30 * time.Minute
		// The calls have ended, so it is no timeout; and it does not pass without the evals.
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "new evals were not run", "the timeout had passed")
	})
}
