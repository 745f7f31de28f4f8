package evidence

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A run can have several executions, one after the other: what did not fit into the first, reruns of a
// text agent, and trials. Their calls are judged together. Of calls that stand for one another, such as
// a conversation and its rerun, only the last counts.

// executions joins the calls of the executions of a run.
type executions struct {
	// earlier are the executions before the current one, as last read; from is the index of the first
	// one of the current trial.
	earlier []verdict.Calls
	from    int
	// stale are the evals of each that should have run again and did not.
	stale [][]uuid.UUID
	// trials counts the trials before the current one.
	trials int
	// out are the calls that do not count: others stand for them, or nobody was to hold them.
	out map[uuid.UUID]bool
}

// Next begins another execution: what was read so far stays. trial is true if it is a trial of its own,
// and false if its calls stand for calls of the one before.
func (g *Gathered) Next(trial bool) {
	g.joined.earlier, g.joined.stale = append(g.joined.earlier, g.now), append(g.joined.stale, g.stale)
	if trial {
		g.joined.from = len(g.joined.earlier)
		g.joined.trials++
	}
	g.stale, g.repeated, g.unread = nil, 0, g.unread || trial
	g.use(verdict.Calls{})
}

// Past returns the calls of each earlier execution, in their order.
func (g *Gathered) Past() []verdict.Calls { return g.joined.earlier }

// TakeLate takes the results of the calls of an earlier execution that were not there when it was last read,
// and how calls ended that had not.
func (g *Gathered) TakeLate(at int, e calls.Execution) {
	was := g.joined.earlier[at]
	read := withoutEvals(g.AsEnded(g.asOriginal(verdict.CallsOf(e.Calls, g.tries))), g.joined.stale[at])
	places := read.Places(was.IDs())
	g.joined.earlier[at] = was.With(func(_ int, c *verdict.Call) {
		place, ok := places[c.ID]
		if !ok {
			return
		}
		now := read.At(place)
		if !c.Status.Terminal() && now.Status.Terminal() {
			now.Execution = c.Execution
			*c = now
			return
		}
		if c.OverallScore == nil {
			c.OverallScore = now.OverallScore
		}
		c.Evals = lateEvals(c.Evals, now.Evals)
	})
	g.changed = true
}

// lateEvals fills in what a call has no result of.
func lateEvals(have, read []calls.Eval) []calls.Eval {
	have = slices.Clone(have)
	for _, e := range read {
		at := slices.IndexFunc(have, func(h calls.Eval) bool { return h.ConfigID() == e.ConfigID() })
		switch {
		case at < 0:
			have = append(have, e)
		case have[at].State() == calls.EvalPending || have[at].State() == calls.EvalEmpty:
			have[at] = e
		}
	}
	return have
}

// LeaveOut makes calls count no more: nobody is to hold them.
func (g *Gathered) LeaveOut(list ...uuid.UUID) {
	if g.joined.out == nil {
		g.joined.out = map[uuid.UUID]bool{}
	}
	for _, id := range list {
		g.joined.out[id] = true
	}
	g.changed = true
}

// Replace makes a call of the current execution stand for an earlier one, whose outcome it keeps as its
// first if it is a rerun.
func (g *Gathered) Replace(old verdict.Call, by uuid.UUID, rerun bool) {
	tries := verdict.Tries{Attempts: old.Attempts, First: old.FirstOutcome}
	if rerun {
		tries = verdict.Tries{Attempts: old.Attempts + 1, First: old.FirstKnown()}
	}
	if rerun || old.Attempts > 1 {
		g.tries[by] = tries
	}
	g.LeaveOut(old.ID)
}

// TriedAgain records that a call was tried again by one that does not count in its place, as it says nothing
// about the agent.
func (g *Gathered) TriedAgain(old verdict.Call, by uuid.UUID) {
	tries := verdict.Tries{Attempts: old.Attempts + 1, First: old.FirstKnown()}
	g.tries[old.ID] = tries
	for i, list := range g.joined.earlier {
		if len(list.Places([]uuid.UUID{old.ID})) > 0 {
			g.joined.earlier[i] = list.With(func(_ int, c *verdict.Call) {
				if c.ID == old.ID {
					c.Attempts, c.FirstOutcome = tries.Attempts, tries.First
				}
			})
		}
	}
	g.LeaveOut(by)
}

// Current returns the calls of the current execution that count.
func (g *Gathered) Current() verdict.Calls { return g.joined.counting(g.now) }

// Trial returns the calls of the current trial that count: of its executions so far.
func (g *Gathered) Trial() verdict.Calls {
	if g.joined.from == 0 {
		return g.Calls()
	}
	return executions{earlier: g.joined.earlier[g.joined.from:], out: g.joined.out}.with(g.now)
}

// Missing counts the planned calls that did not come, without those of trials that are still to begin.
func (g *Gathered) Missing() int {
	return verdict.Evidence{Calls: g.Calls(), Plan: timesTrials(g.plan, min(g.trials, g.joined.trials+1))}.Counts().Missing
}

// Ahead counts the planned calls of the trials that are still to begin. If the scenarios do not tell, they have
// as many as the current one.
func (g *Gathered) Ahead() int {
	left := max(0, g.trials-g.joined.trials-1)
	if left == 0 {
		return 0
	}
	each := 0
	for _, p := range g.plan {
		if p.Calls == nil {
			return left * g.Trial().Len()
		}
		each += *p.Calls
	}
	if g.plan == nil {
		each = g.Trial().Len()
	}
	return left * each
}

// Earlier returns the calls of earlier executions that count.
func (g *Gathered) Earlier() verdict.Calls { return g.joined.with(verdict.Calls{}) }

// Preview returns the calls that would count if the current execution was taken as read.
func (g *Gathered) Preview(e calls.Execution) verdict.Calls { return g.joined.with(g.asRead(e)) }

// numbered returns calls of the current execution with its index.
func (x executions) numbered(now verdict.Calls) verdict.Calls {
	if len(x.earlier) == 0 {
		return now
	}
	return now.With(func(_ int, c *verdict.Call) { c.Execution = len(x.earlier) })
}

// unlisted returns the calls that no earlier execution has listed: a call is of one execution.
func (x executions) unlisted(now verdict.Calls) verdict.Calls {
	known := map[uuid.UUID]bool{}
	for _, list := range x.earlier {
		for id := range list.Places(now.IDs()) {
			known[id] = true
		}
	}
	if len(known) == 0 {
		return now
	}
	return verdict.Joined(func(c verdict.Call) bool { return !known[c.ID] }, now)
}

// counting returns the calls that count.
func (x executions) counting(list verdict.Calls) verdict.Calls {
	if len(x.out) == 0 {
		return list
	}
	return verdict.Joined(func(c verdict.Call) bool { return !x.out[c.ID] }, list)
}

// with returns the calls that count of the earlier executions and of the current one.
func (x executions) with(now verdict.Calls) verdict.Calls {
	if len(x.earlier) == 0 {
		return x.counting(now)
	}
	return verdict.Joined(func(c verdict.Call) bool { return !x.out[c.ID] }, append(x.earlier[:len(x.earlier):len(x.earlier)], now)...)
}
