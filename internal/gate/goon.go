package gate

import (
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// leastChance is how likely it must be that a run is decided by its end for another trial to begin.
const leastChance = 0.1

// undecided looks at the calls so far, and reports whether a further trial is worth its calls: a criterion
// is undecided, none is missed, and the limits allow it.
func (r *run) undecided(from ready, last leg) bool {
	looks := r.gathered.Looks()
	if looks == nil {
		looks = &verdict.Looks{First: r.config.Trials.Count, Max: r.mostTrials(from)}
		r.gathered.LookAt(looks)
	}
	e := r.known()
	v := verdict.Judge(e, r.plan.Rules())
	if v.Kind != verdict.Inconclusive {
		return false
	}
	looks.Stopped = r.enough(from, last, e)
	if !looks.Stopped.IsEmpty() {
		r.log.Note(text.Sprintf("No further trial: %s.", looks.Stopped))
		return false
	}
	looks.Past = append(looks.Past, verdict.Look{Trials: e.Trials(), Calls: e.Calls.Len(), Kind: v.Kind, Reason: v.Reason})
	r.log.Note(text.Sprintf("Undecided after %s: %s.", text.Plural(e.Trials(), "trial"), v.Reason))
	return true
}

// enough says why no further trial is begun although the run is undecided; empty if one is.
func (r *run) enough(from ready, last leg, e verdict.Evidence) text.Untrusted {
	if last.trial >= r.config.Trials.Max {
		return text.Sprintf("max-trials %d is reached", r.config.Trials.Max)
	}
	if why := r.tooManyCalls(from); !why.IsEmpty() {
		return why
	}
	if chance := verdict.DecidedByEnd(e, r.plan.Rules()); chance < leastChance {
		return text.Sprintf("the chance to be decided by %s is %s%%", text.Plural(e.Looks.Max, "trial"), text.Sprintf("%.0f", 100*chance))
	}
	return text.Untrusted{}
}

// mostTrials is how many trials max-trials and max-calls allow.
func (r *run) mostTrials(from ready) int {
	most, each := r.config.Trials.Max, from.calls
	if each == 0 {
		each = r.gathered.Trial().Len()
	}
	if limit := r.config.MaxCalls; limit > 0 && each > 0 {
		most = min(most, limit/each)
	}
	return max(most, r.config.Trials.Count)
}
