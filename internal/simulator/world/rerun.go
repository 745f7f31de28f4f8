package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The types of a rerun.
const (
	CallAndEval = "call_and_eval"
	EvalOnly    = "eval_only"
)

// RefusedRerun is a call that a rerun rejected, and the error.
type RefusedRerun struct {
	ID   string
	Text string
}

// SelectCalls returns the calls that a rerun applies to and those that it rejects. With
// select_all (all) the documented dialect ignores the ids and the deployed one excludes
// them. The documented dialect rejects unknown ids, the deployed one drops them (contract,
// facts 16 and 17).
func (e *Execution) SelectCalls(ids []uuid.UUID, all bool) (calls []*Call, refused []RefusedRerun) {
	if all {
		for _, c := range e.Calls {
			if !e.w.Options.Deployed || !slices.Contains(ids, c.ID) {
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
		case found && c.Execution == e:
			calls = append(calls, c)
		case !e.w.Options.Deployed:
			refused = append(refused, RefusedRerun{id.String(), "Call execution not found in this test execution"})
		}
		seen[id] = true
	}
	return e.rejects(calls, refused)
}

// rejects moves the calls that the plan rejects to refused.
func (e *Execution) rejects(calls []*Call, refused []RefusedRerun) ([]*Call, []RefusedRerun) {
	var kept []*Call
	for _, c := range calls {
		if text, no := e.Plan.RerunRejects[c.Index]; no {
			refused = append(refused, RefusedRerun{c.ID.String(), text})
		} else {
			kept = append(kept, c)
		}
	}
	return kept, refused
}

// Rerun reruns the calls and records it in the ledger; was is the execution's status
// before. It returns the calls that now run, those rejected, and the error if the calls
// could not be dispatched.
func (e *Execution) Rerun(typ string, calls []*Call, refused []RefusedRerun, was story.Status, now time.Time) (running []*Call, refusals []RefusedRerun, dispatch string) {
	entry := Rerun{ExecutionID: e.ID, Type: typ, Was: was, At: now, CallIDs: callIDs(calls)}
	dispatch = e.Plan.RerunDispatchError
	switch {
	case len(calls) == 0:
	case dispatch != "":
		entry.DispatchFailed = true
		for _, c := range calls {
			refused = append(refused, RefusedRerun{c.ID.String(), "Async dispatch failed: " + dispatch})
		}
		e.dispatchFailed(typ, calls, dispatch, now)
		calls = nil
	default:
		entry.Duplicates = e.runAgain(typ, calls, now)
	}
	e.w.ledger.Reruns = append(e.w.ledger.Reruns, entry)
	return calls, refused, dispatch
}

// runAgain dispatches a rerun and returns how many of its calls are duplicates; see
// [Rerun.Duplicates].
func (e *Execution) runAgain(typ string, calls []*Call, now time.Time) (duplicates int) {
	e.rerunSerial++
	for _, c := range calls {
		if typ == CallAndEval && c.serial > e.readSerial {
			duplicates++
		}
		c.serial = e.rerunSerial
	}
	if typ == CallAndEval {
		e.callAgain(calls, now)
	} else {
		e.judgeAgain(calls, now)
	}
	return duplicates
}

// callAgain is a call_and_eval rerun: it replaces the current attempt with a new one.
func (e *Execution) callAgain(calls []*Call, now time.Time) {
	for i, c := range calls {
		c.remember(now, CallAndEval)
		c.asks(now, i, len(calls))
	}
	e.place(calls, now.Add(e.w.Span(time.Second)), func(c *Call) int { return c.Attempt.n + 1 })
	e.settle(phaseCalls, now)
}

// judgeAgain is an eval_only rerun: it evaluates the calls again. A call that had failed
// becomes completed, without a transcript (contract, section 4.5).
func (e *Execution) judgeAgain(calls []*Call, now time.Time) {
	for i, c := range calls {
		c.asks(now, i, len(calls))
		if !c.Final(now) {
			continue
		}
		c.remember(now, EvalOnly)
		a := &c.Attempt
		if a.Fails || !a.stopped.IsZero() {
			a.Fails, a.revived = false, true
			a.stopped, a.stoppedAs, a.failedLate = time.Time{}, "", time.Time{}
		}
		c.round++
		rng := e.w.Options.Seed.Draw(story.ForCourse, uint64(e.n), uint64(c.Index), story.Mix(uint64(a.n), uint64(c.round)))
		a.judging = now
		a.done = now.Add(e.w.Span(story.Seconds(rng, 2, 6)))
		a.closes = time.Time{}
	}
	e.settle(phaseEvals, now)
}

// dispatchFailed is the effect of a rerun that could not be dispatched. An eval_only rerun
// leaves everything as it was. A call_and_eval rerun of the deployed dialect has wiped its
// calls: they and the execution are failed (contract, section 3.9; real-server.md, row
// 10).
func (e *Execution) dispatchFailed(typ string, calls []*Call, reason string, now time.Time) {
	if typ == EvalOnly || !e.w.Options.Deployed {
		return
	}
	for _, c := range calls {
		c.remember(now, CallAndEval)
		c.Attempt = Attempt{
			n: c.Attempt.n, Created: c.Attempt.Created, asked: now, // the same for all: they tie
			stopped: now, stoppedAs: story.StatusFailed, stoppedFor: "Rerun dispatch failed: " + reason,
		}
	}
	e.enter(phase{kind: phaseCalls, began: now, ends: now, final: story.StatusFailed})
	e.order.quiet = e.lastChange()
}

func callIDs(calls []*Call) []uuid.UUID {
	ids := make([]uuid.UUID, len(calls))
	for i, c := range calls {
		ids[i] = c.ID
	}
	return ids
}
