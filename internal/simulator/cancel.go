package simulator

import (
	"time"

	"github.com/google/uuid"
)

// cancelAsked notes that a client wants the execution cancelled, and tells its state.
func (e *execution) cancelAsked(now time.Time) (was Status) {
	was = e.status(now)
	e.w.paid.Cancels = append(e.w.paid.Cancels, canceled{ExecutionID: e.id, Was: was, At: now})
	return was
}

// tryCancel cancels, unless the plan says with which words that fails: then the execution
// is cancelling for ever.
func (e *execution) tryCancel(now time.Time) (async bool, failure string) {
	if failure = e.plan.CancelError; failure != "" {
		e.stop(now, time.Time{}, StatusCancelled, "")
		return false, failure
	}
	return e.cancel(now), ""
}

// CancelExecution cancels an execution as somebody in the dashboard does. The ledger
// does not count it.
func (w *World) CancelExecution(id uuid.UUID, now time.Time) {
	if e, found := w.findExecution(id, now); found {
		e.cancel(now)
	}
}

// cancel stops the execution as of the given time and reports whether that happens by
// and by, through a workflow (contract, section 3.12).
func (e *execution) cancel(at time.Time) (async bool) {
	was := e.status(at)
	switch {
	case e.phase.kind == phaseCancel && !was.Terminal():
		return true
	case was.Terminal() && e.w.opts.Deployed && !e.plan.SyncCancel && !e.plan.FallbackCancel:
		// The workflow server takes the cancel of a closed workflow, which then never
		// tells its end (real-server.md, row 5).
		e.enter(phase{kind: phaseCancel, began: at})
		return true
	}
	reason := "Cancelled by user"
	if e.phase.kind == phaseCalls || e.phase.kind == phaseEvals {
		reason = "Rerun cancelled by user"
	}
	async = !was.Terminal() && !e.plan.SyncCancel && e.phase.kind != phaseDead
	fin := at
	switch {
	case e.plan.Stuck == StatusCancelling:
		fin = time.Time{}
	case async:
		d := e.plan.CancelTime
		if d == 0 {
			d = seconds(e.w.opts.Seed.Draw(forCourse, uint64(e.n), ^uint64(0), 1), 3, 10)
		}
		fin = at.Add(e.w.span(d))
	}
	e.stop(at, fin, StatusCancelled, reason)
	if async && !fin.IsZero() {
		e.overrule(fin)
	}
	return async
}

// overrule lets calls that were cancelled at fin fail, as the workers of voice calls do,
// and the execution with them when no other call is left (real-server.md, row 2).
func (e *execution) overrule(fin time.Time) {
	if e.plan.CancelFails <= 0 || e.w.opts.Text || !e.w.opts.Deployed {
		return
	}
	left := len(e.calls) == 0
	for _, c := range e.calls {
		a := &c.now
		if !a.stopped.Equal(fin) {
			left = left || c.status(fin) != StatusFailed
			continue
		}
		n, i, m := c.seed()
		rng := e.w.opts.Seed.Draw(forCourse, n, i, mix(m, 4))
		if rng.Float64() >= e.plan.CancelFails {
			left = true
			continue
		}
		a.overruled, a.overruledFor = fin.Add(e.w.span(250*time.Millisecond)), EndedActivityCancelled
		if a.connected(fin) && rng.IntN(3) == 0 {
			a.overruledFor = ProviderErrors()[0] // the provider's own reason
		}
	}
	if !left {
		e.phase.sours = fin.Add(e.w.span(700 * time.Millisecond))
	}
	e.order.quiet = e.lastChange()
}

// stop places no more calls after at, and ends the open ones at fin with the given
// state and reason; fin zero leaves the execution in cancelling.
func (e *execution) stop(at, fin time.Time, as Status, reason string) {
	for _, c := range e.calls {
		a := &c.now
		if c.final(at) {
			continue
		}
		if !reached(a.placed, at) {
			a.placed, a.started, a.ended, a.done = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		}
		if !fin.IsZero() && !reached(a.done, fin) {
			a.stopped, a.stoppedAs, a.stoppedFor = fin, as, reason
		}
	}
	e.enter(phase{kind: phaseCancel, began: at, ends: fin, final: as})
	e.order.quiet = e.lastChange()
}
