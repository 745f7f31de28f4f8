package evidence

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// When evals run again, their old results do not count: the server removes them from all calls before
// it accepts the request (contract, section 3.11). If all results of an eval are unchanged and none
// was ever seen missing, the eval did not run. One that is missing or different shows that all were
// removed: the others may be back already, and equal.

// Result is one eval's result on one call.
type Result struct{ call, eval uuid.UUID }

// ResultsOf returns the results of some evals.
func ResultsOf(list verdict.Calls, evals []uuid.UUID) map[Result]calls.Eval {
	found := map[Result]calls.Eval{}
	for _, c := range list.All() {
		for _, e := range c.Evals {
			if e.State() == calls.EvalScored && slices.Contains(evals, e.ConfigID()) {
				found[Result{c.ID, e.ConfigID()}] = e
			}
		}
	}
	return found
}

// ForgetRun removes from older the results of evals that have run: those with a missing or different
// result on a call in list.
func ForgetRun(list verdict.Calls, older map[Result]calls.Eval) {
	read, same := map[uuid.UUID]bool{}, map[Result]bool{}
	for _, c := range list.All() {
		read[c.ID] = true
		for _, e := range c.Evals {
			key := Result{c.ID, e.ConfigID()}
			if was, ok := older[key]; ok && was.Equal(e) {
				same[key] = true
			}
		}
	}
	ran := map[uuid.UUID]bool{}
	for key := range older {
		ran[key.eval] = ran[key.eval] || read[key.call] && !same[key]
	}
	maps.DeleteFunc(older, func(key Result, _ calls.Eval) bool { return ran[key.eval] })
}

// HaveRun reports whether evals have run since the calls were read as before: all of them have results, and other
// ones, which no rerun of the calls explains.
func HaveRun(evals []uuid.UUID, before, now verdict.Calls) bool {
	older := ResultsOf(before, evals)
	tries := map[uuid.UUID]int{}
	for _, c := range now.All() {
		tries[c.ID] = c.Attempts
	}
	for _, c := range before.All() {
		if tries[c.ID] == c.Attempts {
			tries[c.ID] = 0
		}
	}
	maps.DeleteFunc(older, func(key Result, _ calls.Eval) bool { return tries[key.call] > 0 })
	ForgetRun(now, older)
	have := map[uuid.UUID]bool{}
	for key := range ResultsOf(now, evals) {
		have[key.eval] = true
	}
	return len(older) == 0 && !slices.ContainsFunc(evals, func(id uuid.UUID) bool { return !have[id] })
}

// DropUnchanged removes and counts the results of evals that did not run again; older are the results
// from before.
func (g *Gathered) DropUnchanged(older map[Result]calls.Eval) int {
	ForgetRun(g.now, older)
	if len(older) == 0 {
		return 0
	}
	g.use(g.now.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e calls.Eval) bool {
			_, stale := older[Result{c.ID, e.ConfigID()}]
			return stale
		})
	}))
	return len(older)
}

// Unchanged records that evals should have run again and did not: from the next read on, none of their
// results counts.
func (g *Gathered) Unchanged(evals []uuid.UUID) { g.stale = evals }

// WithoutEvals records why evals did not run again; none of their results counts.
func (g *Gathered) WithoutEvals(evals []uuid.UUID, why text.Untrusted) {
	g.Unchanged(evals)
	g.use(g.withoutStale(g.now))
	g.unevaluated = why
}

// withoutStale returns calls without the results of evals that should have run again and did not: those
// results are from an earlier evaluation.
func (g *Gathered) withoutStale(list verdict.Calls) verdict.Calls { return withoutEvals(list, g.stale) }

// withoutEvals returns calls without the results of some evals.
func withoutEvals(list verdict.Calls, stale []uuid.UUID) verdict.Calls {
	if len(stale) == 0 {
		return list
	}
	return list.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e calls.Eval) bool { return slices.Contains(stale, e.ConfigID()) })
	})
}
