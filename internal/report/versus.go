package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A MetricChange is a number of the run beside that of the baseline.
type MetricChange struct {
	Name text.Untrusted
	// Then and Now are Unknown where there is no value; Change is empty if one of them is missing.
	Then, Now, Change Figure
	Trend             Trend
}

// Versus compares the numbers of the run with those of the baseline: rates, score, evals, time and cost;
// nil without a baseline.
func Versus(r Report, before *Report) []MetricChange {
	if before == nil {
		return nil
	}
	var all []MetricChange
	add := func(name text.Untrusted, now, then verdict.Estimate, wanted Direction) {
		if Finite(now.Value) == nil && Finite(then.Value) == nil {
			return
		}
		m := MetricChange{Name: name, Then: Value(then), Now: Value(now)}
		if c := ChangeOf(now, then, wanted); c != nil {
			m.Change, m.Trend = c.Text, c.Trend
		}
		all = append(all, m)
	}
	m, b := r.Verdict.Metrics, before.Verdict.Metrics
	if HasBar(r) {
		add(text.New("pass rate"), m.PassRate, b.PassRate, Higher)
	}
	add(text.New("success rate"), m.SuccessRate, b.SuccessRate, Higher)
	add(text.New("overall score"), m.OverallScore, b.OverallScore, Higher)
	evals := map[text.Untrusted]verdict.EvalSummary{} // of the baseline
	for _, e := range before.Verdict.Evals {
		evals[e.Name] = e
	}
	for _, e := range r.Verdict.Evals {
		then := evals[e.Name]
		name := text.Sprintf("eval %s", text.New(e.Name.LineMax(80)))
		if e.PassRate.Value != nil || then.PassRate.Value != nil {
			add(name, e.PassRate, then.PassRate, Higher)
		} else {
			wanted := Higher
			if e.OwnUnit {
				wanted = Neither // nobody knows which end is the good one
			}
			add(name, e.Score, then.Score, wanted)
		}
	}
	add(text.New("duration of a call"), m.Duration, b.Duration, Neither)
	add(text.New("response time"), m.ResponseTime, b.ResponseTime, Lower)
	add(text.New("cost of a call"), m.Cost, b.Cost, Lower)
	return all
}

// A CaseChange is what the run and its baseline both played: a dataset row, or a scenario if the server
// names no rows.
type CaseChange struct {
	Name      text.Untrusted
	Then, Now CaseSide
}

// A CaseSide is how a case fared in one of two runs.
type CaseSide struct {
	Passed, Judged int
	Score          *float64 // mean overall score; nil if unknown
	// Why speaks against the worst call; empty if all passed.
	Why  text.Untrusted
	Call ShownCall // the worst call
}

// Tally formats how many calls passed; empty if none could be judged.
func (s CaseSide) Tally() Figure {
	if s.Judged == 0 {
		return ""
	}
	return Count(s.Passed) + " of " + Count(s.Judged) + " passed"
}

// share is the share of calls that passed.
func (s CaseSide) share() float64 { return float64(s.Passed) / float64(max(s.Judged, 1)) }

// shift is by how much the case is better than before: first by calls that passed, then by score.
func (c CaseChange) shift() (passed, score float64) {
	if c.Then.Score != nil && c.Now.Score != nil {
		score = *c.Now.Score - *c.Then.Score
	}
	return c.Now.share() - c.Then.share(), score
}

// minShift is the change of a score that is worth a row, on the scale from 1 to 10: less is noise.
const minShift = 1

// CaseChanges returns the cases that got worse than in the baseline and those that got better, most first:
// where fewer or more calls passed, or as many with a score that differs by a point or more.
func CaseChanges(r Report, before *Report) (worse, better []CaseChange) {
	if before == nil {
		return nil, nil
	}
	now := sidesOf(r)
	then := sidesOf(*before)
	byID, byName := map[caseKey]int{}, map[caseKey]int{}
	for i, t := range then {
		byID[caseKey{id: t.scenario, row: t.row}], byName[caseKey{name: t.called, row: t.row}] = i, i
	}
	for _, n := range now {
		at, both := byID[caseKey{id: n.scenario, row: n.row}]
		if !both || n.scenario == uuid.Nil {
			if at, both = byName[caseKey{name: n.called, row: n.row}]; !both {
				continue
			}
		}
		c := CaseChange{Name: n.name, Then: then[at].CaseSide, Now: n.CaseSide}
		if c.Then.Judged == 0 || c.Now.Judged == 0 {
			continue
		}
		switch passed, score := c.shift(); {
		case passed < 0 || passed == 0 && score <= -minShift:
			worse = append(worse, c)
		case passed > 0 || passed == 0 && score >= minShift:
			better = append(better, c)
		}
	}
	bySize := func(a, b CaseChange) int {
		pa, sa := a.shift()
		pb, sb := b.shift()
		return cmp.Or(cmp.Compare(math.Abs(pb), math.Abs(pa)), cmp.Compare(math.Abs(sb), math.Abs(sa)))
	}
	slices.SortStableFunc(worse, bySize)
	slices.SortStableFunc(better, bySize)
	return worse, better
}

// caseSides is a case of one run.
type caseSides struct {
	name     text.Untrusted
	scenario uuid.UUID
	called   text.Untrusted // the scenario's name
	row      uint64
	CaseSide
}

// A caseKey tells cases apart, by id or by name of the scenario, and row.
type caseKey struct {
	id   uuid.UUID
	name text.Untrusted
	row  uint64
}

// sidesOf returns the cases of a run, in the order of its calls.
func sidesOf(r Report) []caseSides {
	var all []caseSides
	places := map[caseKey]int{}
	rows := map[caseKey]int{} // of a scenario
	v := NewViewer(r)
	scores := map[int][]float64{}
	worst := map[int]int{} // index of the worst call
	for i := range r.Evidence.Calls.Len() {
		c := v.Brief(i)
		k := caseKey{c.ScenarioID, c.Scenario, c.Row}
		at, known := places[k]
		if !known {
			at = len(all)
			places[k] = at
			rows[caseKey{c.ScenarioID, c.Scenario, 0}]++
			all = append(all, caseSides{name: c.Title, scenario: c.ScenarioID, called: c.Scenario, row: c.Row})
		}
		s := &all[at]
		if c.Ending.Unknown() {
			continue
		}
		s.Judged++
		good := c.Ending == EndPassed || c.Ending == EndSucceeded
		if good {
			s.Passed++
		}
		if score := Finite(c.OverallScore); score != nil && c.Ending.Succeeded() {
			scores[at] = append(scores[at], *score)
		}
		if w, has := worst[at]; !has || worseCall(c, v.Brief(w)) {
			worst[at] = i
		}
	}
	number := map[caseKey]int{}
	for at := range all {
		s := &all[at]
		k := caseKey{s.scenario, s.called, 0}
		number[k]++
		if rows[k] > 1 {
			s.name = text.Sprintf("%s #%d", s.name, number[k])
		}
		if n := len(scores[at]); n > 0 {
			sum := 0.0
			for _, v := range scores[at] {
				sum += v
			}
			s.Score = new(sum / float64(n))
		}
		if w, has := worst[at]; has {
			s.Call = v.At(w)
			if s.Passed < s.Judged {
				s.Why = CallWhy(s.Call)
			}
		}
	}
	return all
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
	if b := r.CI.BaseRef; !Blank(b) {
		return b
	}
	return text.New("baseline")
}

// Direction is the direction in which a number improves.
type Direction int

// The directions.
const (
	Neither Direction = iota
	Higher
	Lower
)

// A Change is the difference of a number from the baseline.
type Change struct {
	Text  Figure
	Then  Figure // in the baseline
	Trend Trend
}

// A Trend tells whether a change is an improvement.
type Trend int

// The trends.
const (
	Steady Trend = iota // unchanged, or neither good nor bad
	Better
	Worse
)

// ChangeOf compares two estimates; nil if one of them is unknown.
func ChangeOf(now, then verdict.Estimate, wanted Direction) *Change {
	if Finite(now.Value) == nil || Finite(then.Value) == nil {
		return nil
	}
	d := *now.Value - *then.Value
	size := Decimal(math.Abs(d), max(places(now.Unit), 1))
	c := &Change{Then: Value(then), Text: "no change"}
	if size == "0" {
		return c
	}
	var sign Figure = "+"
	if d < 0 {
		sign = "−"
	}
	switch now.Unit {
	case criteria.UnitPercent:
		c.Text = sign + size + Plural(size, " point", " points")
	default:
		c.Text = sign + size + unitSuffix(now.Unit)
	}
	switch {
	case wanted == Neither:
	case (d > 0) == (wanted == Higher):
		c.Trend = Better
	default:
		c.Trend = Worse
	}
	return c
}
