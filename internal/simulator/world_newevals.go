package simulator

import "time"

// runNewEvals runs the given evals on all calls of the executions, and notes it. It counts
// the calls; where there are none nothing is dispatched, nor where the plan says so.
func (w *World) runNewEvals(executions []*execution, configs []*evalConfig, now time.Time) (calls int, failed bool) {
	for _, e := range executions {
		calls += len(e.calls)
		failed = failed || e.plan.NewEvalsDispatchFails
	}
	if calls == 0 {
		for _, e := range executions {
			e.enter(phase{kind: phaseEvals, began: now}) // the server's bug: for ever
		}
		return 0, failed
	}
	for _, e := range executions {
		e.rerunSerial++
		if failed {
			e.mark(configs, now, time.Time{})
		} else {
			e.judgeAnew(configs, now)
		}
		w.paid.EvalRuns = append(w.paid.EvalRuns, EvalRun{
			ExecutionID: e.id, EvalConfigIDs: evalIDs(configs), Calls: len(e.calls), DispatchFailed: failed, At: now,
		})
	}
	return calls, failed
}

// judgeAnew runs the given evals on all calls, as run-new-evals does.
func (e *execution) judgeAnew(configs []*evalConfig, now time.Time) {
	rng := e.w.opts.Seed.Draw(forCourse, uint64(e.n), ^uint64(0), mix(3, uint64(e.rerunSerial)))
	ready := now.Add(e.w.span(seconds(rng, 2, 6)))
	e.mark(configs, now, ready)
	e.judged = ready
	e.settle(phaseEvals, now)
}

// mark gives every call {} for the evals until ready; a zero ready is for ever.
func (e *execution) mark(configs []*evalConfig, now, ready time.Time) {
	for _, cfg := range configs {
		n := 0
		if r, ok := e.rounds[cfg.ID]; ok {
			n = r.n + 1
		} else if e.runs(cfg) {
			n = 1
		}
		if !e.runs(cfg) {
			e.evals = append(e.evals, cfg)
		}
		e.rounds[cfg.ID] = evalRound{n: n, ready: ready}
	}
	e.touched = now
	e.order.quiet = e.lastChange()
}

// runs reports whether the eval belongs to the execution.
func (e *execution) runs(cfg *evalConfig) bool {
	for _, x := range e.evals {
		if x.ID == cfg.ID {
			return true
		}
	}
	return false
}
