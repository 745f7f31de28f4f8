package simulator

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// start begins an execution of the given scenarios of a run test at the given time.
func (w *World) start(rt *runTest, scenarios []*scenario, simulator uuid.UUID, at time.Time) *execution {
	n := len(w.executions)
	e := &execution{
		w:         w,
		n:         n,
		id:        w.id(forExecution, uint64(n)),
		runTest:   rt,
		plan:      w.opts.PlanFor(n),
		scenarios: scenarios,
		simulator: simulator,
		began:     at,
		rounds:    map[uuid.UUID]evalRound{},
	}
	for _, cfg := range rt.evals {
		if !cfg.OnRequest {
			e.evals = append(e.evals, cfg)
		}
	}
	for _, sc := range scenarios {
		e.announced += sc.Rows
	}
	w.executions = append(w.executions, e)
	w.execBy[e.id] = e
	rt.executions = append(rt.executions, e)
	rt.lastRun = at
	if e.plan.ExecuteError != "" {
		e.phase = phase{kind: phaseDead, began: at}
		return e
	}

	setup := e.plan.SetupTime
	if setup == 0 {
		setup = seconds(w.opts.Seed.Draw(forCourse, uint64(n), ^uint64(0), 2), 2, 5)
	}
	ready := at.Add(w.span(setup))
	e.records = ready
	atOnce := !w.opts.Deployed || w.opts.Text && w.opts.HostedText
	if atOnce {
		e.records = at
	}
	if e.plan.SetupError != "" {
		e.reason = e.plan.SetupError
		e.phase = phase{kind: phaseFirst, began: at, ends: ready, final: StatusFailed}
		return e
	}
	if !e.plan.NoCalls {
		e.makeCalls()
	}
	e.place(e.calls, e.makeRecords(atOnce, ready), func(*call) int { return 0 })
	if d := e.plan.CancelAfter; d > 0 {
		e.cancelAt = at.Add(w.span(d))
	}
	if d := e.plan.FailAfter; d > 0 {
		e.killAt = at.Add(w.span(d))
	}
	e.settle(phaseFirst, at)
	if len(e.calls) == 0 && !e.phase.ends.IsZero() {
		e.phase.ends = later(e.phase.ends, ready)
	}
	return e
}

// makeCalls makes the call of each dataset row, without those that never come.
func (e *execution) makeCalls() {
	w := e.w
	count := max(e.announced-e.plan.LostRecords, 0)
	all := make([]call, count)
	e.calls = make([]*call, 0, count)
	i := 0
	for _, sc := range e.scenarios {
		for row := range sc.Rows {
			if i == count {
				return
			}
			c := &all[i]
			*c = call{exec: e, index: i, id: w.id(forCall, uint64(e.n), uint64(i)), scenario: sc, row: row}
			c.fate = e.plan.fate(w.opts.Seed, CallRef{Execution: e.n, Index: i, Row: Row{Scenario: sc.Name, Row: row}})
			switch {
			case w.nativeText() && !c.fate.Fails:
				// The voice workflow finds nobody to call and waits (real-server.md, row 8).
				c.fate = Outcome{Stuck: StatusPending, Never: c.fate.Never}
			case w.opts.Text && w.opts.NoChatTarget && w.opts.Deployed:
				c.fate = Outcome{Fails: true, NoReason: true, Never: c.fate.Never}
			}
			i++
			if c.fate.Never || slices.Contains(e.plan.MissingScenarios, sc.Name) {
				continue
			}
			e.calls = append(e.calls, c)
			w.callBy[c.id] = c
		}
	}
}

// makeRecords fixes when each call's record appears, and returns when the last one has:
// one after another, so that count grows, or nearly at once.
func (e *execution) makeRecords(atOnce bool, ready time.Time) time.Time {
	n := len(e.calls)
	whole := e.plan.RecordTime
	if whole == 0 {
		whole = min(time.Duration(n)*50*time.Millisecond, time.Minute)
	}
	last := ready
	for i, c := range e.calls {
		switch {
		case !e.w.opts.Deployed:
			c.now.created = e.records
		case atOnce:
			c.now.created = e.records.Add(-time.Duration(n-1-i) * time.Microsecond)
		default:
			c.now.created = ready.Add(e.w.span(whole*time.Duration(i)/time.Duration(n)) + time.Duration(i)*time.Microsecond)
			last = c.now.created
		}
	}
	return last
}
