package gate_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// beside runs gates of the same key at the same time, each in a process of its own.
func (w *world) beside(gates ...gate.Gate) []gate.Result {
	got := make([]gate.Result, len(gates))
	var all sync.WaitGroup
	for i, g := range gates {
		g.Journal, g.Observe, g.Earlier = nil, nil, nil
		all.Go(func() { got[i] = g.Run(w.t.Context()) })
	}
	all.Wait()
	return got
}

// wantTries fails the test when a call was placed more often than so many times.
func (w *world) wantTries(most int) {
	w.t.Helper()
	tries := map[uuid.UUID]int{}
	for _, c := range w.server.Ledger().Calls {
		tries[c.CallID]++
	}
	for id, n := range tries {
		if n > most {
			w.t.Errorf("call %s was placed %d times, want at most %d", id, n, most)
		}
	}
}

// wantNoTurns fails the test when not all run tests but that of the run were deleted again.
func (w *world) wantNoTurns(kept int) {
	w.t.Helper()
	if l := w.server.Ledger(); len(l.Created)-len(l.Deleted) != kept {
		w.t.Errorf("%d run tests were created and %d deleted, want %d to be left", len(l.Created), len(l.Deleted), kept)
	}
}

// Starts of a key that find or watch the same execution make a rerun once.
func TestStartsOfAKeyAtTheSameTimeRerunOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		starts   int
		attempts int
		apart    time.Duration
		before   func(w *world)
		faults   []simulator.Fault
		reruns   int // requests for call 3, which recovers, or call 8, which never does
	}{
		{"two find it ended", 2, 1, 0, waited, nil, 1},
		{"three find it ended", 3, 1, 0, waited, nil, 1},
		{"they come apart", 3, 1, 2 * time.Second, waited, nil, 1},
		{"two attempts", 2, 2, 0, waited, nil, 2},
		{"two watch it", 2, 1, 0, func(w *world) { w.gate.Start(w.t.Context()) }, nil, 1},
		{"the list lags", 2, 1, 3 * time.Second, waited, []simulator.Fault{{Endpoint: api.EndpointRunTests, Kind: simulator.FaultLag, Delay: 4 * time.Second, Count: simulator.Always}}, 1},
		{"the answers to creates are lost", 2, 1, 0, waited, []simulator.Fault{{Endpoint: api.EndpointCreate, After: 1, Kind: simulator.FaultLost, Count: 2}}, 1},
		{"the answers to reruns are lost", 2, 1, 0, waited, []simulator.Fault{{Endpoint: api.EndpointRerun, Kind: simulator.FaultLost, Count: 2}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: flakyPlan(), Faults: c.faults}, func(w *world) {
				w.keyed()
				c.before(w)
				w.gate.Config.Reruns.Attempts = c.attempts
				gates := make([]gate.Gate, c.starts)
				for i := range gates {
					gates[i] = w.gate
				}
				got := make([]gate.Result, len(gates))
				var all sync.WaitGroup
				for i, g := range gates {
					all.Go(func() { got[i] = w.beside(g)[0] })
					time.Sleep(c.apart)
				}
				all.Wait()
				for _, r := range got {
					w.wantVerdict(r, verdict.Pass, "")
					if n := r.Verdict.Counts.Succeeded; n != 19 {
						t.Errorf("%d calls succeeded, want 19", n)
					}
				}
				w.wantPaid(1)
				w.wantTries(1 + c.attempts)
				if n := len(w.server.Ledger().Reruns); n != c.reruns {
					t.Errorf("%d reruns, want %d", n, c.reruns)
				}
				w.wantNoTurns(1)
			})
		})
	}
}

// waited starts the run of the key and lets it end.
func waited(w *world) {
	w.gate.Start(w.t.Context())
	time.Sleep(time.Hour)
}

// The same holds for new evals and for further trials.
func TestStartsOfAKeyAtTheSameTimeDoTheRestOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(w *world)
		paid   int
		evals  int
	}{
		{"new evals", func(w *world) {
			made, err := w.api.RunTest(w.t.Context(), w.server.Ledger().Created[0].ID)
			if err != nil {
				w.t.Fatal(err)
			}
			w.gate.Config.NewEvalConfigIDs = []uuid.UUID{made.EvalConfigs[1].ID}
			if made.EvalConfigs[0].Name.Raw() == "no_pii" {
				w.gate.Config.NewEvalConfigIDs = []uuid.UUID{made.EvalConfigs[0].ID}
			}
			w.gate.Config.Rules.Criteria = noPII(w.t)
		}, 1, 1},
		{"trials", func(w *world) { w.gate.Config.Trials = config.Trials{Count: 3, Max: 3} }, 3, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, late := range []time.Duration{0, time.Hour} {
				bothDialects(t, simulator.Options{Evals: laterEvals()}, func(w *world) {
					w.keyed()
					w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
					w.gate.Start(w.t.Context())
					c.change(w)
					time.Sleep(late)
					for _, got := range w.beside(w.gate, w.gate) {
						w.wantVerdict(got, verdict.Pass, "")
						w.wantTrials(got, slices.Repeat([]int{20}, c.paid)...)
					}
					w.wantPaid(c.paid)
					if n := len(w.server.Ledger().EvalRuns); n != c.evals {
						t.Errorf("%d eval runs, want %d", n, c.evals)
					}
					w.wantNoTurns(1)
					w.wantNothingRunning()
				})
			}
		})
	}
}

// Of a text agent's run one start goes on, and the others say why they do not.
func TestStartsOfAKeyAtTheSameTimeHoldConversationsAgainOnce(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.keyed()
		w.gate.Config.Agent.Concurrency = 1
		w.judgeBy("success_rate >= 100")
		w.wantVerdict(w.run(), verdict.Fail, "")
		w.laterChats(says(grants))
		rerunsOnce(w)
		other, its := w.gate, says(grants)
		other.Agent = func(context.Context, func(text.Untrusted)) (agent.Agent, error) { return its, nil }
		got := w.beside(w.gate, other)
		w.wantPaid(2)
		w.wantChats(21)
		kinds := map[verdict.Kind]int{}
		for _, r := range got {
			kinds[r.Verdict.Kind]++
			if r.Verdict.Kind == verdict.Fail {
				w.wantWarning(r, "No further execution was started", "another start of the same run-key has begun execution")
			}
		}
		if kinds[verdict.Pass] != 1 || kinds[verdict.Fail] != 1 {
			t.Errorf("verdicts %v", kinds)
		}
		w.wantNoTurns(1)
	}, refuses)
}

// Without a turn nothing is rerun, and the report says so.
func TestWithoutATurnNothingIsRerun(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Plan: flakyPlan(), Faults: []simulator.Fault{{Endpoint: api.EndpointCreate, After: 1, Kind: simulator.FaultServerError, Count: simulator.Always}}}, func(w *world) {
		w.keyed()
		waited(w)
		w.gate.Config.Reruns.Attempts = 1
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantWarning(got, "Not rerunning 2 calls, because another start of the same run-key may do so")
		if r := got.Evidence.Reruns; len(r) != 1 || r[0].Error.IsEmpty() || r[0].Requested != 2 {
			t.Errorf("reruns %+v", r)
		}
		w.wantTries(1)
	})
}

// A turn whose process was killed ends by itself, and at once where the next process of its attempt or cleanup comes.
func TestATurnOfAKilledStartEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		next func(w *world, left *paid.Record)
		most time.Duration
	}{
		{"by itself", func(*world, *paid.Record) {}, 6 * time.Minute},
		{"by cleanup", func(w *world, left *paid.Record) { w.gate.Cleanup(w.t.Context(), *left) }, time.Minute},
		{"by the next process", func(w *world, left *paid.Record) { w.gate.Earlier = left }, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: flakyPlan()}, func(w *world) {
				w.keyed()
				waited(w)
				w.gate.Config.Reruns.Attempts = 1
				requests := 0
				left := w.runKilled(func() bool {
					if len(w.server.Ledger().Created) == 2 {
						requests++
					}
					return requests > 2
				}, false)
				w.later()
				c.next(w, left)
				began := time.Now()
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantTries(2)
				rerun := w.server.Ledger().Reruns
				if len(rerun) != 1 || rerun[0].At.Sub(began) > c.most {
					t.Errorf("reruns %+v after %s", rerun, began)
				}
			})
		})
	}
}

// Processes that were killed and whose execution was cancelled meanwhile start another one together, not each.
func TestHeirsOfACancelledExecutionOfAKeyPayOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
		w.keyed()
		w.gate.Start(w.t.Context())
		var left [2]*paid.Record
		for i := range left {
			left[i] = w.killedAfter(20 * time.Second)
		}
		w.server.CancelExecution(w.server.Executions()[0].ID)
		var all sync.WaitGroup
		for _, record := range left {
			g := w.gate
			g.Journal, g.Observe, g.Earlier = nil, nil, record
			all.Go(func() { w.wantVerdict(g.Run(w.t.Context()), verdict.Pass, "") })
		}
		all.Wait()
		w.wantPaid(2)
		w.wantNothingRunning()
	})
}
