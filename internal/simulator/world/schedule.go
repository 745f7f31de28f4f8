package world

import (
	"container/heap"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// slots is a heap of the times at which the slots for concurrent calls become free.
type slots []time.Time

func (s slots) Len() int           { return len(s) }
func (s slots) Less(i, j int) bool { return s[i].Before(s[j]) }
func (s slots) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *slots) Push(x any)        { *s = append(*s, x.(time.Time)) }
func (s *slots) Pop() any {
	last := len(*s) - 1
	t := (*s)[last]
	*s = (*s)[:last]
	return t
}

// place plans a new attempt at each call, in order, as slots become free.
func (e *Execution) place(calls []*Call, from time.Time, attemptOf func(*Call) int) {
	free := make(slots, min(e.w.Options.Concurrency, max(len(calls), 1)))
	for i := range free {
		free[i] = from
	}
	for i, c := range calls {
		last := i == len(calls)-1
		free[0] = e.course(c, attemptOf(c), free[0], last)
		heap.Fix(&free, 0)
	}
}

// course plans the n-th attempt at a call, which gets its slot at the given time, and
// returns when the slot is free again. last marks the last call placed.
func (e *Execution) course(c *Call, n int, at time.Time, last bool) time.Time {
	w := e.w
	rng := w.Options.Seed.Draw(story.ForCourse, uint64(e.n), uint64(c.Index), uint64(n))
	c.Outcome = c.fate.In(n)
	a := Attempt{n: n, Created: c.Attempt.Created, asked: c.Attempt.asked, Fails: c.Outcome.FailsIn(n)}
	defer func() { c.Attempt = a }()

	stuck := c.Outcome.Stuck
	if n == 0 {
		switch {
		case e.Plan.Stuck == story.StatusPending:
			stuck = story.StatusPending
		case e.Plan.Stuck == story.StatusRunning && last:
			stuck = story.StatusOngoing
		}
	}
	if stuck == story.StatusPending {
		return at
	}
	a.placed = at
	a.Talk = c.Outcome.Talk
	if a.Talk == 0 {
		a.Talk = story.CallLength(rng)
	}
	dial, analysis := story.Seconds(rng, 1, 3), story.Seconds(rng, 3, 10)
	if a.Fails && !c.Outcome.Connects {
		a.done = at.Add(w.Span(dial + analysis/2))
		return a.done
	}
	a.Started = at.Add(w.Span(dial))
	ended := a.Started.Add(w.Span(a.Talk))
	if stuck == story.StatusOngoing {
		return ended
	}
	a.Ended, a.done = ended, ended
	switch {
	case stuck == story.StatusAnalyzing:
		a.done = time.Time{}
	case !a.Fails:
		a.done = ended.Add(w.Span(analysis))
		if c.Outcome.Wavers > 0 && !w.Options.Text {
			a.failing = ended.Add(w.Span(analysis / 3))
			a.recovers = a.failing.Add(w.Span(c.Outcome.Wavers))
			a.done = a.recovers.Add(w.Span(analysis))
		}
	}
	return ended
}

// settle begins a new phase and derives its times from the calls: it is running from the
// first connected call, evaluating from the end of the last conversation if a call is
// still analyzing then, and ends a tick after the last call (contract, section 4.1).
func (e *Execution) settle(kind phaseKind, began time.Time) {
	p := phase{kind: kind, began: began, final: story.StatusCompleted}
	var talked, done time.Time
	var talking, open bool
	completed, failed := 0, 0
	for _, c := range e.Calls {
		a := &c.Attempt
		if !a.stopped.IsZero() {
			failed++
			done = later(done, a.stopped)
			continue
		}
		a.lags = a.lags || c.Outcome.Lags > 0 && a.closes.IsZero()
		if !a.Started.IsZero() && (p.runs.IsZero() || a.Started.Before(p.runs)) {
			p.runs = a.Started
		}
		end := a.Ended
		if end.IsZero() {
			end = a.done
		}
		talking = talking || end.IsZero() && !a.lags
		open = open || a.done.IsZero() && !a.lags
		talked = later(talked, end)
		if !a.lags {
			done = later(done, a.done)
		}
		if a.Fails {
			failed++
		} else {
			completed++
		}
	}
	if failed > 0 && completed == 0 {
		p.final = story.StatusFailed
	}
	if !talking && done.After(talked) {
		p.evals = talked
	}
	if !open && !e.stuckIn(kind) {
		tick := story.Seconds(e.w.Options.Seed.Draw(story.ForCourse, uint64(e.n), ^uint64(0), uint64(kind)<<32|uint64(e.rerunSerial)), 1, 3)
		p.ends = later(later(later(done, talked), e.judged), began).Add(e.w.Span(tick))
		if d := e.Plan.EvaluatingTime; d > 0 {
			p.ends = later(p.ends, later(talked, began).Add(e.w.Span(d)))
			if p.evals.IsZero() && completed > 0 && kind != phaseEvals {
				p.evals = talked
			}
		}
	}
	e.enter(p)
	e.close()
}

// enter begins a phase and keeps the end of the previous one.
func (e *Execution) enter(p phase) {
	if reached(e.phase.ends, p.began) {
		e.Finished = e.phase.ends
	}
	e.phase = p
}

// stuckIn reports whether the plan keeps a phase of this kind from ending.
func (e *Execution) stuckIn(kind phaseKind) bool {
	if kind == phaseFirst {
		return e.Plan.Stuck == story.StatusEvaluating || e.Plan.Stuck == story.StatusRunning || e.Plan.Stuck == story.StatusPending
	}
	return e.Plan.StuckReruns
}

// close sets the times of what happens after the end of the phase, for its new attempts:
// lagging calls, late scores and late eval results.
func (e *Execution) close() {
	for _, c := range e.Calls {
		a := &c.Attempt
		if !a.closes.IsZero() {
			continue
		}
		a.closes = e.phase.ends
		if a.closes.IsZero() {
			a.closes = a.done
		}
		if a.closes.IsZero() {
			continue
		}
		if a.lags {
			a.done = time.Time{}
			if c.Outcome.Lags != story.Forever {
				a.done = a.closes.Add(e.w.Span(c.Outcome.Lags))
			}
		}
		if d := c.scoreDelay(); d > 0 && d != story.Forever && a.lateScore.IsZero() && !a.Fails {
			a.lateScore = a.closes.Add(e.w.Span(d))
		}
		if d := c.Execution.Plan.LastResult(&c.Outcome); d > 0 && !a.Fails {
			a.lateEvals = a.closes.Add(e.w.Span(d))
		}
	}
	e.order.quiet = e.lastChange()
}
