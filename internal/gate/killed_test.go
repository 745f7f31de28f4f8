package gate_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// mortal is the connection and the journal of a process that is killed.
type mortal struct {
	http.RoundTripper
	killed func() bool // looked at after each request
	dead   atomic.Bool
	die    func()
	last   *paid.Record
}

// RoundTrip implements [http.RoundTripper].
func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.dead.Load() {
		return nil, errors.New("killed")
	}
	response, err := m.RoundTripper.RoundTrip(r)
	if err == nil && m.killed() && m.dead.CompareAndSwap(false, true) {
		_ = response.Body.Close()
		m.die()
		return nil, errors.New("killed")
	}
	return response, err
}

// Write implements [paid.Journal].
func (m *mortal) Write(r paid.Record) error {
	if !m.dead.Load() {
		m.last = &r
	}
	return nil
}

// runKilled runs the gate until its process is killed, and returns what that noted last. A process that gets a
// signal instead ends what it began.
func (w *world) runKilled(killed func() bool, signal bool) *paid.Record {
	w.t.Helper()
	last, dead := w.mayKill(w.gate, killed, signal)
	if !signal && !dead {
		w.t.Fatal("the process was not killed")
	}
	return last
}

// mayKill is runKilled for a gate that may come to its end before.
func (w *world) mayKill(g gate.Gate, killed func() bool, signal bool) (last *paid.Record, dead bool) {
	w.t.Helper()
	ctx, cancel := context.WithCancelCause(w.t.Context())
	defer cancel(nil)
	m := &mortal{RoundTripper: w.server.Transport(), killed: killed, die: func() { cancel(gate.ErrTerminated) }}
	if signal {
		m.killed = func() bool {
			if killed() {
				m.die()
			}
			return false
		}
	}
	api, err := client.New(client.Options{
		BaseURL: w.gate.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test", Transport: m,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	g.API, g.Journal, g.Observe = api, m, nil
	g.Run(ctx)
	if signal || !m.dead.Load() {
		return nil, false
	}
	return m.last, true
}

// A start after a killed one judges the conversations that had ended and makes what is due; the start after that
// finds all of it.
func TestAKilledRunOfTheKeyIsGoneOnWith(t *testing.T) {
	t.Parallel()
	begun := func(n int) func(*world) bool {
		return func(w *world) bool { return w.server.Ledger().ChatTally().Begun == n }
	}
	trials := func(w *world) { w.gate.Config.Trials = config.Trials{Count: 2, Max: 2} }
	for _, c := range []struct {
		name   string
		change func(w *world)
		agent  func() *fake
		killed func(*world) bool
		signal bool
		paid   int // executions
		begun  int
		rerun  int // calls
	}{
		{"in the first execution", rerunsOnce, func() *fake { return says(grants) }, begun(5), false, 2, 25, 0},
		{"waiting for evals", rerunsOnce, func() *fake { return says(grants) }, func(w *world) bool {
			tally := w.server.Ledger().ChatTally()
			return tally.Begun == 20 && tally.Open == 0
		}, false, 1, 20, 0},
		{"in the start of a rerun", rerunsOnce, func() *fake { return failsAt(3) }, func(w *world) bool { return len(w.server.Ledger().Started) == 2 }, false, 3, 21, 1},
		{"in a rerun", rerunsOnce, func() *fake { return failsAt(3) }, begun(21), false, 3, 22, 1},
		{"in a rerun, by a signal", rerunsOnce, func() *fake { return failsAt(3) }, begun(21), true, 3, 22, 1},
		{"in a rerun of which a half had ended", rerunsOnce, func() *fake { return failsAt(3, 4) }, begun(22), false, 3, 23, 2},
		{"in a rerun of which a half had failed again", rerunsOnce, func() *fake { return failsAt(3, 4, 21) }, begun(22), false, 3, 23, 2},
		{"in the second trial", trials, func() *fake { return says(grants) }, begun(25), false, 3, 45, 0},
		{"in the second trial, by a signal", trials, func() *fake { return says(grants) }, begun(25), true, 3, 45, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{}, func(w *world) {
				w.keyed()
				w.gate.Config.Agent.Concurrency = 1
				w.judgeBy("success_rate >= 90")
				c.change(w)
				left := w.runKilled(func() bool { return c.killed(w) }, c.signal)
				time.Sleep(time.Second)
				next := func() gate.Result {
					w.laterChats(says(grants))
					w.gate.Config.Agent.Concurrency = 1
					c.change(w)
					w.gate.Earlier, left = left, nil
					return w.run()
				}
				second := next()
				w.wantVerdict(second, verdict.Pass, "")
				w.wantPaid(c.paid)
				w.wantChats(c.begun)
				rerun := 0
				for _, call := range second.Evidence.Calls.All() {
					if call.Attempts > 2 {
						t.Errorf("a call has %d attempts", call.Attempts)
					}
					rerun += call.Attempts - 1
				}
				if rerun != c.rerun {
					t.Errorf("%d calls were rerun, want %d", rerun, c.rerun)
				}
				time.Sleep(time.Minute)
				third := next()
				w.wantVerdict(third, verdict.Pass, "")
				w.wantPaid(c.paid)
				w.wantChats(c.begun)
				w.wantSame(second, third)
			}, c.agent)
		})
	}
}
