package simulator

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// start begins an execution of the given scenarios of a run test at the given time.
func (s *Server) start(rt *runTest, scenarios []*scenario, simulator uuid.UUID, at time.Time) *execution {
	n := len(s.executions)
	e := &execution{
		s:         s,
		n:         n,
		id:        s.id(idExecution, uint64(n)),
		runTest:   rt,
		plan:      s.plan(n),
		scenarios: scenarios,
		simulator: simulator,
		began:     at,
		rounds:    map[uuid.UUID]evalRound{},
	}
	for _, cfg := range rt.evals {
		if !cfg.onRequest {
			e.evals = append(e.evals, cfg)
		}
	}
	for _, sc := range scenarios {
		e.announced += sc.rows
	}
	s.executions = append(s.executions, e)
	s.execBy[e.id] = e
	rt.executions = append(rt.executions, e)
	rt.lastRun = at
	if e.plan.ExecuteError != "" {
		e.phase = phase{kind: phaseDead, began: at}
		return e
	}

	setup := e.plan.SetupTime
	if setup == 0 {
		setup = seconds(s.draw(drawCourse, uint64(n), ^uint64(0), 2), 2, 5)
	}
	ready := at.Add(s.span(setup))
	e.records = ready
	atOnce := !s.deployed() || s.opts.Agent == Text && s.opts.HostedText
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
		e.cancelAt = at.Add(s.span(d))
	}
	if d := e.plan.FailAfter; d > 0 {
		e.killAt = at.Add(s.span(d))
	}
	e.settle(phaseFirst, at)
	if len(e.calls) == 0 && !e.phase.ends.IsZero() {
		e.phase.ends = later(e.phase.ends, ready)
	}
	return e
}

// makeCalls makes the call of each dataset row, without those that never come.
func (e *execution) makeCalls() {
	s := e.s
	count := max(e.announced-e.plan.LostRecords, 0)
	all := make([]call, count)
	e.calls = make([]*call, 0, count)
	i := 0
	for _, sc := range e.scenarios {
		for row := range sc.rows {
			if i == count {
				return
			}
			c := &all[i]
			*c = call{exec: e, index: i, id: s.id(idCall, uint64(e.n), uint64(i)), scenario: sc, row: row}
			c.fate = s.outcome(&e.plan, CallRef{Execution: e.n, Index: i, Row: Row{Scenario: sc.name, Row: row}})
			switch {
			case s.nativeText() && !c.fate.Fails:
				// The voice workflow finds nobody to call and waits (real-server.md, row 8).
				c.fate = Outcome{Stuck: StatusPending, Never: c.fate.Never}
			case s.opts.Agent == Text && s.opts.NoChatTarget && s.deployed():
				c.fate = Outcome{Fails: true, NoReason: true, Never: c.fate.Never}
			}
			i++
			if c.fate.Never || slices.Contains(e.plan.MissingScenarios, sc.name) {
				continue
			}
			e.calls = append(e.calls, c)
			s.callBy[c.id] = c
		}
	}
}

// nativeText reports whether calls of a text agent are left to the voice workflow.
func (s *Server) nativeText() bool {
	return s.opts.Agent == Text && s.deployed() && !s.opts.HostedText
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
		case !e.s.deployed():
			c.now.created = e.records
		case atOnce:
			c.now.created = e.records.Add(-time.Duration(n-1-i) * time.Microsecond)
		default:
			c.now.created = ready.Add(e.s.span(whole*time.Duration(i)/time.Duration(n)) + time.Duration(i)*time.Microsecond)
			last = c.now.created
		}
	}
	return last
}

// callAgain places the given calls again, as a call_and_eval rerun does: it wipes the
// attempt and runs it anew.
func (e *execution) callAgain(calls []*call, now time.Time) {
	for i, c := range calls {
		c.remember(now, callAndEval)
		c.asks(now, i, len(calls))
	}
	e.place(calls, now.Add(e.s.span(time.Second)), func(c *call) int { return c.now.n + 1 })
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
		rng := e.s.draw(drawCourse, uint64(e.n), uint64(c.index), mix(uint64(a.n), uint64(c.round)))
		a.judging = now
		a.done = now.Add(e.s.span(seconds(rng, 2, 6)))
		a.closes = time.Time{}
	}
	e.settle(phaseEvals, now)
}

// judgeAnew runs the given evals on all calls, as run-new-evals does.
func (e *execution) judgeAnew(configs []*evalConfig, now time.Time) {
	rng := e.s.draw(drawCourse, uint64(e.n), ^uint64(0), mix(3, uint64(e.rerunSerial)))
	ready := now.Add(e.s.span(seconds(rng, 2, 6)))
	e.mark(configs, now, ready)
	e.judged = ready
	e.settle(phaseEvals, now)
}

// mark gives every call {} for the evals until ready; a zero ready is for ever.
func (e *execution) mark(configs []*evalConfig, now, ready time.Time) {
	for _, cfg := range configs {
		n := 0
		if r, ok := e.rounds[cfg.id]; ok {
			n = r.n + 1
		} else if e.runs(cfg) {
			n = 1
		}
		if !e.runs(cfg) {
			e.evals = append(e.evals, cfg)
		}
		e.rounds[cfg.id] = evalRound{n: n, ready: ready}
	}
	e.touched = now
	e.order.quiet = e.lastChange()
}

// runs reports whether the eval belongs to the execution.
func (e *execution) runs(cfg *evalConfig) bool {
	for _, x := range e.evals {
		if x.id == cfg.id {
			return true
		}
	}
	return false
}
