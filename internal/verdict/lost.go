package verdict

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Lost returns the checks that are not met even if every call that has not ended yet
// succeeds: no outcome of them can turn the verdict any more. rescuable says that a rerun
// may still make a call succeed that did not; only what reruns cannot change is lost
// then. Looked at are criteria on counts of calls that only get worse: a score can
// always be made up for by the calls to come, and a change by nothing that is known yet.
func Lost(calls []Call, r Rules, rescuable bool) []Check {
	best := make([]Call, len(calls))
	for i, c := range calls {
		best[i] = bestCase(c, rescuable)
	}
	r.Baseline = nil
	j := newJudgement(Evidence{Execution: Execution{Status: client.ExecutionCompleted}, Calls: best}, r)
	for i, c := range r.Criteria {
		if bound, ok := c.onlyWorse(); ok {
			j.check(i, bound)
		}
	}
	var lost []Check
	for _, f := range j.findings {
		if f.Outcome == NotMet {
			f.Criterion = r.Criteria[f.index].String()
			lost = append(lost, f.Check)
		}
	}
	return lost
}

// LooksAtScenarios reports whether Lost needs to know the scenarios of the calls.
func (r Rules) LooksAtScenarios() bool {
	return slices.ContainsFunc(r.Criteria, func(c Criterion) bool {
		_, ok := c.onlyWorse()
		return ok && c.Scope.Kind != ScopeRun
	})
}

// bestCase is a call as it ends at best.
func bestCase(c Call, rescuable bool) Call {
	open := !c.Status.Terminal()
	if !open && (c.Outcome() == Succeeded || !rescuable) {
		return c
	}
	if !open {
		c.FirstOutcome, c.Attempts = c.first(), max(c.Attempts, 1)+1
	}
	c.Status, c.ProcessingSkipped, c.EndedReason = client.CallCompleted, false, text.Untrusted{}
	return c
}

// onlyWorse returns the criterion in the form in which a best case can be compared with
// its bound; ok is false when the calls to come can make up for those that have ended.
func (c Criterion) onlyWorse() (_ Criterion, ok bool) {
	if c.Change {
		return c, false
	}
	switch c.Metric {
	case metricSuccessRate, metricFirstSuccessRate, metricCompletedCalls:
		if c.Op == opEqual {
			c.Op = opAtLeast
		}
		return c, c.Op == opAtLeast || c.Op == opAbove
	case metricFailedCalls:
		if c.Op == opEqual {
			c.Op = opAtMost
		}
		return c, c.Op == opAtMost || c.Op == opBelow
	}
	return c, false
}

// FailedFast is the verdict of a run that was cancelled because of the given checks,
// which Lost has found. The other criteria were not judged.
func FailedFast(lost []Check, reason text.Untrusted, e Evidence, r Rules) Verdict {
	v := newJudgement(e, r).verdict(Fail, "", reason)
	for _, c := range r.Criteria {
		judged := false
		for _, check := range lost {
			if check.Criterion == c.String() {
				v.Checks, judged = append(v.Checks, check), true
			}
		}
		if !judged {
			m, _ := findMetric(c.Metric)
			v.Checks = append(v.Checks, Check{
				Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: NoData, Value: Estimate{Unit: m.unit},
				Detail: text.New("not judged, since the run was cancelled early"),
			})
		}
	}
	v.Deciding = deciders(e.Calls)
	return v
}

// deciders are the calls that had failed by themselves when a run was cancelled.
func deciders(calls []Call) []uuid.UUID {
	var out []uuid.UUID
	for _, c := range calls {
		if o := c.Outcome(); c.Status.Terminal() && (o == Failed || o == Skipped) {
			out = append(out, c.ID)
		}
	}
	return out
}
