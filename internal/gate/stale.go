package gate

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Results of evals that are to run anew are no results until they have: the server takes the
// old ones away when it accepts the request (contract, section 3.11). One that was never seen
// gone and is the same afterwards did not run.

// result is one eval's result on one call.
type result struct{ call, eval uuid.UUID }

// resultsOf are the results that calls have of some evals.
func resultsOf(calls verdict.Calls, evals []uuid.UUID) map[result]client.Eval {
	found := map[result]client.Eval{}
	for _, c := range calls.All() {
		for _, e := range c.Evals {
			if e.State() == client.EvalScored && slices.Contains(evals, e.ConfigID()) {
				found[result{c.ID, e.ConfigID()}] = e
			}
		}
	}
	return found
}

// forgetBlanked reads the calls once after the server has accepted new evals, and forgets the
// older results that are not there any more: what comes in their place is new. When they
// cannot be read, all are forgotten.
func (r *run) forgetBlanked(ctx context.Context, older map[result]client.Eval) {
	if len(older) == 0 {
		return
	}
	e, err := r.API.Collect(ctx, r.evidence.Execution.ID)
	if err != nil && e.Calls.Len() == 0 {
		clear(older)
		return
	}
	forgetChanged(verdict.CallsOf(e.Calls, nil), older)
}

// forgetChanged forgets the older results that calls do not have as they were.
func forgetChanged(calls verdict.Calls, older map[result]client.Eval) {
	same := map[result]bool{}
	for _, c := range calls.All() {
		for _, e := range c.Evals {
			key := result{c.ID, e.ConfigID()}
			if was, ok := older[key]; ok && was.Equal(e) {
				same[key] = true
			}
		}
	}
	for key := range older {
		if !same[key] {
			delete(older, key)
		}
	}
}

// dropUnchanged takes away the results that are still the older ones.
func (r *run) dropUnchanged(older map[result]client.Eval) {
	forgetChanged(r.evidence.Calls, older)
	if len(older) == 0 {
		return
	}
	r.warn(text.Sprintf("%s of the new evals did not change: they did not run anew, and the older ones do not count.", text.Plural(len(older), "result")))
	r.evidence.Calls = r.evidence.Calls.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e client.Eval) bool {
			_, stale := older[result{c.ID, e.ConfigID()}]
			return stale
		})
	})
}
