package world

import (
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// NoteCancel records a client's cancel in the ledger and returns the status before it.
func (e *Execution) NoteCancel(now time.Time) (was story.Status) {
	was = e.Status(now)
	e.w.ledger.Cancels = append(e.w.ledger.Cancels, Cancel{ExecutionID: e.ID, Was: was, At: now})
	return was
}

// Cancel cancels the execution. async means that a workflow does it, later. If the plan
// makes it fail, Cancel returns the error and the execution stays cancelling forever.
func (e *Execution) Cancel(now time.Time) (async bool, failure string) {
	if failure = e.Plan.CancelError; failure != "" && e.Chat == nil {
		e.stop(now, time.Time{}, story.StatusCancelled, "")
		return false, failure
	}
	return e.cancel(now), ""
}

// CancelExecution cancels an execution as a user of the dashboard would. The ledger does
// not record it. An unknown id is ignored.
func (w *World) CancelExecution(id uuid.UUID, now time.Time) {
	if e, found := w.FindExecution(id, now); found {
		e.cancel(now)
	}
}

// cancel stops the execution as of the given time and reports whether a workflow does it,
// later (contract, section 3.12).
func (e *Execution) cancel(at time.Time) (async bool) {
	if e.Chat != nil {
		e.Chat.Cancel(at)
		return false
	}
	was := e.Status(at)
	switch {
	case e.phase.kind == phaseCancel && !was.Terminal():
		return true
	case was.Terminal() && e.w.Options.Deployed && !e.Plan.SyncCancel && !e.Plan.FallbackCancel:
		// The workflow server accepts the cancel of a closed workflow, which then never
		// reports its end (real-server.md, row 5).
		e.enter(phase{kind: phaseCancel, began: at})
		return true
	}
	reason := "Cancelled by user"
	if e.phase.kind == phaseCalls || e.phase.kind == phaseEvals {
		reason = "Rerun cancelled by user"
	}
	async = !was.Terminal() && !e.Plan.SyncCancel && e.phase.kind != phaseDead
	fin := at
	switch {
	case e.Plan.Stuck == story.StatusCancelling:
		fin = time.Time{}
	case async:
		d := e.Plan.CancelTime
		if d == 0 {
			d = story.Seconds(e.w.Options.Seed.Draw(story.ForCourse, uint64(e.n), ^uint64(0), 1), 3, 10)
		}
		fin = at.Add(e.w.Span(d))
	}
	e.stop(at, fin, story.StatusCancelled, reason)
	if async && !fin.IsZero() {
		e.failAfterCancel(fin)
	}
	return async
}

// failAfterCancel makes calls that were cancelled at fin fail, as the workers of voice
// calls do, and with them the execution if no other call is left (real-server.md, row 2).
func (e *Execution) failAfterCancel(fin time.Time) {
	if e.Plan.CancelFails <= 0 || e.w.Options.Text || !e.w.Options.Deployed {
		return
	}
	left := len(e.Calls) == 0
	for _, c := range e.Calls {
		a := &c.Attempt
		if !a.stopped.Equal(fin) {
			left = left || c.Status(fin) != story.StatusFailed
			continue
		}
		n, i, m := c.seed()
		rng := e.w.Options.Seed.Draw(story.ForCourse, n, i, story.Mix(m, 4))
		if rng.Float64() >= e.Plan.CancelFails {
			left = true
			continue
		}
		a.failedLate, a.failedLateFor = fin.Add(e.w.Span(250*time.Millisecond)), story.EndedActivityCancelled
		if a.Connected(fin) && rng.IntN(3) == 0 {
			a.failedLateFor = story.ProviderErrors()[0] // the provider's own reason
		}
	}
	if !left {
		e.phase.failsAt = fin.Add(e.w.Span(700 * time.Millisecond))
	}
	e.order.quiet = e.lastChange()
}

// stop places no more calls after at and ends the open ones at fin with the given status
// and reason. A zero fin leaves the execution cancelling.
func (e *Execution) stop(at, fin time.Time, as story.Status, reason string) {
	for _, c := range e.Calls {
		a := &c.Attempt
		if c.Final(at) {
			continue
		}
		if !reached(a.placed, at) {
			a.placed, a.Started, a.Ended, a.done = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		}
		if !fin.IsZero() && !reached(a.done, fin) {
			a.stopped, a.stoppedAs, a.stoppedFor = fin, as, reason
			if !reached(a.Ended, fin) {
				a.Ended = time.Time{} // it does not go on
			}
		}
	}
	e.enter(phase{kind: phaseCancel, began: at, ends: fin, final: as})
	e.order.quiet = e.lastChange()
}
