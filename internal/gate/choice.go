package gate

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rerunnable are the calls that a rerun of this type would help: those that did not
// succeed for call_and_eval, those that succeeded without all their results for
// eval_only. Never the other way round: an eval_only rerun of a failed call makes the
// deployed server call it completed (contract, fact 19). Calls that the platform lost come
// first. Where too many calls failed for a flake, they alone are rerun.
func (r *rerunner) rerunnable(typ calls.RerunType) (list []uuid.UUID, refusal text.Untrusted) {
	if chosen := r.config.Reruns.Type; chosen != "" && chosen != typ {
		return nil, refusal
	}
	var lost, others []uuid.UUID
	for _, c := range r.gathered.Calls().All() {
		switch outcome := c.Outcome(); {
		case typ == calls.RerunEvalOnly:
			if outcome == verdict.Succeeded && r.lacksEvals(c) {
				others = append(others, c.ID)
			}
		case outcome == verdict.Lost:
			lost = append(lost, c.ID)
		case outcome != verdict.Succeeded && outcome != verdict.Open: // one at work may still end
			others = append(others, c.ID)
		}
	}
	all := slices.Concat(lost, others)
	if len(all) == 0 {
		return nil, refusal
	}
	if len(others) > 0 {
		if refusal = r.refusal(typ, len(others), len(all)); refusal.IsEmpty() {
			return all, refusal
		}
	}
	if len(lost) > 0 {
		ofLost := r.refusal(typ, 0, len(lost))
		if ofLost.IsEmpty() {
			return lost, refusal
		}
		refusal = cmp.Or(refusal, ofLost)
	}
	return nil, refusal
}

// lacksEvals tells whether an eval that the verdict depends on has no result on the call.
func (r *rerunner) lacksEvals(c verdict.Call) bool {
	have := map[uuid.UUID]bool{}
	for _, e := range c.Evals {
		have[e.ConfigID()] = true
		if r.plan.RunsLater(e.ConfigID()) || !r.plan.Rules().LooksAtEval(e.Name().Raw()) && !r.looksAtConfig(e.ConfigID()) {
			continue
		}
		switch e.State() {
		case calls.EvalPending, calls.EvalErrored, calls.EvalEmpty:
			return true
		}
	}
	for _, e := range r.gathered.Evals() {
		if !have[e.ID] && !r.plan.RunsLater(e.ID) && r.plan.Rules().LooksAtEval(e.Name.Raw()) {
			return true
		}
	}
	return false
}

// looksAtConfig reports whether a criterion looks at an eval config by its name, which
// results that are pending do not have.
func (r *rerunner) looksAtConfig(id uuid.UUID) bool {
	return slices.ContainsFunc(r.gathered.Evals(), func(e calls.EvalConfig) bool {
		return e.ID == id && r.plan.Rules().LooksAtEval(e.Name.Raw())
	})
}

// refusal says why a rerun of calls is not sent; empty when it may be. Failed are those of
// them that the platform did not lose: many of them at once are no flake.
func (r *rerunner) refusal(typ calls.RerunType, failed, list int) text.Untrusted {
	total := r.gathered.Calls().Len()
	if limit := r.config.Reruns.Max.Of(total); failed > limit {
		return text.Sprintf("%d of %d calls need a rerun, more than rerun-max-calls %s allows (%d): that is no flake, so they are not rerun.", failed, total, r.config.Reruns.Max, limit)
	}
	if typ != calls.RerunCallAndEval {
		return text.Untrusted{}
	}
	if r.paid.Execution().AgentType == calls.AgentText {
		return text.Sprintf("%d of %d calls did not succeed; they are not rerun, since the server places no call of a text agent again (only eval_only is possible there).", list, total)
	}
	if limit := r.config.MaxCalls; limit > 0 && total+r.gathered.PlacedAgain()+list > limit {
		return text.Sprintf("%d more calls would make it %d, more than max-calls %d: they are not rerun.", list, total+r.gathered.PlacedAgain()+list, limit)
	}
	return text.Untrusted{}
}
