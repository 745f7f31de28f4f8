package verdict

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Rules are what a run is judged by.
type Rules struct {
	criteria.Set
	Confidence float64  // level of the intervals, percent, 50 to 99.9; 0 means 95
	DecideOn   DecideOn // empty means DecideOnEstimate
	// IntervalFor is what intervals speak of; empty means IntervalForSuite.
	IntervalFor IntervalFor
	Baseline    *Baseline // what a ".change" compares with; nil when there is none
	// PlatformFails counts calls that the platform lost as failed instead of unknown.
	PlatformFails bool
}

// DecideOn is what a criterion compares with its bound.
type DecideOn string

// The ways to decide.
const (
	DecideOnEstimate DecideOn = "estimate" // the measured value
	DecideOnInterval DecideOn = "interval" // the whole interval, otherwise undecided
)

// IntervalFor is what an interval estimates.
type IntervalFor string

// What intervals may speak of.
const (
	IntervalForSuite      IntervalFor = "suite"      // the same scenarios, run again
	IntervalForPopulation IntervalFor = "population" // scenarios like these
)

// problem says why the rules cannot judge any run; empty if they can.
func (r Rules) problem() string {
	if len(r.Criteria) == 0 {
		return "there are no criteria: a gate needs at least one"
	}
	for _, c := range r.Criteria {
		if err := c.Validate(); err != nil {
			return err.Error()
		}
	}
	if r.Confidence != 0 && !(r.Confidence >= 50 && r.Confidence <= 99.9) {
		return fmt.Sprintf("confidence is %v; it must be 50 to 99.9 percent", r.Confidence)
	}
	switch r.DecideOn {
	case "", DecideOnEstimate, DecideOnInterval:
	default:
		return fmt.Sprintf("decide-on is %s; it must be estimate or interval", criteria.Show(string(r.DecideOn)))
	}
	switch r.IntervalFor {
	case "", IntervalForSuite, IntervalForPopulation:
		return r.Conflict()
	}
	return fmt.Sprintf("interval-for is %s; it must be suite or population", criteria.Show(string(r.IntervalFor)))
}

// Mistakes are the criteria and conditions that cannot work on any run.
func (r Rules) Mistakes() []criteria.Mistake {
	all := r.Set.Mistakes()
	if r.DecideOn == DecideOnInterval {
		all = append(all, r.MistakesByInterval()...)
	}
	return all
}

// Conflict says why a criterion cannot be judged under the other rules; empty if all can.
func (r Rules) Conflict() string {
	i := slices.IndexFunc(r.Criteria, func(c criteria.Criterion) bool { return c.Tolerance > 0 && r.forPopulation(c) })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("a tolerance speaks of these scenarios, run again, so %s needs suite", r.Criteria[i])
}

// runWide is the rules without criteria on scenarios and evals.
func (r Rules) runWide() Rules {
	r.Criteria = slices.DeleteFunc(slices.Clone(r.Criteria), func(c criteria.Criterion) bool { return c.Scope.Kind != criteria.ScopeRun })
	return r
}

// decide compares the reading with a bound. If unknown results could change the outcome, there is no
// data.
func (r reading) decide(op string, bound float64, on DecideOn) CheckOutcome {
	for _, v := range []float64{r.shown, r.least.Value, r.most.Value, bound} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return NoData
		}
	}
	if r.rule != nil {
		return r.byRule()
	}
	byInterval := on == DecideOnInterval && r.inferred
	least, most := decideSide(r.least, op, bound, byInterval), decideSide(r.most, op, bound, byInterval)
	switch {
	case least != most:
		return NoData
	case least == NotMet && op == criteria.OpEqual && r.least.Against(bound) != r.most.Against(bound):
		return NoData // a number in between may equal it
	case r.unknown > 0 && !byInterval && criteria.Holds(op, stats.Point{Value: r.shown}.Against(bound)) != (least == Met):
		return NoData // the shown number of a change may lie outside least and most
	}
	return least
}

// decideSide compares one number, or its whole interval, with a bound.
func decideSide(s stats.Side, op string, bound float64, byInterval bool) CheckOutcome {
	if !byInterval {
		if criteria.Holds(op, s.Against(bound)) {
			return Met
		}
		return NotMet
	}
	low, high := stats.Point{Value: s.Low}.Against(bound), stats.Point{Value: s.High}.Against(bound)
	switch {
	case criteria.Holds(op, low) && criteria.Holds(op, high):
		return Met
	case op == criteria.OpEqual && low*high <= 0:
		return Undecided // the interval contains the bound and other numbers
	case !criteria.Holds(op, low) && !criteria.Holds(op, high):
		return NotMet
	}
	return Undecided
}

// more is how many more calls would probably decide what the interval leaves open; 0 if no reasonable
// number would.
func (r reading) more(bound float64) int {
	const most = 1e6
	if r.further == nil {
		return 0
	}
	if n := r.further(bound); n <= most {
		return n
	}
	return 0
}

// outcomes is the set of outcomes that a check may still get, a bit for each.
type outcomes uint8

const (
	mayMeet outcomes = 1 << iota
	mayMiss
	mayBeUndecided
	mayLackData
	anyOutcome = mayMeet | mayMiss | mayBeUndecided | mayLackData
)

// outcomesOf is the set with one outcome.
func outcomesOf(o CheckOutcome) outcomes {
	switch o {
	case Met:
		return mayMeet
	case NotMet:
		return mayMiss
	case Undecided:
		return mayBeUndecided
	case NoData:
	}
	return mayLackData
}

// Unresolved reports whether a criterion covers calls or results that may still come.
func Unresolved(e Evidence, r Rules) bool {
	e.Open = true
	j := newJudgement(e, r)
	j.checkAll()
	return slices.ContainsFunc(j.findings, func(f finding) bool { return f.late > 0 })
}

// Awaits reports whether the verdict on a run that has just ended depends on what may still arrive:
// scores, eval results, and calls that have not ended.
func Awaits(e Evidence, r Rules) bool {
	e.Open = true
	if r.problem() != "" || e.Stopped != nil || e.FailFast != nil || !notJudged(e).IsEmpty() {
		return false
	}
	j := newJudgement(e, r)
	if !nothingLeft(j.rules, j.exempted).IsEmpty() {
		return false
	}
	j.checkAll()
	var misses, lacks, open bool
	for i := range j.findings {
		may := j.findings[i].mayCome(r.DecideOn)
		if may == mayMiss {
			return false // it fails in any case
		}
		misses = misses || may&mayMiss != 0
		lacks = lacks || may == mayLackData
		open = open || may&(may-1) != 0
	}
	switch {
	case misses:
		return true
	case lacks, !e.Unevaluated.IsEmpty(), !j.untested(true).IsEmpty():
		return false // it is an error in any case
	}
	return open || !j.untested(false).IsEmpty()
}

// mayCome is the set of outcomes that the check may still get. It may contain too many, never too few.
func (f *finding) mayCome(on DecideOn) outcomes {
	m, r, c := &f.measured, &f.reading, f.criterion
	byInterval := on == DecideOnInterval
	switch {
	case f.late == 0, f.refused:
		return outcomesOf(f.Outcome)
	case !r.bounded, byInterval && r.inferred && m.metric.Family == criteria.Average && c.Stat == criteria.StatMean:
		return anyOutcome // new values may spread in any way
	case f.Outcome == Undecided && (c.Change || f.population):
		return anyOutcome // their intervals depend on where the unknown calls are
	case f.Outcome != NoData:
		return outcomesOf(f.Outcome) // nothing to come can change it
	case c.Change, c.Op == criteria.OpEqual, byInterval, r.rule != nil, m.metric.Family == criteria.Case, m.metric.Family == criteria.Average:
		return anyOutcome
	}
	// The rate or the count if everything late counts, and if nothing of it does.
	at := func(hits int) outcomes {
		unknown := m.unknown() - m.late
		if m.metric.Family == criteria.Count {
			return outcomesOf(readCount(hits, unknown, m.n).decide(c.Op, c.Bound, on))
		}
		return outcomesOf(readRate(hits, unknown, m.n, defaultConfidence/100).decide(c.Op, c.Bound, on))
	}
	return at(m.hits) | at(m.hits+m.late) | mayLackData
}

// Unmeetable returns the checks of a running test that fail even if every call to come turns out as
// well as possible. e.FailFast says how far the run is. Without e.Calls, only criteria on how many
// calls succeed, fail or complete can be lost. It only looks at numbers that can only get worse: later
// calls can make up for a mean, and a change is unknown until both sides are complete. A run that goes on
// while it is undecided is judged as at its next look, by the rule of that look: e.FailFast has the calls
// up to there.
func Unmeetable(e Evidence, r Rules) []Check {
	if e.Calls.Len() < e.planned() {
		r = r.runWide() // the scenarios of the others are not known
	}
	best := e.bestCase()
	r.Baseline = nil
	j := newJudgement(Evidence{Execution: Execution{Status: calls.ExecutionCompleted, Trial: e.Trials() - 1}, Calls: best, Evals: e.Evals, Looks: e.Looks}, r)
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
