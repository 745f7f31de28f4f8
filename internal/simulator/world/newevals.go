package world

import (
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// RunNewEvals runs the evals on all calls of the executions and records it in the ledger.
// It returns the number of calls, and whether the plan makes the dispatch fail. Without
// calls nothing is dispatched, but the executions stay evaluating forever (contract,
// section 3.11).
func (w *World) RunNewEvals(executions []*Execution, configs []*EvalConfig, now time.Time) (calls int, failed bool) {
	for _, e := range executions {
		calls += len(e.Calls)
		failed = failed || e.Plan.NewEvalsDispatchFails
	}
	if calls == 0 {
		for _, e := range executions {
			e.enter(phase{kind: phaseEvals, began: now})
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
		w.ledger.EvalRuns = append(w.ledger.EvalRuns, EvalRun{
			ExecutionID: e.ID, EvalConfigIDs: evalIDs(configs), Calls: len(e.Calls), DispatchFailed: failed, At: now,
		})
	}
	return calls, failed
}

// judgeAnew runs the evals on all calls of the execution.
func (e *Execution) judgeAnew(configs []*EvalConfig, now time.Time) {
	rng := e.w.Options.Seed.Draw(story.ForCourse, uint64(e.n), ^uint64(0), story.Mix(3, uint64(e.rerunSerial)))
	ready := now.Add(e.w.Span(story.Seconds(rng, 2, 6)))
	e.mark(configs, now, ready)
	e.judged = ready
	e.settle(phaseEvals, now)
}

// mark makes the evals {} on every call until ready; a zero ready is never.
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
	return slices.ContainsFunc(e.Evals, func(c *EvalConfig) bool { return c.ID == cfg.ID })
}
