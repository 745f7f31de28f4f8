package evidence

import (
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// PlacedBefore records the calls that a killed process placed again. None of them had succeeded
// before.
func (g *Gathered) PlacedBefore(calls []uuid.UUID) {
	for _, id := range calls {
		g.tries[id] = verdict.Tries{Attempts: 2, First: verdict.Failed}
		g.placedAgain(id, before{spent: budget.Spent{Calls: 1}})
	}
}

// AddRerun adds the outcome of a rerun request, and returns its index.
func (g *Gathered) AddRerun(rerun verdict.Rerun) int {
	g.reruns = append(g.reruns, rerun)
	return len(g.reruns) - 1
}

// AmendRerun replaces what was added at an index, once more is known.
func (g *Gathered) AmendRerun(at int, rerun verdict.Rerun) { g.reruns[at] = rerun }

// Recovered records how many calls the last rerun recovered.
func (g *Gathered) Recovered(calls int) { g.reruns[len(g.reruns)-1].Rescued = calls }

// PlacedAgain counts the calls placed again so far.
func (g *Gathered) PlacedAgain() int {
	n := 0
	for _, rerun := range g.reruns {
		if rerun.Type == calls.RerunCallAndEval {
			n += rerun.Accepted
		}
	}
	return n
}

// WasRerun reports whether a call was rerun.
func (g *Gathered) WasRerun(call uuid.UUID) bool {
	_, rerun := g.tries[call]
	return rerun
}

// CountTries counts a rerun of calls, and keeps their outcomes before the first one.
func (g *Gathered) CountTries(rerun []uuid.UUID) {
	for id, at := range g.now.Places(rerun) {
		c := g.now.Brief(at)
		g.tries[id] = verdict.Tries{Attempts: c.Attempts + 1, First: c.FirstKnown()}
	}
}

// CountOthers counts a rerun that another start of the run-key has made of calls, where the server does not keep
// earlier tries. If the execution was not seen running again, it counts those that differ from before.
func (g *Gathered) CountOthers(list []uuid.UUID, before verdict.Calls, ran bool) {
	places, was := g.now.Places(list), before.Places(list)
	for _, at := range places {
		if g.now.Brief(at).Reruns > 0 {
			return // the server counts
		}
	}
	for id, at := range places {
		c, old := g.now.At(at), before.At(was[id])
		if c.Attempts == old.Attempts && (ran || differs(old.Call, c.Call)) {
			g.tries[id] = verdict.Tries{Attempts: old.Attempts + 1, First: old.FirstKnown()}
		}
	}
	g.use(g.now.With(func(_ int, c *verdict.Call) {
		if t, ok := g.tries[c.ID]; ok {
			c.Attempts, c.FirstOutcome = max(c.Attempts, t.Attempts), t.First
		}
	}))
}

// FailedAtFirst returns the calls whose first try failed. The server may not keep that.
func (g *Gathered) FailedAtFirst(calls []uuid.UUID) []uuid.UUID {
	var failed []uuid.UUID
	for id, at := range g.now.Places(calls) {
		c := g.now.Brief(at)
		if first := c.FirstKnown(); first.Known() && first != verdict.Succeeded {
			failed = append(failed, id)
		}
	}
	return failed
}

// KeepEnded restores calls whose evals alone were rerun and that the server still shows as running:
// the conversation has ended, and only results are missing.
func (g *Gathered) KeepEnded(asked []uuid.UUID, before verdict.Calls) {
	was := before.Places(asked)
	g.use(g.now.With(func(_ int, c *verdict.Call) {
		at, rerun := was[c.ID]
		if !rerun || c.Outcome() != verdict.Open {
			return
		}
		evals := c.Evals
		*c = before.At(at)
		c.Attempts, c.Evals = c.Attempts+1, evals
	}))
}

// Changed reports whether one of the calls differs from before.
func Changed(now calls.Execution, calls []uuid.UUID, before verdict.Calls) bool {
	asked := before.Places(calls)
	for _, c := range now.Calls.All() {
		if at, ok := asked[c.ID]; ok && differs(before.At(at).Call, c) {
			return true
		}
	}
	return false
}

// differs reports whether a call has changed between two reads.
func differs(a, b calls.Call) bool {
	return a.Status != b.Status ||
		a.EndedReason != b.EndedReason ||
		a.ProcessingSkipped != b.ProcessingSkipped ||
		!reflect.DeepEqual(a.UpdatedAt, b.UpdatedAt) ||
		!reflect.DeepEqual(a.StartedAt, b.StartedAt) ||
		!reflect.DeepEqual(a.OverallScore, b.OverallScore) ||
		!reflect.DeepEqual(a.DurationSeconds, b.DurationSeconds) ||
		!slices.EqualFunc(a.Evals, b.Evals, calls.Eval.Equal)
}
