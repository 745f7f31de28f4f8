package gate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestAGoodAgentPasses(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if n := got.Evidence.Calls.Len(); n != 20 {
			t.Errorf("%d calls were read, want all 20", n)
		}
		if got.Evidence.Execution.URL == "" || got.Evidence.RunTest.ID == uuid.Nil {
			t.Error("the run test and the dashboard link are not known")
		}
		if last := w.records[len(w.records)-1]; last.Step != paid.StepFinished {
			t.Errorf("the journal ends with the step %q, want %q", last.Step, paid.StepFinished)
		}
	})
}

func TestABadAgentFails(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		0: story.Fails("no-answer"), 5: story.Fails("no-answer"), 9: story.Fails("Call initiation failed: busy"),
	}}
	bothDialects(t, simulator.Options{Plan: plan}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantPaid(1)
	})
}

func TestACallThatEndedWithoutBeingTestedDoesNotCountAsASuccess(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		0: story.Fails("no-answer"), 9: story.Skipped(""), 12: story.ProcessingError(),
	}}
	// The documented rows do not say that a call was skipped or broke off.
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: plan}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if c := got.Verdict.Counts; c.Succeeded != 17 || c.Failed != 2 || c.Skipped != 1 || c.Completed != 19 {
			t.Errorf("counts %+v, want 17 succeeded, 2 failed, 1 skipped, 19 completed", c)
		}
	})
}

func TestEveryPageIsRead(t *testing.T) {
	t.Parallel()
	scenarios := []story.Scenario{{Name: "one", Rows: 137}, {Name: "two", Rows: 101}}
	bothDialects(t, simulator.Options{Scenarios: scenarios, Concurrency: 50}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		seen := map[uuid.UUID]bool{}
		for _, c := range got.Evidence.Calls.All() {
			seen[c.ID] = true
		}
		if got.Evidence.Calls.Len() != 238 || len(seen) != 238 {
			t.Errorf("%d calls with %d ids were read, want 238", got.Evidence.Calls.Len(), len(seen))
		}
	})
}

func TestAnExistingRunTestIsExecuted(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest, ScenarioIDs: w.server.ScenarioIDs()[:2]}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := len(w.server.Ledger().Created); n != 0 {
			t.Errorf("%d run tests were created, want none", n)
		}
		if n := got.Evidence.Calls.Len(); n != 10 {
			t.Errorf("%d calls were placed, want the 10 of two scenarios", n)
		}
	})
}

func TestAScenarioOfAnotherRunTestIsRefusedBeforePaying(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest, ScenarioIDs: []uuid.UUID{uuid.New()}}
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseConfig)
		w.wantPaid(0)
	})
}

// silentAPI is a server that does not say which scenarios a run test has.
type silentAPI struct{ gate.API }

// CreateRunTest implements gate.API.
func (a silentAPI) CreateRunTest(ctx context.Context, body client.CreateRunTest) (calls.RunTest, error) {
	t, err := a.API.CreateRunTest(ctx, body)
	t.Scenarios = nil
	return t, err
}

// RunTest implements gate.API.
func (a silentAPI) RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error) {
	t, err := a.API.RunTest(ctx, id)
	t.Scenarios = nil
	return t, err
}

func TestScenariosThatTheServerDoesNotNameAreNotMissing(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.API = silentAPI{w.gate.API}
		got := w.run() // creates a run test of chosen scenarios
		w.wantVerdict(got, verdict.Pass, "")
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: got.Evidence.RunTest.ID}
		w.wantVerdict(w.run(), verdict.Pass, "")
		w.wantPaid(2)
	})
}

func TestAttachingPlacesNoCallAndCancelsNothing(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		execution := w.server.AddExecution(runTest, time.Second)
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: execution}
		before := w.server.CallsPlaced()
		w.wantVerdict(w.run(), verdict.Pass, "")
		if n := w.server.CallsPlaced() - before; n > 20 {
			t.Errorf("%d more calls were placed than the execution has", n-20)
		}

		second := w.server.AddExecution(runTest, time.Second)
		w.gate.Config.Target.TestExecutionID = second
		got := w.runStoppedAfter(5*time.Second, gate.ErrInterrupted)
		w.wantVerdict(got, verdict.Error, verdict.CauseInterrupted)
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution of somebody else", n)
		}
	})
}

func TestWhatCannotBeJudgedIsAnErrorWithTheServersReason(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		plan   story.Plan
		reason string
	}{
		{"no calls at all", story.Plan{NoCalls: true}, "no calls"},
		{"failed before any call", story.Plan{SetupError: "Failed to create call execution records"}, "Failed to create call execution records"},
		{"cancelled by somebody else", story.Plan{CancelAfter: time.Minute}, "cancelled"},
		{"execute refused", story.Plan{ExecuteError: "Temporal is down"}, "Temporal is down"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: tc.plan}, func(w *world) {
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
				if tc.name == "failed before any call" && w.server.Ledger().Started == nil {
					t.Error("nothing was started")
				}
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, tc.reason) {
					t.Errorf("reason %q, want it to say %q", reason, tc.reason)
				}
				w.wantNothingRunning()
			})
		})
	}
}

func TestEveryCallFailedIsAFailAndNotAnError(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Default: story.Fails("no-answer")}}, func(w *world) {
		w.wantVerdict(w.run(), verdict.Fail, "")
	})
}

func TestAStatusThatIsNotDocumentedIsWaitedOut(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Statuses: []story.StatusWindow{{From: 10 * time.Second, To: 2 * time.Minute, Status: "warming_up"}}}
	bothDialects(t, simulator.Options{Plan: plan}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		warnings := 0
		for _, e := range w.events {
			if warning, ok := e.(event.Warning); ok && strings.Contains(warning.Text.Line(), "warming_up") {
				warnings++
			}
		}
		if warnings != 1 {
			t.Errorf("%d warnings about the status, want one", warnings)
		}
	})
}

func TestLateScoresAreWaitedForWhenACriterionNeedsThem(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Plan: story.Plan{Default: story.ScoredLate(9, 25*time.Second)}}
	bothDialects(t, options, func(w *world) {
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinOverallScore(8)}
		w.wantVerdict(w.run(), verdict.Pass, "")
	})
}

func TestScoresThatNeverComeAreNoData(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Plan: story.Plan{Default: story.Unscored()}}
	bothDialects(t, options, func(w *world) {
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinOverallScore(8)}
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
	})
}

func TestEvalsThatTheServerIgnoredStopTheRunBeforePaying(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
		w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[0].ID}
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseConfig)
		w.wantPaid(0)
	})
	inWorld(t, simulator.Options{Dialect: simulator.Documented}, func(w *world) {
		w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[0].ID}
		w.wantVerdict(w.run(), verdict.Pass, "")
	})
}

func TestMaxCallsIsKept(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
		w.gate.Config.MaxCalls = 19
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseConfig)
		w.wantPaid(0)
	})
	// The documented server does not say how many rows a scenario has: the run is
	// cancelled when its real size shows.
	inWorld(t, simulator.Options{Dialect: simulator.Documented}, func(w *world) {
		w.gate.Config.MaxCalls = 19
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseConfig)
		w.wantNothingRunning()
	})
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.MaxCalls = 20
		w.wantVerdict(w.run(), verdict.Pass, "")
	})
}

func TestPollsAreFewAndSmall(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		got := w.run()
		last := got.Evidence.Timing
		took := last.FinishedAt.Sub(last.StartedAt)
		// Fixed polling every five seconds, as others do.
		if fixed := int(took / (5 * time.Second)); got.Evidence.API.Polls > fixed {
			t.Errorf("%d polls in %s, want fewer than the %d of fixed five-second polling", got.Evidence.API.Polls, took, fixed)
		}
		if w.api.Dialect() == calls.DialectUnknown {
			t.Error("the dialect was not found out")
		}
	})
}
