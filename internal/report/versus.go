package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A MetricChange is a number of the run beside that of the baseline, over what the two can be compared on: the number
// that a criterion on the change of the metric is about.
type MetricChange struct {
	Name text.Untrusted
	// Then and Now are Unknown where there is no value; Change is empty if the two cannot be compared.
	Then, Now, Change Figure
	Trend             Trend
	// Over is what is compared, such as "19 dataset rows". Better and Worse are in how many of these the number is; Unknown if
	// nobody knows which end is the good one. All three are empty if nothing is compared.
	Over, Better, Worse Figure
	// All is the number over all calls of both runs, if that is another one: "80% → 63.2%".
	All Figure
}

// Versus compares the numbers of the run with those of the baseline: rates, score, evals, time and cost;
// nil without a baseline.
func Versus(r Report, before *Report) []MetricChange {
	if before == nil {
		return nil
	}
	var all []MetricChange
	add := func(name text.Untrusted, c verdict.Change, now, then verdict.Estimate, wanted Direction) {
		if Finite(now.Value) == nil && Finite(then.Value) == nil && c.By.Value == nil {
			return
		}
		all = append(all, metricChange(name, c, now, then, wanted))
	}
	m, b := r.Verdict.Metrics, before.Verdict.Metrics
	of := func(metric string) verdict.Change { return before.change(metric) }
	if HasBar(r) {
		add(text.New("pass rate"), of(criteria.MetricPassRate), m.PassRate, b.PassRate, Higher)
	}
	add(text.New("success rate"), of(criteria.MetricSuccessRate), m.SuccessRate, b.SuccessRate, Higher)
	add(text.New("overall score"), of(criteria.MetricOverallScore), m.OverallScore, b.OverallScore, Higher)
	evals := map[text.Untrusted]verdict.EvalSummary{} // of the baseline
	for _, e := range before.Verdict.Evals {
		evals[e.Name] = e
	}
	for i, e := range r.Verdict.Evals {
		then, c := evals[e.Name], before.evalChange(i, e.Name)
		name := text.Sprintf("eval %s", text.New(e.Name.LineMax(80)))
		if e.PassRate.Value != nil || then.PassRate.Value != nil {
			add(name, c, e.PassRate, then.PassRate, Higher)
		} else {
			wanted := Higher
			if e.OwnUnit {
				wanted = Neither // nobody knows which end is the good one
			}
			add(name, c, e.Score, then.Score, wanted)
		}
	}
	add(text.New("duration of a call"), of(criteria.MetricDuration), m.Duration, b.Duration, wantedOf(criteria.MetricDuration))
	add(text.New("response time"), of(criteria.MetricResponseTime), m.ResponseTime, b.ResponseTime, wantedOf(criteria.MetricResponseTime))
	add(text.New("cost of a call"), of(criteria.MetricCost), m.Cost, b.Cost, wantedOf(criteria.MetricCost))
	return all
}

// metricChange formats a change; now and then are over all calls.
func metricChange(name text.Untrusted, c verdict.Change, now, then verdict.Estimate, wanted Direction) MetricChange {
	m := MetricChange{Name: name, Then: Value(then), Now: Value(now)}
	change := changeOf(c, wanted)
	if change == nil {
		return m
	}
	whole := m.Then + " → " + m.Now
	m.Then, m.Now, m.Change, m.Trend, m.Over = change.Then, Value(c.Now), change.Text, change.Trend, change.Over
	if Finite(now.Value) != nil && Finite(then.Value) != nil && m.Then+" → "+m.Now != whole {
		m.All = whole
	}
	switch wanted {
	case Higher:
		m.Better, m.Worse = Count(c.Rose), Count(c.Fell)
	case Lower:
		m.Better, m.Worse = Count(c.Fell), Count(c.Rose)
	case Neither:
		m.Better, m.Worse = Unknown, Unknown
	}
	return m
}

// Aside is what stands beside the numbers: what they are over, and what the others are.
func (m MetricChange) Aside() Figure {
	if m.All == "" {
		return m.Over
	}
	return m.Over + "; all calls: " + m.All
}

// change returns the change of a metric of calls from this report, which is the baseline.
func (before *Report) change(metric string) (c verdict.Change) {
	if before == nil || before.changes == nil {
		return c
	}
	for _, c := range before.changes.Calls {
		if c.Metric == metric {
			return c
		}
	}
	return c
}

// evalChange returns the change of an eval, given its index and name.
func (before *Report) evalChange(at int, name text.Untrusted) (c verdict.Change) {
	if before.changes == nil {
		return c
	}
	all := before.changes.Evals
	if at < len(all) && all[at].Eval == name {
		return all[at]
	}
	for _, c := range all {
		if c.Eval == name {
			return c
		}
	}
	return c
}

// ChangeOf is the change of a metric of calls, as in [Versus]; nil if there is none.
func ChangeOf(before *Report, metric string) *Change {
	return changeOf(before.change(metric), wantedOf(metric))
}

// ScenarioChange is the change of the pass rate or success rate of a scenario; nil if there is none.
func ScenarioChange(before *Report, s verdict.ScenarioSummary, metric string) *Change {
	if before == nil || before.changes == nil {
		return nil
	}
	for _, c := range before.changes.Scenarios {
		if c.ID != s.ID || c.Name != s.Name {
			continue
		}
		if metric == criteria.MetricPassRate {
			return changeOf(c.PassRate, Higher)
		}
		return changeOf(c.SuccessRate, Higher)
	}
	return nil
}

// wantedOf is the direction in which a metric of calls improves.
func wantedOf(metric string) Direction {
	switch metric {
	case criteria.MetricDuration:
		return Neither
	case criteria.MetricResponseTime, criteria.MetricCost:
		return Lower
	}
	return Higher
}

// A CaseChange is what the run and its baseline both played: a dataset row, or a scenario if the server
// names no rows.
type CaseChange struct {
	Name      text.Untrusted
	Then, Now CaseSide
}

// A CaseSide is how a case fared in one of two runs.
type CaseSide struct {
	Passed, Judged   int // of those of which it is known whether they passed
	Succeeded, Ended int // of those that are not lost or the like
	Score            *float64
	// Why speaks against the worst call; empty if all passed.
	Why  text.Untrusted
	Call ShownCall // the worst call

	bySuccess bool // the case changed by the calls that succeeded, not by those that passed
}

// Tally formats how many calls passed, or how many succeeded if that is what changed; empty if none could be judged.
func (s CaseSide) Tally() Figure {
	switch {
	case s.bySuccess && s.Ended > 0:
		return Count(s.Succeeded) + " of " + Count(s.Ended) + " succeeded"
	case s.Judged == 0:
		return ""
	}
	return Count(s.Passed) + " of " + Count(s.Judged) + " passed"
}

// A shift is by how much a case is better than before.
type shift struct{ passed, succeeded, score float64 }

// shift compares the sides of a case.
func (c CaseChange) shift() (s shift) {
	share := func(n, of int) float64 { return float64(n) / float64(of) }
	if c.Then.Judged > 0 && c.Now.Judged > 0 {
		s.passed = share(c.Now.Passed, c.Now.Judged) - share(c.Then.Passed, c.Then.Judged)
	}
	if c.Then.Ended > 0 && c.Now.Ended > 0 {
		s.succeeded = share(c.Now.Succeeded, c.Now.Ended) - share(c.Then.Succeeded, c.Then.Ended)
	}
	if c.Then.Score != nil && c.Now.Score != nil {
		s.score = *c.Now.Score - *c.Then.Score
	}
	return s
}

// trend is decided by calls that passed, else by those that succeeded, else by the score.
func (s shift) trend() Trend {
	switch {
	case s.passed != 0:
		return trendOf(s.passed, Higher)
	case s.succeeded != 0:
		return trendOf(s.succeeded, Higher)
	case math.Abs(s.score) >= minShift:
		return trendOf(s.score, Higher)
	}
	return Steady
}

// bySize puts the larger shift first.
func (s shift) bySize(o shift) int {
	size := func(a, b float64) int { return cmp.Compare(math.Abs(b), math.Abs(a)) }
	return cmp.Or(size(s.passed, o.passed), size(s.succeeded, o.succeeded), size(s.score, o.score))
}

// minShift is the change of a score that is worth a row, on the scale from 1 to 10: less is noise.
const minShift = 1

// CaseChanges returns the cases that got worse than in the baseline and those that got better, most first: where fewer or
// more calls passed, else where fewer or more succeeded, else with a score that differs by a point or more. They are the
// cases that [Versus] counts.
func CaseChanges(r Report, before *Report) (worse, better []CaseChange) {
	if before == nil || before.changes == nil {
		return nil, nil
	}
	now, then := NewViewer(r), NewViewer(*before)
	for _, p := range before.changes.Cases {
		c := CaseChange{Name: Titled(p.Scenario), Then: then.side(p.Then), Now: now.side(p.Now)}
		if p.Number > 0 {
			c.Name = text.Sprintf("%s #%d", c.Name, p.Number)
		}
		s := c.shift()
		if s.passed == 0 && s.succeeded != 0 {
			c.Then.bySuccess, c.Now.bySuccess = true, true
		}
		switch s.trend() {
		case Worse:
			worse = append(worse, c)
		case Better:
			better = append(better, c)
		case Steady:
		}
	}
	bySize := func(a, b CaseChange) int { return a.shift().bySize(b.shift()) }
	slices.SortStableFunc(worse, bySize)
	slices.SortStableFunc(better, bySize)
	return worse, better
}

// CountChanges says how many metrics and how many cases got worse and better, which are not the same. Of a metric it
// is clear only if its interval says so.
func CountChanges(all []MetricChange, worse, better []CaseChange) Figure {
	n := map[Trend]int{}
	for _, m := range all {
		n[m.Trend]++
	}
	return changedWords(n[Worse], n[Better], " metric", " metrics", " clearly") + "; " + changedWords(len(worse), len(better), " case", " cases", "")
}

// changedWords says how many of something got worse and better: "2 cases worse, 1 better".
func changedWords(worse, better int, one, many, how Figure) Figure {
	said := func(n int, word, other Figure) Figure {
		return Count(n) + Plural(Count(n), one, many) + how + word + ", " + other
	}
	switch {
	case worse == 0 && better == 0:
		return "no" + one + how + " worse or better"
	case worse == 0:
		return said(better, " better", "none worse")
	case better == 0:
		return said(worse, " worse", "none better")
	}
	return said(worse, " worse", Count(better)+" better")
}

// side is how the calls of a case at the given indexes fared.
func (v Viewer) side(all []int) (s CaseSide) {
	worst, sum, scores := -1, 0.0, 0
	for _, at := range all {
		c := v.Brief(at)
		if c.Ending.Unknown() {
			continue
		}
		s.Ended++
		if c.Ending.Succeeded() {
			s.Succeeded++
			if score := Finite(c.OverallScore); score != nil {
				sum += *score
				scores++
			}
		}
		if known := c.Ending != EndSucceeded || !v.hasBar; known {
			s.Judged++
			if c.Ending == EndPassed || c.Ending == EndSucceeded {
				s.Passed++
			}
		}
		if worst < 0 || worseCall(c, v.Brief(worst)) {
			worst = at
		}
	}
	if scores > 0 {
		s.Score = new(sum / float64(scores))
	}
	if worst >= 0 {
		s.Call = v.At(worst)
		if s.Passed < s.Judged || s.Succeeded < s.Ended {
			s.Why = CallWhy(s.Call)
		}
	}
	return s
}

// worseCall reports whether a is worse than b.
func worseCall(a, b ShownCall) bool {
	if a.Ending != b.Ending {
		return a.Ending < b.Ending
	}
	return CompareValues(a.OverallScore, b.OverallScore) < 0
}

// BaselineName is what the baseline is called in a heading: its branch if that is known.
func BaselineName(r Report) text.Untrusted {
	if b := r.Rules.Baseline; b != nil && !Blank(b.Branch) {
		return b.Branch
	}
	return text.New("baseline")
}
