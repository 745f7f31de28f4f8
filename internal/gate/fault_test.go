package gate_test

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestALostAnswerStartsNothingTwice(t *testing.T) {
	t.Parallel()
	lost := []simulator.FaultKind{simulator.FaultLost, simulator.FaultHangUp, simulator.FaultTruncated, simulator.FaultSlow}
	for _, endpoint := range []api.Endpoint{api.EndpointCreate, api.EndpointExecute} {
		for _, kind := range lost {
			t.Run(string(endpoint)+": "+string(kind), func(t *testing.T) {
				t.Parallel()
				options := simulator.Options{Faults: []simulator.Fault{{Endpoint: endpoint, Kind: kind}}}
				bothDialects(t, options, func(w *world) {
					got := w.run()
					w.wantVerdict(got, verdict.Pass, "")
					w.wantPaid(1)
					if n := len(w.server.Ledger().Created); n != 1 {
						t.Errorf("%d run tests were created, want 1", n)
					}
					if got.Evidence.API.Adopted != 1 {
						t.Errorf("%d answers were found by looking, want 1", got.Evidence.API.Adopted)
					}
				})
			})
		}
	}
}

func TestAnExecuteThatDidNotArriveIsNotSentAgainOnAGuess(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultReset}}}
	bothDialects(t, options, func(w *world) {
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
		w.wantPaid(0)
		if n := w.server.Ledger().Counts[api.EndpointExecute]; n != 1 {
			t.Errorf("execute was sent %d times, want once", n)
		}
	})
}

func TestALostExecuteOfASharedRunTestIsNotGuessed(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost})
		// Somebody else starts the same run test in the same moment.
		time.AfterFunc(500*time.Millisecond, func() { w.server.AddExecution(runTest, 0) })
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent although it is not certain whose the executions are", n)
		}
	})
	bothDialects(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		old := w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost})
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if got.Evidence.Execution.ID == old {
			t.Error("yesterday's execution was taken for the one that was started")
		}
	})
}

func TestAnOutageWhileWaitingIsOutlasted(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{
		simulator.FaultRefused, simulator.FaultReset, simulator.FaultServerError, simulator.FaultBadGateway,
		simulator.FaultRateLimit, simulator.FaultUnavailable, simulator.FaultHTML, simulator.FaultTruncated,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Faults: []simulator.Fault{simulator.Outage(kind, 30*time.Second, 15*time.Minute)}}, func(w *world) {
				w.wantVerdict(w.run(), verdict.Pass, "")
				w.wantPaid(1)
			})
		})
	}
}

func TestAnOutageWithoutEndEndsInTheTimeout(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{simulator.Outage(simulator.FaultBadGateway, 30*time.Second, 0)}}, func(w *world) {
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseTimeout)
		w.wantPaid(1)
	})
}

func TestATimeoutCancelsWhatIsRunning(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning}}, func(w *world) {
		w.gate.Timeout = 20 * time.Minute
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		w.wantPaid(1)
		w.wantNothingRunning()
	})
}

func TestARunThatEndedJustBeforeTheTimeoutIsJudged(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Scenarios: []story.Scenario{{Name: "one", Rows: 1}}, Plan: story.Plan{
		Default: story.Succeeds(9).Lasting(time.Minute), SetupTime: time.Second, EvaluatingTime: time.Second,
	}}, func(w *world) {
		// The waits are so long that the timeout comes before the second poll.
		w.gate.Config.Waiting.PollMinInterval = 19 * time.Minute
		w.gate.Config.Waiting.PollMaxInterval = 19 * time.Minute
		w.gate.Timeout = 15 * time.Minute
		w.wantVerdict(w.run(), verdict.Pass, "")
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution that had ended", n)
		}
	})
}

func TestCancelOnExitFalseLeavesTheExecutionAlone(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Waiting.CancelOnExit = false
		w.wantVerdict(w.runStoppedAfter(30*time.Second, gate.ErrTerminated), verdict.Error, verdict.CauseTerminated)
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent", n)
		}
	})
}

func TestASignalAtAnyTimeLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, time.Millisecond, time.Second, 10 * time.Second, time.Minute, 3 * time.Minute, 6 * time.Minute, 10 * time.Minute} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{3: story.Flaky(1, "no-answer")}}}, func(w *world) {
				w.gate.Config.Reruns.Attempts = 1
				began := time.Now()
				got := w.runStoppedAfter(after, gate.ErrInterrupted)
				if got.Verdict.Kind == verdict.Pass {
					return // it had ended before the signal
				}
				w.wantVerdict(got, verdict.Error, verdict.CauseInterrupted)
				if took := time.Since(began) - after; took > 5*time.Second {
					t.Errorf("stopping took %s, want at most 5 s", took)
				}
				w.wantNothingRunning()
			})
		})
	}
}

func TestASignalDuringALostExecuteFindsAndCancelsIt(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow}}}, func(w *world) {
		got := w.runStoppedAfter(10*time.Second, gate.ErrInterrupted)
		w.wantVerdict(got, verdict.Error, verdict.CauseInterrupted)
		w.wantPaid(1)
		w.wantNothingRunning()
	})
}

func TestAFinishedExecutionIsNeverCancelled(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecution, Kind: simulator.FaultStall, After: 1, Count: 1 << 30}}}, func(w *world) {
		// Reading the calls hangs for ever; the execution ends meanwhile.
		w.gate.Timeout = 40 * time.Minute
		w.run()
		for _, c := range w.server.Ledger().Cancels {
			if c.Was.Terminal() {
				t.Errorf("a cancel was sent for an execution that was %s", c.Was)
			}
		}
	})
}

func TestAPanicCancelsWhatIsRunning(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Observe = func(e event.Event) {
			if _, ok := e.(event.ProgressMade); ok {
				panic("a bug")
			}
		}
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
		w.wantNothingRunning()
	})
}

func TestCleanupCancelsWhatAKilledRunLeft(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Waiting.CancelOnExit = false // as good as killed: nothing is cancelled
		w.runStoppedAfter(30*time.Second, gate.ErrTerminated)
		w.gate.Config.Waiting.CancelOnExit = true
		var killed paid.Record
		for _, r := range w.records {
			if r.Step == paid.StepStarted {
				killed = r
			}
		}
		if done := w.gate.Cleanup(w.t.Context(), killed); done.IsEmpty() {
			t.Error("cleanup says nothing about the execution that it cancelled")
		}
		w.wantNothingRunning()
		// Again, with the record that the first cleanup left.
		again := w.records[len(w.records)-1]
		if done := w.gate.Cleanup(w.t.Context(), again); !done.IsEmpty() {
			t.Errorf("a second cleanup did %q, want nothing", done)
		}
	})
}

func TestCleanupFindsAnExecuteThatWasCutOff(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost}}}, func(w *world) {
		w.gate.Config.Waiting.CancelOnExit = false
		w.runStoppedAfter(20*time.Second, gate.ErrTerminated)
		w.gate.Config.Waiting.CancelOnExit = true
		for _, r := range w.records {
			if r.Step == paid.StepExecuting { // the process was killed before the answer
				w.gate.Cleanup(w.t.Context(), r)
				break
			}
		}
		w.wantNothingRunning()
	})
}
