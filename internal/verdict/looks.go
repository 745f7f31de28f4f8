package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Looks says when a run is judged that goes on, trial by trial, while a criterion is undecided. Looking
// several times does not raise the error: all looks together spend it.
type Looks struct {
	First int // trials before the first look, from 1
	Max   int // the most trials that the limits allow, at least First
	// Past are the looks before the last one; for the report only.
	Past []Look
	// Stopped is why no further trial was begun although the run is undecided; empty otherwise.
	Stopped text.Untrusted
}

// Look is what a look at the calls so far found.
type Look struct {
	Trials, Calls int
	Kind          Kind
	Reason        text.Untrusted
}

// Several reports whether there can be more than one look.
func (l *Looks) Several() bool { return l != nil && l.Max > l.First }

// looks are those of a run that goes on while its intervals leave a criterion undecided, and now how many
// trials the current one is after; nil for a run that is judged once.
func (j *judgement) looks() (l *Looks, now int) {
	l = j.evidence.Looks
	if !l.Several() || j.rules.DecideOn != DecideOnInterval {
		return nil, 0
	}
	return l, min(max(j.evidence.Trials(), l.First), l.Max)
}

// lookLevel is the level of intervals at the current look.
func (j *judgement) lookLevel() stats.Level {
	l, now := j.looks()
	if l == nil {
		return j.level
	}
	before := now - 1
	if now == l.First {
		before = 0
	}
	return j.level.Spent(before, now, l.Max)
}

// sizes are the numbers of calls at each look, for a metric that has total calls at the current one, and
// the index of the current look. Trials are alike, so the others follow from it.
func (j *judgement) sizes(total int) (sizes []int, at int) {
	l, now := j.looks()
	if l == nil {
		return []int{total}, 0
	}
	for t := l.First; t <= l.Max; t++ {
		n := max(1, int(math.Round(float64(total)*float64(t)/float64(now))))
		if k := len(sizes); k > 0 && n <= sizes[k-1] {
			n = sizes[k-1] + 1
		}
		if t == now {
			n, at = total, len(sizes)
		}
		sizes = append(sizes, n)
	}
	return sizes, at
}

// rule decides a rate by an exact test in place of its interval: one that holds over several looks, or
// one with a tolerance.
type rule struct {
	looks []stats.Look // all that there may be
	at    int          // the current one
	less  bool         // the rate is to be low: misses count
}

// ruleFor is the rule for a rate; nil if its interval, or its value, decides.
func (j *judgement) ruleFor(c criteria.Criterion, m *measured) *rule {
	l, _ := j.looks()
	byLooks := l != nil && !j.rules.forPopulation(c)
	rate := m.metric.Family == criteria.Rate || c.Stat == criteria.StatMean && m.passFail()
	total := m.n
	if c.Change || !rate || c.Op == criteria.OpEqual || c.Tolerance == 0 && !byLooks || total == 0 {
		return nil
	}
	sizes, at := j.sizes(total)
	return &rule{looks: testOf(c, sizes, j.level), at: at, less: c.WantsLittle()}
}

// testOf are the looks of the exact test of a rate at these numbers of calls.
func testOf(c criteria.Criterion, sizes []int, l stats.Level) []stats.Look {
	bar := c.Bound / 100
	if c.WantsLittle() {
		bar = 1 - bar
	}
	test := stats.BarTest(bar, sizes[len(sizes)-1], l)
	if c.Tolerance > 0 {
		test = stats.ToleranceTest(bar, c.Tolerance/100, sizes[len(sizes)-1], l)
	}
	return test.Looks(sizes)
}

// Bounds are how many calls have to count for a rate to be met, and how few for it not to be, at each of these
// numbers of calls; of a rate that is to be low, the calls that do not count. ok is false if that does not
// depend on their number alone. Several numbers are looks of a run that goes on while it is undecided.
func (r Rules) Bounds(c criteria.Criterion, sizes []int) (looks []stats.Look, ok bool) {
	m, _ := c.Lookup()
	byInterval := r.DecideOn == DecideOnInterval
	if c.Change || m.Family != criteria.Rate || c.Op == criteria.OpEqual || byInterval && r.forPopulation(c) {
		return nil, false
	}
	level := stats.Level(cmp.Or(r.Confidence, defaultConfidence) / 100)
	if c.Tolerance > 0 || byInterval && len(sizes) > 1 {
		return testOf(c, sizes, level), true
	}
	n := sizes[len(sizes)-1]
	is := func(wanted CheckOutcome) func(int) bool {
		return func(hits int) bool {
			if c.WantsLittle() {
				hits = n - hits
			}
			return readRate(hits, 0, n, level).decide(c.Op, c.Bound, r.DecideOn) == wanted
		}
	}
	return []stats.Look{stats.FixedLook(n, is(Met), is(NotMet))}, true
}

// hits are the calls that count for the rule's test.
func (r *rule) hits(hits int) int {
	if r.less {
		return r.looks[r.at].Calls - hits
	}
	return hits
}

// outcome decides by the calls that count towards the rate.
func (r *rule) outcome(hits int) CheckOutcome {
	look := r.looks[r.at]
	switch n := r.hits(hits); {
	case n >= look.Pass:
		return Met
	case n <= look.Fail:
		return NotMet
	}
	return Undecided
}

// interval is the range of rates that agree with the calls, in percent.
func (r *rule) interval(hits int) stats.Interval {
	i := stats.Percent(r.looks[r.at].Interval(r.hits(hits)))
	if r.less {
		i = stats.Interval{Low: 100 - i.High, High: 100 - i.Low}
	}
	return i
}

// ruled is the reading of a rate that a rule decides; nil leaves it as it is.
func (r reading) ruled(by *rule) reading {
	if by == nil {
		return r
	}
	r.rule = by
	r.least.Interval, r.most.Interval = by.interval(r.hits), by.interval(r.hits+r.unknown)
	return r
}

// byRule decides by the rule, with everything unknown counted against the rate and for it.
func (r reading) byRule() CheckOutcome {
	least, most := r.rule.outcome(r.hits), r.rule.outcome(r.hits+r.unknown)
	if least != most {
		return NoData
	}
	return least
}

// LeastChance is how likely it must be that a run is decided by its end for another trial to begin.
const LeastChance = 0.1

// DecidedByEnd is the chance that a run which is undecided, or of which too much is unknown, is decided
// once all trials that the limits allow have run: of the criterion for which it is least. For a rate that
// an exact test decides, all rates are equally likely before the first call. For everything else, see
// [judgement.settles].
func DecidedByEnd(e Evidence, r Rules) float64 {
	j := newJudgement(e, r)
	j.checkAll()
	l, now := j.looks()
	var end *judgement // made when a finding needs it
	chance := 1.0
	for i, f := range j.findings {
		switch by := f.reading.rule; {
		case by != nil && (f.Outcome == Undecided || f.Outcome == NoData):
			// Only the calls so far count, whatever earlier looks showed of them.
			chance = min(chance, stats.DecidedByEnd(by.looks[by.at:], []int{by.hits(f.reading.hits)}))
		case by == nil && f.Outcome == Undecided && l != nil:
			if end == nil {
				end = newJudgement(e.repeated(now, l.Max), r)
				end.checkAll()
			}
			chance = min(chance, j.settles(f, end.findings[i].reading, float64(now)/float64(l.Max)))
		}
	}
	return chance
}

// settles is the chance that an undecided criterion is decided at the end, if atEnd is its reading when all
// further trials are as those so far, which are a share of all. The number may then have moved by as much
// as the calls so far leave open, and its interval with it. That is a plan, and no promise: the larger a
// sample, the better it knows its spread.
func (j *judgement) settles(f finding, atEnd reading, share float64) float64 {
	low, high := atEnd.least.Low, atEnd.most.High
	bound := f.criterion.Bound
	moves := 0.0
	if !f.measured.alike() {
		moves = j.lookLevel().Error(stats.Interval{Low: f.reading.least.Low, High: f.reading.most.High}) * math.Sqrt(1-share)
	}
	return stats.Passes(low-bound, moves) + stats.Passes(bound-high, moves)
}

// alike reports whether all that is known of the metric is the same.
func (m *measured) alike() bool {
	var first *row
	for r := range m.rows() {
		switch {
		case r.missing:
		case first == nil:
			first = &r
		case r.hit != first.hit || r.value != first.value:
			return false
		}
	}
	return true
}

// repeated is the evidence of a run whose trials, now so many, go on as they have until there are more.
func (e Evidence) repeated(now, trials int) Evidence {
	all := e.Executions()
	e.Further = slices.Clone(e.Further)
	var lists []Calls
	for t := now; t < trials; t++ {
		again := map[int]int{} // the executions that are repeated
		for i, x := range all {
			if x.Trial == t%now {
				again[i] = 1 + len(e.Further)
				x.ID, x.Trial = repeatedID(x.ID, t), t
				e.Further = append(e.Further, x)
			}
		}
		part := e.Calls.With(func(_ int, c *Call) {
			c.Execution, c.ID = again[c.Execution], repeatedID(c.ID, t)
		})
		lists = append(lists, Joined(func(c Call) bool { return c.Execution > 0 }, part))
	}
	e.Calls = Joined(func(Call) bool { return true }, append(lists, e.Calls)...)
	plan := slices.Clone(e.Plan)
	for i, p := range plan {
		if p.Calls != nil {
			plan[i].Calls = new(*p.Calls * trials / now)
		}
	}
	e.Plan = plan
	return e
}

// repeatedID is the id of a call or an execution that is repeated in a trial.
func repeatedID(id uuid.UUID, trial int) uuid.UUID {
	return uuid.NewSHA1(id, []byte{byte(trial >> 8), byte(trial)})
}

// Sealed reports whether a run between two trials misses a criterion whatever the calls of the trials to come
// turn out to be. e.FailFast says how many calls there will be; all of them must be in the plan too.
func Sealed(e Evidence, r Rules) bool {
	if len(Unmeetable(e, r)) > 0 {
		return true
	}
	r.Baseline, e.FailFast = nil, nil
	j := newJudgement(e, r)
	for i, c := range j.rules.Criteria {
		if m, _ := c.Lookup(); !c.Change && m.Family != criteria.Case && !r.forPopulation(c) {
			j.check(i, c)
		}
	}
	return slices.ContainsFunc(j.findings, func(f finding) bool { return f.Outcome == NotMet && f.coversAbsent() })
}

// coversAbsent reports whether the outcome holds whatever the missing calls are: they count as unknown, and
// the unknown at its worst and at its best.
func (f *finding) coversAbsent() bool {
	m := &f.measured
	if !countsAbsent(m.metric.Name) || !m.absent().missing || !m.run.planned(m.only) || m.metric.Family == criteria.Average && !f.reading.bounded {
		return false
	}
	for i := range m.run.scenarios {
		if s := &m.run.scenarios[i]; m.over(int32(i)) && s.tolerated {
			return false // they are left out
		}
	}
	return true
}

// factsOfLook adds which look a finding is of, and the level of its interval.
func (j *judgement) factsOfLook(f finding, x *explain.Facts) {
	if l, now := j.looks(); l != nil {
		x.Look, x.Looks = now-l.First+1, l.Max-l.First+1
		x.Stopped = l.Stopped
	}
	if f.reading.rule != nil {
		x.ByInterval = true
	}
	if f.criterion.Tolerance > 0 {
		x.Level = 100 * (2*float64(j.level) - 1) // each side has the whole error
	}
}
