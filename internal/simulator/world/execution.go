package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Execution is one test execution: its plan, its calls and the phase it is in.
type Execution struct {
	w         *World
	n         int // from 0
	ID        uuid.UUID
	RunTest   *RunTest
	Plan      story.Plan
	Scenarios []*Scenario
	Simulator uuid.UUID
	aside     bool // started by the test itself, not over the API

	// Chat is the state of an execution of chats, nil of others. Nothing of what stands
	// below it then counts but Calls and Evals.
	Chat *chat.Execution

	Began     time.Time
	records   time.Time // call records begin to appear
	Announced int
	Calls     []*Call
	Evals     []*EvalConfig
	rounds    map[uuid.UUID]evalRound // by run-new-evals
	judged    time.Time               // the newest round is ready
	touched   time.Time               // all records were last written at once
	phase     phase
	Finished  time.Time // the end of an earlier phase
	reason    string    // error_reason

	killAt, cancelAt time.Time // from outside

	rerunSerial, readSerial int // reruns accepted; of these, read until their end

	order orderCache
	reads int // of rows, after the end
}

// evalRound is the last run of one eval by run-new-evals.
type evalRound struct {
	n     int
	ready time.Time // zero: dispatch failed
}

type phaseKind int

const (
	phaseFirst  phaseKind = iota // execute: pending, running, evaluating
	phaseCalls                   // call_and_eval rerun: running, evaluating
	phaseEvals                   // eval_only rerun or new evals: evaluating
	phaseCancel                  // cancelling
	phaseDead                    // no workflow: pending for ever
)

// phase is what an execution does since began. Zero times are never.
type phase struct {
	kind  phaseKind
	began time.Time
	runs  time.Time // first call connected
	evals time.Time // last conversation ended
	ends  time.Time
	final story.Status
	sours time.Time // all calls of a cancelled execution have failed: it has, too
}

// FindExecution finds an execution as it stands now.
func (w *World) FindExecution(id uuid.UUID, now time.Time) (*Execution, bool) {
	e, found := w.execBy[id]
	if found {
		e.advance(now)
	}
	return e, found
}

// Status is the state of the execution at the given time (contract, section 4.1).
func (e *Execution) Status(now time.Time) story.Status {
	if e.Chat != nil {
		e.w.chats.Advance(now)
		return e.Chat.Status
	}
	p := &e.phase
	switch {
	case reached(p.sours, now):
		return story.StatusFailed
	case reached(p.ends, now):
		return p.final
	case p.kind == phaseDead:
		return story.StatusPending
	case p.kind == phaseCancel:
		return story.StatusCancelling
	case p.kind == phaseEvals || reached(p.evals, now):
		return story.StatusEvaluating
	case p.kind == phaseCalls || reached(p.runs, now):
		return story.StatusRunning
	}
	return story.StatusPending
}

// Shown is the state as the API tells it, with the plan's overrides.
func (e *Execution) Shown(now time.Time) story.Status {
	return e.Plan.Shown(e.Status(now), e.Since(now))
}

// Since is the simulated time since the start.
func (e *Execution) Since(now time.Time) time.Duration {
	return time.Duration(float64(now.Sub(e.Began)) * e.w.Options.Speed)
}

// CompletedAt is the end of the present phase, if it is reached.
func (e *Execution) CompletedAt(now time.Time) (time.Time, bool) {
	if e.Chat != nil {
		return e.Chat.Ended, e.Status(now).Terminal()
	}
	return e.phase.ends, reached(e.phase.ends, now)
}

// ErrorReason is why the execution failed, or null.
func (e *Execution) ErrorReason(now time.Time) *string {
	if e.reason == "" || e.Status(now) != story.StatusFailed {
		return nil
	}
	return new(e.reason)
}

// NoteRead notes that somebody saw the execution ended, so that a later rerun of its
// calls is a decision and no blind repetition.
func (e *Execution) NoteRead(now time.Time) {
	if e.Status(now).Terminal() {
		e.readSerial = e.rerunSerial
	}
}

// Visible are the calls whose records exist.
func (e *Execution) Visible(now time.Time) []*Call {
	if e.Chat != nil {
		return e.Calls
	}
	if !reached(e.records, now) {
		return nil
	}
	n, _ := slices.BinarySearchFunc(e.Calls, now, func(c *Call, now time.Time) int {
		if c.Attempt.Created.After(now) {
			return 1
		}
		return -1
	})
	return e.Calls[:n]
}

// advance lets happen what was planned from outside: a cancel by somebody else, the
// death of the runner. Every look at an execution comes after it.
func (e *Execution) advance(now time.Time) {
	if e.Chat != nil {
		e.w.chats.Advance(now)
		return
	}
	if reached(e.killAt, now) {
		at := e.killAt
		e.killAt = time.Time{}
		if !e.Status(at).Terminal() {
			e.reason = e.Plan.FailReason
			e.stop(at, at, story.StatusFailed, "")
		}
	}
	if reached(e.cancelAt, now) {
		at := e.cancelAt
		e.cancelAt = time.Time{}
		if !e.Status(at).Terminal() {
			e.cancel(at)
		}
	}
}

// lastChange is the time of the last planned change of any call record.
func (e *Execution) lastChange() time.Time {
	last := later(e.records, later(e.touched, e.judged))
	for _, c := range e.Calls {
		last = later(last, c.Attempt.scheduled())
	}
	return last
}

// tally counts calls by their state.
type tally struct {
	Total, Pending, Completed, Failed, cancelled, Analyzing int
	Attempted, Connected                                    int
}

func (e *Execution) Tally(now time.Time) tally {
	var t tally
	for _, c := range e.Visible(now) {
		t.Total++
		switch c.Status(now) {
		case story.StatusPending:
			t.Pending++
		case story.StatusCompleted:
			t.Completed++
		case story.StatusFailed:
			t.Failed++
		case story.StatusCancelled:
			t.cancelled++
		case story.StatusAnalyzing:
			t.Analyzing++
		}
		if c.Chat != nil {
			t.Attempted++
			if s := c.Chat.Seconds(); s != nil && *s > 0 {
				t.Connected++
			}
			continue
		}
		if reached(c.Attempt.placed, now) {
			t.Attempted++
		}
		if c.Attempt.Connected(now) && !c.Attempt.Fails {
			t.Connected++
		}
	}
	return t
}

// StoredTally is what the server keeps of the tally: the total is there with the records,
// the others are filled at the end, and not by a cancel.
func (e *Execution) StoredTally(now time.Time) tally {
	t := e.Tally(now)
	if st := e.Status(now); st.Terminal() && e.phase.kind != phaseCancel && (e.Chat == nil || st != story.StatusCancelled) {
		return t
	}
	return tally{Total: t.Total}
}
