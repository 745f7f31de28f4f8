package gate

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Results of evals that are to run anew are no results until they have: the server takes the
// old ones of all calls away before it accepts the request (contract, section 3.11). An eval of
// which none was seen gone, and all are the same afterwards, did not run. One that is gone, or
// not the same, shows that all were taken away: others may be back already, and equal.

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
// older results of evals that it has taken away: what comes in their place is new. When the
// calls cannot be read, all are forgotten.
func (r *run) forgetBlanked(ctx context.Context, older map[result]client.Eval) {
	if len(older) == 0 {
		return
	}
	e, err := r.API.Collect(ctx, r.paid.ID())
	if err != nil && e.Calls.Len() == 0 {
		clear(older)
		return
	}
	forgetRun(verdict.CallsOf(e.Calls, nil), older)
}

// forgetRun forgets the older results of the evals of which a call that was read does not have
// one as it was.
func forgetRun(calls verdict.Calls, older map[result]client.Eval) {
	read, same := map[uuid.UUID]bool{}, map[result]bool{}
	for _, c := range calls.All() {
		read[c.ID] = true
		for _, e := range c.Evals {
			key := result{c.ID, e.ConfigID()}
			if was, ok := older[key]; ok && was.Equal(e) {
				same[key] = true
			}
		}
	}
	ran := map[uuid.UUID]bool{}
	for key := range older {
		ran[key.eval] = ran[key.eval] || read[key.call] && !same[key]
	}
	maps.DeleteFunc(older, func(key result, _ client.Eval) bool { return ran[key.eval] })
}

// dropUnchanged takes away the results of evals that did not run.
func (r *run) dropUnchanged(older map[result]client.Eval) {
	forgetRun(r.evidence.Calls, older)
	if len(older) == 0 {
		return
	}
	r.log.Warn(text.Sprintf("%s of the new evals did not change: they did not run anew, and the older ones do not count.", text.Plural(len(older), "result")))
	r.evidence.Calls = r.evidence.Calls.With(func(_ int, c *verdict.Call) {
		c.Evals = slices.DeleteFunc(slices.Clone(c.Evals), func(e client.Eval) bool {
			_, stale := older[result{c.ID, e.ConfigID()}]
			return stale
		})
	})
}
