package gate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// noticedWithin is how long after the call that passes a limit a run may still begin others: the longest
// wait between two polls, with its spread, and the cancel.
const noticedWithin = 45 * time.Second

// TestRandomRunsStayWithinTheirBudget runs random calls of random costs under random limits. Once the calls
// that have ended are over a limit no other begins, but for those that begin before the next poll; and the
// report never says less than was spent.
func TestRandomRunsStayWithinTheirBudget(t *testing.T) {
	t.Parallel()
	if gate.UnderRace {
		t.Skip("hours of polls one after the other; TestRandomRuns has what happens at once")
	}
	var outcomes [3]int
	for seed := range uint64(max(20, *randomRuns/5)) { // fewer do not come to all three
		r := rand.New(rand.NewPCG(seed, 17))
		dialect := []simulator.Dialect{simulator.Documented, simulator.Deployed}[r.IntN(2)]
		fails, dear := r.Float64()*0.3, 1+r.IntN(60)
		options := simulator.Options{
			Dialect: dialect, Seed: seed, Concurrency: 1 + r.IntN(10),
			Plan: story.Plan{Each: func(ref story.CallRef) (story.Outcome, bool) {
				d := rand.New(rand.NewPCG(seed, uint64(1000*ref.Execution+ref.Index)))
				o := story.Outcome{Talk: time.Duration(20+d.IntN(280)) * time.Second, Cents: dear + d.IntN(2*dear)}
				if d.Float64() < fails {
					o.FailFirst, o.Connects = 1+d.IntN(2), d.IntN(2) == 0
				}
				return o, true
			}},
		}
		rows := 20
		if r.IntN(4) == 0 {
			rows = 90 // not read at every poll
			options.Scenarios = []story.Scenario{{Name: "Refunds", Rows: rows}}
		}
		earlier := max(0, r.IntN(6)-3)
		inWorld(t, options, func(w *world) {
			c := &w.gate.Config
			if earlier > 0 {
				w.afterEarlier(earlier)
			}
			c.Reruns = config.Reruns{Attempts: r.IntN(3), Max: kind.Amount{IsShare: true, Percent: 50}}
			c.Trials.Count = 1 + r.IntN(3)
			c.Trials.Max = c.Trials.Count
			w.gate.Timeout = 20 * time.Hour
			if r.IntN(3) > 0 {
				c.MaxCents = float64(dear*rows) * (0.1 + r.Float64()*6)
			}
			if c.MaxCents == 0 || r.IntN(3) > 0 {
				c.MaxMinutes = float64(rows) * (0.1 + r.Float64()*7.5)
			}
			w.judgeBy("success_rate >= 10")
			got := w.run()
			name := fmt.Sprintf("seed %d (%s, concurrency %d): ", seed, dialect, options.Concurrency)
			if k := got.Verdict.Kind; k != verdict.Pass && got.Verdict.Cause != verdict.CauseBudget {
				t.Errorf("%s%s %s: %s", name, k, got.Verdict.Cause, got.Verdict.Reason)
			}
			truth, ends := w.spent(earlier)
			limits := c.Limits()
			if dialect == simulator.Documented {
				limits.Cents = 0 // it does not tell
			}
			over, cents, seconds := time.Time{}, 0.0, 0.0
			for _, e := range ends {
				cents, seconds = cents+e.cents, seconds+e.seconds
				if limits.Cents > 0 && cents > limits.Cents || limits.Minutes > 0 && seconds/60 > limits.Minutes {
					over = e.at
					break
				}
			}
			late := 0
			for i, x := range w.server.Executions() {
				for _, call := range x.Calls {
					for _, try := range call.Tries {
						if i >= earlier && !over.IsZero() && try.Placed.After(over.Add(noticedWithin)) {
							late++
						}
					}
				}
			}
			if late > 0 {
				t.Errorf("%s%d calls began more than %s after the limit was passed: %s", name, late, noticedWithin, got.Verdict.Reason)
			}
			switch {
			case got.Verdict.Cause != verdict.CauseBudget:
				outcomes[0]++
			case truth.Calls == 0:
				outcomes[1]++
			case over.IsZero():
				t.Errorf("%scancelled within the limits %+v: spent %+v, %s", name, limits, truth, got.Verdict.Reason)
			default:
				outcomes[2]++
			}
			w.wantSpent(got, earlier, dialect)
			if t.Failed() {
				t.Log(name, got.Evidence.Budget.Spent, truth)
			}
			w.wantNothingRunning()
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d were judged, %d not started, %d cancelled", outcomes[0], outcomes[1], outcomes[2])
	for i, n := range outcomes {
		if n == 0 {
			t.Errorf("no run came to outcome %d", i)
		}
	}
}
