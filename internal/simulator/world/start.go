package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Start starts an execution of the given scenarios of a run test and plans its course.
func (w *World) Start(rt *RunTest, scenarios []*Scenario, simulator uuid.UUID, at time.Time) *Execution {
	e := w.newExecution(rt, scenarios, simulator, at)
	if e.Plan.ExecuteError != "" {
		e.phase = phase{kind: phaseDead, began: at}
		return e
	}
	w.plan(e, at)
	return e
}

// newExecution adds an execution that has nothing yet.
func (w *World) newExecution(rt *RunTest, scenarios []*Scenario, simulator uuid.UUID, at time.Time) *Execution {
	n := len(w.executions)
	e := &Execution{
		w:         w,
		n:         n,
		ID:        w.ID(story.ForExecution, uint64(n)),
		RunTest:   rt,
		Plan:      w.Options.PlanFor(n),
		Scenarios: scenarios,
		Simulator: simulator,
		Began:     at,
		rounds:    map[uuid.UUID]evalRound{},
	}
	version, _ := w.VersionOf(rt.Version)
	e.AgentVersion = version.Name
	for _, cfg := range rt.Evals {
		if !cfg.OnRequest {
			e.Evals = append(e.Evals, cfg)
		}
	}
	for _, sc := range scenarios {
		e.Planned += sc.Rows
	}
	w.executions = append(w.executions, e)
	w.execBy[e.ID] = e
	rt.executions = append(rt.executions, e)
	rt.LastRun = at
	return e
}

// plan fixes the course of an execution that the server carries out.
func (w *World) plan(e *Execution, at time.Time) {
	n := e.n
	setup := e.Plan.SetupTime
	if setup == 0 {
		setup = story.Seconds(w.Options.Seed.Draw(story.ForCourse, uint64(n), ^uint64(0), 2), 2, 5)
	}
	ready := at.Add(w.Span(setup))
	e.records = ready
	atOnce := !w.Options.Deployed || w.Options.Text && w.Options.HostedText
	if atOnce {
		e.records = at
	}
	if e.Plan.SetupError != "" {
		e.reason = e.Plan.SetupError
		e.phase = phase{kind: phaseFirst, began: at, ends: ready, final: story.StatusFailed}
		return
	}
	if !e.Plan.NoCalls {
		e.makeCalls()
	}
	e.place(e.Calls, e.makeRecords(atOnce, ready), func(*Call) int { return 0 })
	if d := e.Plan.CancelAfter; d > 0 {
		e.cancelAt = at.Add(w.Span(d))
	}
	if d := e.Plan.FailAfter; d > 0 {
		e.killAt = at.Add(w.Span(d))
	}
	e.settle(phaseFirst, at)
	if len(e.Calls) == 0 && !e.phase.ends.IsZero() {
		e.phase.ends = later(e.phase.ends, ready)
	}
}

// makeCalls creates a call for each dataset row, except those that the plan drops.
func (e *Execution) makeCalls() {
	w := e.w
	count := max(e.Planned-e.Plan.LostRecords, 0)
	all := make([]Call, count)
	e.Calls = make([]*Call, 0, count)
	i := 0
	for _, sc := range e.Scenarios {
		for row := range sc.Rows {
			if i == count {
				return
			}
			c := &all[i]
			*c = Call{Execution: e, Index: i, ID: w.ID(story.ForCall, uint64(e.n), uint64(i)), Scenario: sc, Row: row}
			c.fate = e.Plan.Fate(w.Options.Seed, story.CallRef{Execution: e.n, Index: i, Row: story.Row{Scenario: sc.Name, Row: row}})
			switch {
			case e.RunTest.Prompt != nil: // the wrong endpoint (chat.md 6)
				c.fate = story.Outcome{Fails: true, FailReason: story.EndedActivityFailed}
			case w.NativeText() && !c.fate.Fails:
				// The voice workflow has no number to call and waits (real-server.md, row 8).
				c.fate = story.Outcome{Stuck: story.StatusPending, Never: c.fate.Never}
			case w.Options.Text && w.Options.NoChatTarget && w.Options.Deployed:
				c.fate = story.Outcome{Fails: true, NoReason: true, Never: c.fate.Never}
			}
			i++
			if c.fate.Never || slices.Contains(e.Plan.MissingScenarios, sc.Name) {
				continue
			}
			e.Calls = append(e.Calls, c)
			w.callBy[c.ID] = c
		}
	}
}

// makeRecords sets when each call's record appears: all at once, or one after another, so
// count grows. It returns the time of the last one.
func (e *Execution) makeRecords(atOnce bool, ready time.Time) time.Time {
	n := len(e.Calls)
	whole := e.Plan.RecordTime
	if whole == 0 {
		whole = min(time.Duration(n)*50*time.Millisecond, time.Minute)
	}
	last := ready
	for i, c := range e.Calls {
		switch {
		case !e.w.Options.Deployed:
			c.Attempt.Created = e.records
		case atOnce:
			c.Attempt.Created = e.records.Add(-time.Duration(n-1-i) * time.Microsecond)
		default:
			c.Attempt.Created = ready.Add(e.w.Span(whole*time.Duration(i)/time.Duration(n)) + time.Duration(i)*time.Microsecond)
			last = c.Attempt.Created
		}
	}
	return last
}
