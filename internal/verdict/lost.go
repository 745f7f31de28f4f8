package verdict

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Unmeetable returns the checks of a running test that fail even if every call to come turns out as
// well as possible. e.FailFast says how far the run is. Without e.Calls, only criteria on how many
// calls succeed, fail or complete can be lost. It only looks at numbers that can only get worse: later
// calls can make up for a mean, and a change is unknown until both sides are complete.
func Unmeetable(e Evidence, r Rules) []Check {
	if e.Calls.Len() < e.planned() {
		r = r.runWide() // the scenarios of the others are not known
	}
	best := e.bestCase()
	r.Baseline = nil
	j := newJudgement(Evidence{Execution: Execution{Status: calls.ExecutionCompleted}, Calls: best, Evals: e.Evals}, r)
	for i, c := range r.Criteria {
		if bound, ok := r.onlyWorse(c); ok {
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

// onlyWorse is [criteria.Criterion.OnlyWorse] under these rules. An interval over scenarios may widen with
// further calls, and whether there are enough scenarios shows at the end.
func (r Rules) onlyWorse(c criteria.Criterion) (criteria.Criterion, bool) {
	if r.forPopulation(c) {
		return c, false
	}
	return c.OnlyWorse()
}

// CanBeLost is that of the criteria, without those that no call can decide early.
func (r Rules) CanBeLost() (counted, byCalls []criteria.Criterion) {
	r.Criteria = slices.DeleteFunc(slices.Clone(r.Criteria), func(c criteria.Criterion) bool {
		_, ok := r.onlyWorse(c)
		return !ok
	})
	return r.Set.CanBeLost()
}

// bestCase is the best possible end of a call: it succeeds, and every missing result is good.
func bestCase(c Call, rescuable bool) Call {
	open := !c.Status.Terminal()
	if !open && (c.Outcome() == Succeeded || !rescuable) {
		return c
	}
	switch {
	case !open:
		c.FirstOutcome, c.Attempts = c.FirstKnown(), max(c.Attempts, 1)+1
	case c.Attempts <= 1:
		c.FirstOutcome = Succeeded
	}
	c.Status, c.ProcessingSkipped, c.EndedReason = calls.Completed, false, text.Untrusted{}
	c.OverallScore, c.DurationSeconds, c.ResponseSeconds, c.CostCents, c.Evals = nil, nil, nil, nil, nil
	return c
}

// failedFast is the verdict on a run that was cancelled because a criterion could no longer be met.
// Other criteria are not judged: the calls that did not end could have met them. If the criteria
// given now could still have been met, the verdict is an error.
func (j *judgement) failedFast() Verdict {
	lost, far := Unmeetable(j.evidence, j.rules), explain.Far{Planned: j.evidence.planned()}
	for range j.ended() {
		far.Ended++
	}
	if len(lost) == 0 {
		return j.verdict(Error, CauseOperational, far.NotLost())
	}
	var checks []Check
	for _, c := range j.rules.Criteria {
		before := len(checks)
		for _, check := range lost {
			if check.Criterion == c.String() {
				// The number is the best case, not measured.
				check.Value = Estimate{Unit: check.Value.Unit}
				check.Detail = text.Sprintf("in the best case %s", check.Detail)
				checks = append(checks, check)
			}
		}
		if len(checks) == before {
			m, _ := c.Lookup()
			checks = append(checks, Check{
				Criterion: c.String(), Scope: text.New(c.Scope.Name), Outcome: NoData, Value: Estimate{Unit: m.Unit}, Tolerance: c.Tolerance,
				Detail: text.New("not judged: the run was cancelled early"),
			})
		}
	}
	first := lost[0]
	v := j.verdict(Fail, "", far.Lost(first.Criterion, first.Scope, first.Detail))
	v.Checks = checks
	for c := range j.ended() {
		if o := c.Outcome(); o == Failed || o == Skipped {
			v.Deciding = append(v.Deciding, c.ID)
		}
	}
	return v
}

// ended are the calls of a cancelled run that had ended by themselves.
func (j *judgement) ended() iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for i := range j.evidence.Calls.Len() {
			c := j.evidence.Calls.Brief(i)
			if c.Status.Terminal() && c.Status != calls.Cancelled && !yield(c) {
				return
			}
		}
	}
}

// planned is how many calls the run has or will have.
func (e Evidence) planned() int { return max(e.FailFast.Calls, e.Calls.Len()) }

// bestCase are the calls of the run in the best case. Calls that fail-fast cancelled count as open,
// and unknown calls are filled in from the server's counts.
func (e Evidence) bestCase() Calls {
	var best CallPacker
	n, failed := 0, 0
	add := func(c Call) {
		best.Add(bestCase(c, e.FailFast.Rescuable))
		n++
	}
	for _, c := range e.Calls.All() {
		switch {
		case c.Status == calls.Cancelled:
			c.Status = calls.Pending
		case c.Outcome() == Failed || c.Outcome() == Skipped:
			failed++
		}
		add(c)
	}
	for n < e.planned() {
		c := Call{Call: calls.Call{Status: calls.Pending}, Attempts: 1}
		binary.BigEndian.PutUint64(c.ID[8:], uint64(n)+1) // unique
		if failed < e.FailFast.Failed {
			c.Status = calls.Failed
			failed++
		}
		add(c)
	}
	return best.Calls()
}
