package gate_test

import (
	"context"
	"strings"
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

func TestNoRerunFollowsALostOneThoughAnotherKindSucceeds(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{
		3: story.Fails("no-answer"),
		4: story.Succeeds(9).With("is_helpful", story.EvalErrored().Times(1)),
	}}
	fault := simulator.Fault{Endpoint: api.EndpointRerun, Kind: simulator.FaultReset}
	bothDialects(t, simulator.Options{Plan: plan, AttachEvals: true, Faults: []simulator.Fault{fault}}, func(w *world) {
		w.gate.Config.Reruns.Attempts = 3
		w.run()
		if n := w.server.CallsPlaced(); n != 20 {
			t.Errorf("%d calls were placed, want 20: the rerun whose answer was lost may still be taken up", n)
		}
	})
}

func TestCleanupLeavesAloneWhatOthersStartedLater(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning}}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultReset})
		w.run()
		var killed paid.Record // in the middle of the execute
		for _, r := range w.records {
			if r.Step == paid.StepExecuting {
				killed = r
			}
		}
		time.Sleep(5 * time.Minute)
		w.server.AddExecution(runTest, 0) // somebody else's
		w.gate.Cleanup(w.t.Context(), killed)
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution of somebody else", n)
		}
	})
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning}}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultSlow})
		w.gate.Config.Waiting.CancelOnExit = false // as good as killed
		w.runStoppedAfter(10*time.Second, gate.ErrTerminated)
		w.gate.Config.Waiting.CancelOnExit = true
		var killed paid.Record
		for _, r := range w.records {
			if r.Step == paid.StepExecuting {
				killed = r
			}
		}
		time.Sleep(5 * time.Minute)
		w.server.AddExecution(runTest, 0)
		// Whose the one is that began when the start was sent nobody can tell for certain.
		done := w.gate.Cleanup(w.t.Context(), killed)
		if ours := w.server.Executions()[0]; !strings.Contains(done.Line(), ours.ID.String()) {
			t.Errorf("cleanup says %q, want it to name %s", done.Line(), ours.ID)
		}
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent on a guess", n)
		}
		if again := w.gate.Cleanup(w.t.Context(), w.records[len(w.records)-1]); !again.IsEmpty() {
			t.Errorf("a second cleanup says %q, want nothing", again.Line())
		}
	})
}

func TestASignalCutsAnyStoppingShort(t *testing.T) {
	t.Parallel()
	// The time is up, and the server does not handle the cancel.
	stall := simulator.Fault{Endpoint: api.EndpointCancel, Kind: simulator.FaultStall, Count: simulator.Always}
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning}, Faults: []simulator.Fault{stall}}, func(w *world) {
		w.gate.Timeout = 5 * time.Minute
		began := time.Now()
		w.runStoppedAfter(5*time.Minute+10*time.Second, gate.ErrInterrupted)
		if took := time.Since(began) - 5*time.Minute - 10*time.Second; took > 5*time.Second {
			t.Errorf("it took %s from the signal to the end", took)
		}
	})
	// The time is up, the execution has ended, and its calls cannot be read.
	bothDialects(t, simulator.Options{Scenarios: []story.Scenario{{Name: "one", Rows: 1}}, Plan: story.Plan{
		Default: story.Succeeds(9).Lasting(time.Minute), SetupTime: time.Second, EvaluatingTime: time.Second,
	}}, func(w *world) {
		w.gate.Config.Waiting.PollMinInterval = 19 * time.Minute
		w.gate.Config.Waiting.PollMaxInterval = 19 * time.Minute
		w.gate.Timeout = 15 * time.Minute
		time.AfterFunc(15*time.Minute+time.Second, func() {
			w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecution, Kind: simulator.FaultStall, Count: simulator.Always})
		})
		// The read of the last minute is slow as well.
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointExecution, Kind: simulator.FaultSlow, From: 14 * time.Minute, Count: 3})
		began := time.Now()
		got := w.runStoppedAfter(15*time.Minute+20*time.Second, gate.ErrTerminated)
		w.wantVerdict(got, verdict.Error, verdict.CauseTerminated)
		if took := time.Since(began) - 15*time.Minute - 20*time.Second; took > 5*time.Second {
			t.Errorf("it took %s from the signal to the end", took)
		}
		if n := len(w.server.Ledger().Cancels); n != 0 {
			t.Errorf("%d cancels were sent for an execution that had ended", n)
		}
	})
}

func TestAnObserverThatPanicsAgainAndAgainStopsNoCancel(t *testing.T) {
	t.Parallel()
	fault := simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultLost}
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
		w.gate.Observe = func(e event.Event) {
			switch e.(type) {
			case event.Note, event.ExecutionKnown:
				panic("a bug")
			}
		}
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
		w.wantPaid(1)
		w.wantNothingRunning()
	})
}

func TestTheTimeoutNamesTheLastTrouble(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{simulator.Outage(simulator.FaultBadGateway, 30*time.Second, 0)}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		w.wantReason(got, "last failure before that", "502 Bad Gateway", "cancelling execution", "failed")
	})
}

func TestCleanupTakesAsManyTriesAsItNeeds(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: story.Plan{Stuck: story.StatusRunning}}, func(w *world) {
		// Nobody answers when the job is cancelled, nor at first when it is cleaned up.
		w.server.Inject(simulator.Outage(simulator.FaultRefused, time.Minute, 2*time.Minute))
		w.wantVerdict(w.runStoppedAfter(70*time.Second, gate.ErrInterrupted), verdict.Error, verdict.CauseInterrupted)
		ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
		defer cancel()
		if done := w.gate.Cleanup(ctx, w.records[len(w.records)-1]); done.IsEmpty() {
			t.Error("cleanup says nothing about what it cancelled")
		}
		w.wantNothingRunning()
	})
}
