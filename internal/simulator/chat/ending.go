package chat

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// analyze ends the conversation by the customer: the call is analyzing at once, and
// completed when its messages are stored and its score is judged, whatever has become of it
// by then (chat.md 4.3, 6).
func (c *Call) analyze(reason string, stored time.Time) {
	c.close(story.StatusAnalyzing, reason)
	if c.exec.Stuck {
		return
	}
	for _, l := range c.lines {
		if l.Stored.After(stored) {
			stored = l.Stored
		}
	}
	c.exec.board.schedule(c.after(stored, 1, 3, 1), func(at time.Time) {
		c.ended = stored
		c.seconds = new(int(c.exec.simulated(stored.Sub(c.begun)).Seconds()))
		c.complete(at)
	})
}

// after is a time drawn between two numbers of seconds after another.
func (c *Call) after(from time.Time, lo, hi float64, purpose uint64) time.Time {
	r := &c.exec.board.rules
	rng := r.Seed.Draw(story.ForCourse, c.exec.n, uint64(c.Index), story.Mix(purpose, uint64(c.wave)))
	return from.Add(r.Span(story.Seconds(rng, lo, hi)))
}

// simulated is the simulated length of a time on the clock.
func (e *Execution) simulated(d time.Duration) time.Duration {
	second := e.board.rules.Span(time.Second)
	return time.Duration(float64(d) / float64(second) * float64(time.Second))
}

// complete completes the call with its score, and starts its evals.
func (c *Call) complete(at time.Time) {
	c.Status, c.judged = story.StatusCompleted, true
	c.dispatch(c.exec.Evals(c), at)
	c.exec.evaluating()
}

// dispatch starts evals. When the last one is in, the execution is looked at; one that
// never comes keeps it from ending.
func (c *Call) dispatch(evals []Eval, at time.Time) {
	c.wave++
	c.evaluated = false
	if c.evals == nil {
		c.evals = map[uuid.UUID]time.Time{}
	}
	last, never := at, false
	for i, ev := range evals {
		delete(c.evals, ev.ID)
		if ev.Late == story.Forever {
			never = true
			continue
		}
		ready := c.after(at.Add(c.exec.board.rules.Span(ev.Late)), 0.5, 6, 2+uint64(i))
		c.evals[ev.ID] = ready
		if ready.After(last) {
			last = ready
		}
	}
	if never {
		return
	}
	wave := c.wave
	c.exec.board.schedule(last, func(at time.Time) {
		if c.wave != wave {
			return
		}
		c.evaluated = true
		c.exec.monitor(at)
	})
}

// stopEvals drops the results that have not come.
func (c *Call) stopEvals(now time.Time) {
	c.wave++
	c.evaluated = true
	for id, at := range c.evals {
		if at.After(now) {
			delete(c.evals, id)
		}
	}
}

// Patch sets the state, as somebody who gives up does: a failed call loses the reason, and
// a completed one is never evaluated (chat.md 5).
func (c *Call) Patch(as story.Status, reason string, now time.Time) {
	c.Stats.Closes = append(c.Stats.Closes, Close{How: "patch", Status: as, Reason: reason, Was: c.Status, At: now})
	c.Touched = now
	switch as {
	case story.StatusFailed:
		reason = story.EndedProcessingError
	case story.StatusCancelled:
		r := []rune(reason)
		reason = string(r[:min(len(r), 200)])
	}
	c.close(as, reason)
	if as.Terminal() {
		c.ended = now
	}
	if as == story.StatusCompleted {
		c.evaluated = false
		c.wave++
	}
	c.exec.board.wake(now)
}

// Result ends the call with a reason as the vendor's runner does: it is judged, its evals
// start when it completed, and the execution is looked at at once (chat.md 8). It reports
// whether evals were started, which happens once.
func (c *Call) Result(as story.Status, reason string, seconds *int, now time.Time) (dispatched bool, takes time.Duration) {
	c.Stats.Closes = append(c.Stats.Closes, Close{How: "result", Status: as, Reason: reason, Was: c.Status, At: now})
	c.Touched, c.ended, c.seconds, c.judged = now, now, seconds, true
	c.close(as, reason)
	if as == story.StatusCompleted && c.evals == nil {
		dispatched = true
		c.dispatch(c.exec.Evals(c), now)
		c.exec.evaluating()
	}
	c.exec.monitor(now)
	c.exec.board.wake(now)
	return dispatched, c.after(now, 1, 3, 9).Sub(now)
}

// Mark sets the state of a conversation that the vendor's runner holds.
func (c *Call) Mark(as story.Status, now time.Time) {
	c.Status, c.Touched = as, now
	if as == story.StatusOngoing {
		c.exec.running()
	}
}

// Again runs the evals of a call anew, as an eval_only rerun does: a failed one comes out
// completed (chat.md 6).
func (c *Call) Again(now time.Time) {
	e := c.exec
	c.Touched, c.rerun = now, true
	c.Status = story.StatusAnalyzing
	c.wave++
	e.Status = story.StatusEvaluating
	e.board.wake(now)
	e.board.schedule(c.after(now, 2, 6, 10), func(at time.Time) {
		c.Status = story.StatusCompleted
		c.dispatch(e.Evals(c), at)
	})
}

// Judge runs further evals on a completed call, as run-new-evals does.
func (c *Call) Judge(evals []Eval, now time.Time) {
	if c.Status != story.StatusCompleted {
		return
	}
	c.exec.Status = story.StatusEvaluating
	c.dispatch(evals, now)
	c.exec.board.wake(now)
}

// Empty is what a call_and_eval rerun leaves of a prompt's call: nothing (chat.md 9).
func (c *Call) Empty(now time.Time) {
	*c = Call{exec: c.exec, Index: c.Index, ID: c.ID, Created: c.Created, Touched: now, customer: c.customer, Status: story.StatusPending, Stats: c.Stats}
}
