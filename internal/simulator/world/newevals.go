package world

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// RunNewEvals runs the given evals on all calls of the executions, and notes it. It counts
// the calls; where there are none nothing is dispatched, nor where the plan says so.
func (w *World) RunNewEvals(executions []*Execution, configs []*EvalConfig, now time.Time) (calls int, failed bool) {
	for _, e := range executions {
		calls += len(e.Calls)
		failed = failed || e.Plan.NewEvalsDispatchFails
	}
	if calls == 0 {
		for _, e := range executions {
			e.enter(phase{kind: phaseEvals, began: now}) // the server's bug: for ever
		}
		return 0, failed
	}
	for _, e := range executions {
		e.rerunSerial++
		if e.Chat != nil {
			e.chatNewEvals(configs, now)
		} else if failed {
			e.mark(configs, now, time.Time{})
		} else {
			e.judgeAnew(configs, now)
		}
		w.paid.EvalRuns = append(w.paid.EvalRuns, EvalRun{
			ExecutionID: e.ID, EvalConfigIDs: evalIDs(configs), Calls: len(e.Calls), DispatchFailed: failed, At: now,
		})
	}
	return calls, failed
}

// judgeAnew runs the given evals on all calls, as run-new-evals does.
func (e *Execution) judgeAnew(configs []*EvalConfig, now time.Time) {
	rng := e.w.Options.Seed.Draw(story.ForCourse, uint64(e.n), ^uint64(0), story.Mix(3, uint64(e.rerunSerial)))
	ready := now.Add(e.w.Span(story.Seconds(rng, 2, 6)))
	e.mark(configs, now, ready)
	e.judged = ready
	e.settle(phaseEvals, now)
}

// mark gives every call {} for the evals until ready; a zero ready is for ever.
func (e *Execution) mark(configs []*EvalConfig, now, ready time.Time) {
	for _, cfg := range configs {
		n := 0
		if r, ok := e.rounds[cfg.ID]; ok {
			n = r.n + 1
		} else if e.runs(cfg) {
			n = 1
		}
		if !e.runs(cfg) {
			e.Evals = append(e.Evals, cfg)
		}
		e.rounds[cfg.ID] = evalRound{n: n, ready: ready}
	}
	e.touched = now
	e.order.quiet = e.lastChange()
}

// runs reports whether the eval belongs to the execution.
func (e *Execution) runs(cfg *EvalConfig) bool {
	for _, x := range e.Evals {
		if x.ID == cfg.ID {
			return true
		}
	}
	return false
}
