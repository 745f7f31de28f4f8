package evidence

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Results of evals that are to run anew are no results until they have: the server takes the
// old ones of all calls away before it accepts the request (contract, section 3.11). An eval of
// which none was seen gone, and all are the same afterwards, did not run. One that is gone, or
// not the same, shows that all were taken away: others may be back already, and equal.

// Result is one eval's result on one call.
type Result struct{ call, eval uuid.UUID }

// ResultsOf are the results that calls have of some evals.
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

// ForgetRun forgets the older results of the evals of which a call that was read does not have
// one as it was.
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

// DropUnchanged takes away the results of evals that did not run, of which older are the
// results from before, and counts them.
func (g *Gathered) DropUnchanged(older map[Result]calls.Eval) int {
	ForgetRun(g.calls, older)
	if len(older) == 0 {
		return 0
	}
	g.calls = g.calls.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e calls.Eval) bool {
			_, stale := older[Result{c.ID, e.ConfigID()}]
			return stale
		})
	})
	return len(older)
}

// Unchanged says that evals were to run anew and did not, so that no result of them counts
// from the next read on.
func (g *Gathered) Unchanged(evals []uuid.UUID) { g.stale = evals }

// WithoutEvals says why evals that were to run anew did not.
func (g *Gathered) WithoutEvals(evals []uuid.UUID, why text.Untrusted) {
	g.Unchanged(evals)
	g.withoutStale()
	g.unevaluated = why
}

// withoutStale takes away the results of evals that were to run anew and did not: what is
// there is an answer to another question.
func (g *Gathered) withoutStale() {
	if len(g.stale) == 0 {
		return
	}
	g.calls = g.calls.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e calls.Eval) bool { return slices.Contains(g.stale, e.ConfigID()) })
	})
}
