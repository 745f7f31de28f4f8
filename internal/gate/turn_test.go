package gate_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
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
				var got []gate.Result
				var all sync.WaitGroup
				for _, g := range gates {
					all.Go(func() { got = append(got, w.beside(g)...) })
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
