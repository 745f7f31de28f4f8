package simulator

import (
	"container/heap"
	"time"
)

// slots are the times at which places for running calls become free.
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

// place gives each call a new attempt and a place among those that run at once.
func (e *execution) place(calls []*call, from time.Time, attemptOf func(*call) int) {
	free := make(slots, min(e.w.opts.Concurrency, max(len(calls), 1)))
	for i := range free {
		free[i] = from
	}
	for i, c := range calls {
		last := i == len(calls)-1
		free[0] = e.course(c, attemptOf(c), free[0], last)
		heap.Fix(&free, 0)
	}
}

// course plans one attempt that gets its place at the given time, and returns when it
// gives it back.
func (e *execution) course(c *call, n int, at time.Time, last bool) time.Time {
	w := e.w
	rng := w.opts.Seed.Draw(forCourse, uint64(e.n), uint64(c.index), uint64(n))
	c.out = c.fate.in(n)
	a := attempt{n: n, created: c.now.created, asked: c.now.asked, fails: c.out.failsIn(n)}
	defer func() { c.now = a }()

	stuck := c.out.Stuck
	if n == 0 {
		switch {
		case e.plan.Stuck == StatusPending:
			stuck = StatusPending
		case e.plan.Stuck == StatusRunning && last:
			stuck = StatusOngoing
		}
	}
	if stuck == StatusPending {
		return at
	}
	a.placed = at
	a.talk = c.out.Talk
	if a.talk == 0 {
		a.talk = callLength(rng)
	}
	dial, analysis := seconds(rng, 1, 3), seconds(rng, 3, 10)
	if a.fails && !c.out.Connects {
		a.done = at.Add(w.span(dial + analysis/2))
		return a.done
	}
	a.started = at.Add(w.span(dial))
	ended := a.started.Add(w.span(a.talk))
	if stuck == StatusOngoing {
		return ended
	}
	a.ended, a.done = ended, ended
	switch {
	case stuck == StatusAnalyzing:
		a.done = time.Time{}
	case !a.fails:
		a.done = ended.Add(w.span(analysis))
		if c.out.Wavers > 0 && !w.opts.Text {
			a.failing = ended.Add(w.span(analysis / 3))
			a.recovers = a.failing.Add(w.span(c.out.Wavers))
			a.done = a.recovers.Add(w.span(analysis))
		}
	}
	return ended
}

// settle derives the times of a new phase from the calls: running from the first
// connected call, evaluating from the end of the last conversation while a call is
// analyzed, the end a tick after the last call (contract, section 4.1).
func (e *execution) settle(kind phaseKind, began time.Time) {
	p := phase{kind: kind, began: began, final: StatusCompleted}
	var talked, done time.Time
	var talking, open bool
	completed, failed := 0, 0
	for _, c := range e.calls {
		a := &c.now
		if !a.stopped.IsZero() {
			failed++
			done = later(done, a.stopped)
			continue
		}
		a.lags = a.lags || c.out.Lags > 0 && a.closes.IsZero()
		if !a.started.IsZero() && (p.runs.IsZero() || a.started.Before(p.runs)) {
			p.runs = a.started
		}
		end := a.ended
		if end.IsZero() {
			end = a.done
		}
		talking = talking || end.IsZero() && !a.lags
		open = open || a.done.IsZero() && !a.lags
		talked = later(talked, end)
		if !a.lags {
			done = later(done, a.done)
		}
		if a.fails {
			failed++
		} else {
			completed++
		}
	}
	if failed > 0 && completed == 0 {
		p.final = StatusFailed
	}
	if !talking && done.After(talked) {
		p.evals = talked
	}
	if !open && !e.stuckIn(kind) {
		tick := seconds(e.w.opts.Seed.Draw(forCourse, uint64(e.n), ^uint64(0), uint64(kind)<<32|uint64(e.rerunSerial)), 1, 3)
		p.ends = later(later(later(done, talked), e.judged), began).Add(e.w.span(tick))
		if d := e.plan.EvaluatingTime; d > 0 {
			p.ends = later(p.ends, later(talked, began).Add(e.w.span(d)))
			if p.evals.IsZero() && completed > 0 && kind != phaseEvals {
				p.evals = talked
			}
		}
	}
	e.enter(p)
	e.close()
}

// enter begins a phase. The end of the one before it stays known.
func (e *execution) enter(p phase) {
	if reached(e.phase.ends, p.began) {
		e.finished = e.phase.ends
	}
	e.phase = p
}

// stuckIn reports whether the plan keeps a phase from ending.
func (e *execution) stuckIn(kind phaseKind) bool {
	if kind == phaseFirst {
		return e.plan.Stuck == StatusEvaluating || e.plan.Stuck == StatusRunning || e.plan.Stuck == StatusPending
	}
	return e.plan.StuckReruns
}

// close fixes what comes after the end for the attempts that are new in this phase:
// calls that lag behind, late scores and late eval results.
func (e *execution) close() {
	for _, c := range e.calls {
		a := &c.now
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
			if c.out.Lags != Forever {
				a.done = a.closes.Add(e.w.span(c.out.Lags))
			}
		}
		if d := c.scoreDelay(); d > 0 && d != Forever && a.lateScore.IsZero() && !a.fails {
			a.lateScore = a.closes.Add(e.w.span(d))
		}
		if d := c.exec.plan.lastResult(&c.out); d > 0 && !a.fails {
			a.lateEvals = a.closes.Add(e.w.span(d))
		}
	}
	e.order.quiet = e.lastChange()
}
