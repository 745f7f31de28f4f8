package talk_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
)

var (
	randomRuns = flag.Int("random-runs", 300, "how many random runs to make")
	randomSeed = flag.Uint64("random-seed", 1, "the seed of the first of them")
)

var errStopped = errors.New("stopped by the test")

// TestRandomRuns has faults of both sides strike anywhere, and the run end anywhen.
func TestRandomRuns(t *testing.T) {
	t.Parallel()
	ends := map[talk.End]int{}
	for i := range *randomRuns {
		seed := *randomSeed + uint64(i)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { randomRun(t, rand.New(rand.NewPCG(seed, seed)), ends) })
		})
	}
	t.Logf("%d runs: %v", *randomRuns, ends)
}

// oneOf is one of the choices.
func oneOf[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

func randomRun(t *testing.T, r *rand.Rand, ends map[talk.End]int) {
	t.Helper()
	w := newWorld(1+r.IntN(30), 1)
	w.settings.Concurrency = 1 + r.IntN(25)
	w.settings.MaxTurns = 1 + r.IntN(8)
	w.takes = time.Duration(r.IntN(2000)) * time.Millisecond
	w.bot.takes = time.Duration(r.IntN(5000)) * time.Millisecond
	// A refusal after acting that is stored even later cannot be told from one before acting.
	w.lag = func() time.Duration { return time.Duration(r.IntN(4500)) * time.Millisecond }
	if r.IntN(2) == 0 {
		w.say = func(*storedCall, int) string { return "yes, please" }
	}
	said := oneOf(r, "answer %d", "the same%.0d", "(no text)%.0d")
	w.bot.answer = func(q agent.Question) agent.Answer { return marked(q, fmt.Sprintf(said, q.Turn)) }
	for i, row := range w.rows {
		w.calls[row.ID].endsAt = 1 + r.IntN(8)
		w.calls[row.ID].silent = r.IntN(4) == 0
		w.rows[i].MadeAt = time.Now().Add(-time.Duration(r.IntN(26)) * oneOf(r, time.Second, time.Minute))
	}
	wrong := oneOf(r, 0, 0.01, 0.05, 0.2)
	w.server.fault = func(uuid.UUID, string, int) fault {
		if r.Float64() < wrong {
			return oneOf(r, faults...)
		}
		return none
	}
	bad := oneOf(r, 0, 0, 0.02, 0.1)
	w.bot.fault = func(string, int) agent.Kind {
		w.mu.Lock() // r is used by the server too
		defer w.mu.Unlock()
		if r.Float64() < bad {
			return oneOf(r, agentFaults[1], agentFaults[2], agentFaults[3], agentFaults[4], agentFaults[6])
		}
		return ""
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stopAt := time.Duration(r.IntN(120_000)) * time.Millisecond
	how := oneOf(r, "nothing", "nothing", "cancel", "death")
	ender := time.AfterFunc(stopAt, func() {
		w.mu.Lock()
		w.hasty = how != "nothing"
		w.mu.Unlock()
		switch how {
		case "cancel":
			cancel(errStopped)
		case "death":
			w.bot.die()
		}
	})
	defer ender.Stop()
	from := time.Now()
	got, err := talk.Hold(ctx, w.server, w.bot, w.rows, w.settings)
	if took := time.Since(from); how == "cancel" && took > stopAt+2500*time.Millisecond {
		t.Errorf("it ended %s after the context, want at most 2.5s", took-stopAt)
	}
	w.work.Wait()
	for _, wrong := range append(w.wrong, w.bot.wrong...) {
		t.Error(wrong)
	}
	if w.bot.most > w.settings.Concurrency {
		t.Errorf("got %d at a time, want at most %d", w.bot.most, w.settings.Concurrency)
	}
	for _, c := range got.Conversations {
		ends[c.End]++
		w.judge(t, c, err)
	}
	if err != nil && !w.hasty {
		t.Errorf("got the error %v, and nothing ended the run", err)
	}
}

// judge checks one conversation against what the server and the agent know of it.
func (w *world) judge(t *testing.T, c talk.Conversation, stopped error) {
	t.Helper()
	state := w.state(c.ID)
	guilty := w.bot.failed[c.ID.String()]
	died := w.bot.Err() != nil
	switch c.End {
	case talk.AgentFailed:
		if !guilty && !died {
			t.Errorf("%s: the agent is blamed for nothing (%s)", c.ID, c.Reason.Line())
		}
	case talk.Lost:
		if !state.hurt || guilty {
			t.Errorf("%s: the simulator is blamed (%s), agent failed %v", c.ID, c.Reason.Line(), guilty)
		}
	case talk.Cancelled:
		if stopped == nil || guilty && !w.hasty {
			t.Errorf("%s: cancelled (%s) by nobody", c.ID, c.Reason.Line())
		}
	case talk.Ended:
		if state.status != calls.Analyzing || guilty {
			t.Errorf("%s: ended, and the server has %s, agent failed %v", c.ID, state.status, guilty)
		}
	case talk.TurnLimit:
		if len(state.turns) != w.settings.MaxTurns || guilty {
			t.Errorf("%s: the turn limit after %d turns", c.ID, len(state.turns))
		}
	case talk.NotReached, talk.LeftOver:
		if c.End == talk.NotReached && stopped == nil {
			t.Errorf("%s: not reached, and nothing ended the run", c.ID)
		}
		if state.begins > 0 && !w.hasty || len(state.turns) > 0 {
			t.Errorf("%s: %s, and the server has begun it", c.ID, c.End)
		}
		return
	}
	switch state.status {
	case calls.Pending, calls.Ongoing:
		// A begin that is at work when there is no time left may end after the close.
		if c.Open == nil && !(w.hasty && state.closes > 0) {
			t.Errorf("%s: %s, and the server has %s after %d closes", c.ID, c.End, state.status, state.closes)
		}
	}
}
