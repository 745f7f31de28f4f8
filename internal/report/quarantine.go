package report

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// QuarantineNote counts the calls of scenarios in quarantine, which nothing else counts; empty if there are none.
func QuarantineNote(r Report) text.Untrusted { return verdict.CountAside(r.Verdict.Aside) }

// QuarantinedCalls are the calls of scenarios in quarantine, worst first: measured by the rules of the run, and not judged.
func QuarantinedCalls(r Report) []ShownCall {
	q := r.Evidence.Quarantine
	if q.Calls.Len() == 0 {
		return nil
	}
	aside := r
	aside.Rules.Baseline = nil
	aside.Evidence.Calls, aside.Evidence.Plan, aside.Evidence.Quarantine = q.Calls, q.Plan, verdict.Quarantine{}
	aside.Verdict = verdict.Measured(aside.Evidence, aside.Rules)
	v := NewViewer(aside)
	all := make([]ShownCall, q.Calls.Len())
	for i := range all {
		all[i] = v.At(i)
	}
	slices.SortStableFunc(all, func(a, b ShownCall) int {
		return cmp.Or(cmp.Compare(a.Ending, b.Ending), CompareValues(a.OverallScore, b.OverallScore))
	})
	return all
}

// QuarantinedWhy is why a call in quarantine is not good; empty if it passed.
func QuarantinedWhy(c ShownCall) text.Untrusted {
	if c.Ending == EndPassed || c.Ending == EndSucceeded {
		return text.Untrusted{}
	}
	return CallWhy(c)
}
