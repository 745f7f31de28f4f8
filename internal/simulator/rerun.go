package simulator

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// The ways of a rerun.
const (
	callAndEval = "call_and_eval"
	evalOnly    = "eval_only"
)

// refusedRerun is a call that a rerun turned down.
type refusedRerun struct {
	id   string
	text string
}

// chosen are the calls that a rerun means. With select_all the ids are ignored in the
// documented dialect and excluded in the deployed one; unknown ids are reported in the
// documented dialect and dropped in the deployed one (contract, facts 16 and 17).
func (e *execution) chosen(ids []uuid.UUID, all bool) (calls []*call, refused []refusedRerun) {
	if all {
		for _, c := range e.calls {
			if !e.w.opts.Deployed || !slices.Contains(ids, c.id) {
				calls = append(calls, c)
			}
		}
		return e.rejects(calls, nil)
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		c, found := e.w.callBy[id]
		switch {
		case seen[id]:
		case found && c.exec == e:
			calls = append(calls, c)
		case !e.w.opts.Deployed:
			refused = append(refused, refusedRerun{id.String(), "Call execution not found in this test execution"})
		}
		seen[id] = true
	}
	return e.rejects(calls, refused)
}

// rejects takes out the calls that the plan wants turned down.
func (e *execution) rejects(calls []*call, refused []refusedRerun) ([]*call, []refusedRerun) {
	var kept []*call
	for _, c := range calls {
		if text, no := e.plan.RerunRejects[c.index]; no {
			refused = append(refused, refusedRerun{c.id.String(), text})
		} else {
			kept = append(kept, c)
		}
	}
	return kept, refused
}

// rerun runs the calls again and notes it. It gives the calls that now run, those turned
// down, and the error where the calls could not be dispatched.
func (e *execution) rerun(typ string, calls []*call, refused []refusedRerun, was Status, now time.Time) (running []*call, refusals []refusedRerun, dispatch string) {
	entry := Rerun{ExecutionID: e.id, Type: typ, Was: was, At: now, CallIDs: callIDs(calls)}
	dispatch = e.plan.RerunDispatchError
	switch {
	case len(calls) == 0:
	case dispatch != "":
		entry.DispatchFailed = true
		for _, c := range calls {
			refused = append(refused, refusedRerun{c.id.String(), "Async dispatch failed: " + dispatch})
		}
		e.dispatchFailed(typ, calls, dispatch, now)
		calls = nil
	default:
		entry.Duplicates = e.runAgain(typ, calls, now)
	}
	e.w.paid.Reruns = append(e.w.paid.Reruns, entry)
	return calls, refused, dispatch
}

// runAgain dispatches a rerun and counts the calls of which it is a blind repetition.
func (e *execution) runAgain(typ string, calls []*call, now time.Time) (duplicates int) {
	e.rerunSerial++
	for _, c := range calls {
		if typ == callAndEval && c.serial > e.readSerial {
			duplicates++
		}
		c.serial = e.rerunSerial
	}
	if typ == callAndEval {
		e.callAgain(calls, now)
	} else {
		e.judgeAgain(calls, now)
	}
	return duplicates
}

// callAgain places the given calls again, as a call_and_eval rerun does: it wipes the
// attempt and runs it anew.
func (e *execution) callAgain(calls []*call, now time.Time) {
	for i, c := range calls {
		c.remember(now, callAndEval)
		c.asks(now, i, len(calls))
	}
	e.place(calls, now.Add(e.w.span(time.Second)), func(c *call) int { return c.now.n + 1 })
	e.settle(phaseCalls, now)
}

// judgeAgain evaluates the given calls again, as an eval_only rerun does. A call that
// had failed comes out completed, without a transcript (contract, section 4.5).
func (e *execution) judgeAgain(calls []*call, now time.Time) {
	for i, c := range calls {
		c.asks(now, i, len(calls))
		if !c.final(now) {
			continue
		}
		c.remember(now, evalOnly)
		a := &c.now
		if a.fails || !a.stopped.IsZero() {
			a.fails, a.revived = false, true
			a.stopped, a.stoppedAs, a.overruled = time.Time{}, "", time.Time{}
		}
		c.round++
		rng := e.w.opts.Seed.Draw(forCourse, uint64(e.n), uint64(c.index), mix(uint64(a.n), uint64(c.round)))
		a.judging = now
		a.done = now.Add(e.w.span(seconds(rng, 2, 6)))
		a.closes = time.Time{}
	}
	e.settle(phaseEvals, now)
}

// dispatchFailed is what a rerun leaves behind that could not be dispatched: an
// eval_only one nothing, a call_and_eval one wiped, failed calls and a failed execution
// (contract, section 3.9; real-server.md, row 10).
func (e *execution) dispatchFailed(typ string, calls []*call, reason string, now time.Time) {
	if typ == evalOnly || !e.w.opts.Deployed {
		return
	}
	for _, c := range calls {
		c.remember(now, callAndEval)
		c.now = attempt{
			n: c.now.n, created: c.now.created, asked: now, // of all at once: they tie
			stopped: now, stoppedAs: StatusFailed, stoppedFor: "Rerun dispatch failed: " + reason,
		}
	}
	e.enter(phase{kind: phaseCalls, began: now, ends: now, final: StatusFailed})
	e.order.quiet = e.lastChange()
}

func callIDs(calls []*call) []uuid.UUID {
	ids := make([]uuid.UUID, len(calls))
	for i, c := range calls {
		ids[i] = c.id
	}
	return ids
}
