package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Execution is one test execution: its plan, its calls and its current phase.
type Execution struct {
	w         *World
	n         int // from 0
	ID        uuid.UUID
	RunTest   *RunTest
	Plan      story.Plan
	Scenarios []*Scenario
	Simulator uuid.UUID
	// AgentVersion is the name of the version that was active, or asked for, at the start.
	AgentVersion string
	aside        bool // by AddExecution, not over the API

	// Chat is the state of an execution of chats, nil of others. Nothing of what stands
	// below it then counts but Calls and Evals.
	Chat *chat.Execution

	Began    time.Time
	records  time.Time // when call records begin to appear
	Planned  int       // calls, one for each row
	Calls    []*Call
	Evals    []*EvalConfig
	rounds   map[uuid.UUID]evalRound // by run-new-evals
	judged   time.Time               // when the newest round is ready
	touched  time.Time               // when all records were last written together
	phase    phase
	Finished time.Time // the end of an earlier phase
	reason   string    // error_reason

	killAt, cancelAt time.Time // planned interference; zero once it has happened

	// rerunSerial counts accepted reruns. readSerial is its value when a client last
	// read that the execution had ended.
	rerunSerial, readSerial int

	order orderCache
	reads int // of rows, after the end
}

// evalRound is the last run of one eval by run-new-evals.
type evalRound struct {
	n     int
	ready time.Time // zero if the dispatch failed
}

type phaseKind int

const (
	phaseFirst  phaseKind = iota // execute: pending, running, evaluating
	phaseCalls                   // call_and_eval rerun: running, evaluating
	phaseEvals                   // eval_only rerun or new evals: evaluating
	phaseCancel                  // cancelling
	phaseDead                    // no workflow: pending forever
)

// phase is what an execution has been doing since began. Zero times are never.
type phase struct {
	kind    phaseKind
	began   time.Time
	runs    time.Time // the first call is connected
	evals   time.Time // the last conversation has ended
	ends    time.Time
	final   story.Status // from ends on
	failsAt time.Time    // a cancelled execution fails, as all its calls have failed
}

// FindExecution returns the execution with the given id as of now.
func (w *World) FindExecution(id uuid.UUID, now time.Time) (*Execution, bool) {
	e, found := w.execBy[id]
	if !found || w.deleted[e.RunTest.ID] {
		return nil, false
	}
	e.advance(now)
	return e, true
}

// Status returns the true status of the execution (contract, section 4.1).
func (e *Execution) Status(now time.Time) story.Status {
	if e.Chat != nil {
		e.w.chats.Advance(now)
		return e.Chat.Status
	}
	p := &e.phase
	switch {
	case reached(p.failsAt, now):
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

// Shown returns the status that the API shows, with the plan's overrides.
func (e *Execution) Shown(now time.Time) story.Status {
	return e.Plan.Shown(e.Status(now), e.Since(now))
}

// Since returns the simulated time since the start.
func (e *Execution) Since(now time.Time) time.Duration {
	return time.Duration(float64(now.Sub(e.Began)) * e.w.Options.Speed)
}

// CompletedAt returns the end of the current phase and whether it has been reached.
func (e *Execution) CompletedAt(now time.Time) (time.Time, bool) {
	if e.Chat != nil {
		return e.Chat.Ended, e.Status(now).Terminal()
	}
	return e.phase.ends, reached(e.phase.ends, now)
}

// ErrorReason returns error_reason, nil unless the execution has failed with one.
func (e *Execution) ErrorReason(now time.Time) *string {
	if e.reason == "" || e.Status(now) != story.StatusFailed {
		return nil
	}
	return new(e.reason)
}

// NoteRead records that a client has read the execution. If it had ended, a later rerun of
// its calls is deliberate and not a duplicate; see [Rerun.Duplicates].
func (e *Execution) NoteRead(now time.Time) {
	if e.Status(now).Terminal() {
		e.readSerial = e.rerunSerial
	}
}

// Visible returns the calls whose records exist.
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

// advance applies interference that is due: a cancel by someone else, the death of the
// runner. Call it before reading an execution.
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

// lastChange returns the time of the last planned change of any call record.
func (e *Execution) lastChange() time.Time {
	last := later(e.records, later(e.touched, e.judged))
	for _, c := range e.Calls {
		last = later(last, c.Attempt.scheduled())
	}
	return last
}

// Tally counts calls by status. Attempted calls have been placed; connected ones have
// reached the agent and do not fail.
type Tally struct {
	Total, Pending, Completed, Failed, Analyzing int
	Attempted, Connected                         int
}

// Tally counts the visible calls.
func (e *Execution) Tally(now time.Time) Tally {
	var t Tally
	for _, c := range e.Visible(now) {
		t.Total++
		switch c.Status(now) {
		case story.StatusPending:
			t.Pending++
		case story.StatusCompleted:
			t.Completed++
		case story.StatusFailed:
			t.Failed++
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

// StoredTally returns the counts in the server's stored columns: the total from the start,
// the others only once the execution has ended other than by a cancel.
func (e *Execution) StoredTally(now time.Time) Tally {
	t := e.Tally(now)
	if st := e.Status(now); st.Terminal() && e.phase.kind != phaseCancel && (e.Chat == nil || st != story.StatusCancelled) {
		return t
	}
	return Tally{Total: t.Total}
}
