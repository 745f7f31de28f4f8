package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Change is a number of a run beside that of its baseline, over what the two can be compared on. It is the number that a
// criterion on the change of the metric is about.
type Change struct {
	Metric string         // as in a criterion
	Eval   text.Untrusted // for a metric of an eval
	// Now and Then are over what is compared. They have no interval, and no value where nothing can be compared.
	Now, Then Estimate
	// By is now minus then, with its interval; in percentage points for a rate.
	By Estimate
	// Rows means that dataset rows are compared, each with itself; otherwise scenarios are. Of is how many they are,
	// Rose in how many of them the number is higher now, and Fell in how many it is lower.
	Rows           bool
	Of, Rose, Fell int
}

// ScenarioChanges are the rates of one scenario beside those of the baseline.
type ScenarioChanges struct {
	ID                    uuid.UUID
	Name                  text.Untrusted // as in [ScenarioSummary]
	SuccessRate, PassRate Change
}

// Changes are a run beside its baseline.
type Changes struct {
	// Calls are the metrics of calls, Evals those of each eval: its pass rate, or its score.
	Calls, Evals []Change
	Scenarios    []ScenarioChanges // in the order of the summaries
	// Cases are what both runs played.
	Cases []CasePair
}

// CasePair is what both runs played: a dataset row, or a scenario if the rows of one of its calls are unknown.
type CasePair struct {
	Scenario text.Untrusted
	Number   int // of the row within the scenario of this run; 0 if that has no other
	// Now and Then are the calls, as indices in the evidence and in the baseline without what is in quarantine.
	Now, Then []int
}

// shownChanges are the metrics of calls whose change reports show.
var shownChanges = []string{
	criteria.MetricPassRate, criteria.MetricFirstPassRate, criteria.MetricSuccessRate, criteria.MetricFirstSuccessRate,
	criteria.MetricOverallScore, criteria.MetricDuration, criteria.MetricResponseTime, criteria.MetricCost,
}

// ChangesOf compares a run with its baseline; nil without one that criteria can be about.
func ChangesOf(e Evidence, r Rules) *Changes {
	if r.Baseline = e.Against(r.Baseline); !r.Baseline.fault().IsEmpty() {
		return nil
	}
	j := newJudgement(e, r)
	c := &Changes{Cases: j.casePairs()}
	for _, name := range shownChanges {
		c.Calls = append(c.Calls, j.callChange(name))
	}
	for i := range j.now.evals {
		c.Evals = append(c.Evals, j.evalChange(&j.now.evals[i]))
	}
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		one := ScenarioChanges{ID: s.id, Name: s.name}
		if s.twin {
			one.Name = s.title()
		}
		if base, both := j.baseline.counterpart(s); both {
			one.SuccessRate = j.scenarioChange(criteria.MetricSuccessRate, int32(i), base)
			one.PassRate = j.scenarioChange(criteria.MetricPassRate, int32(i), base)
		}
		c.Scenarios = append(c.Scenarios, one)
	}
	return c
}

// callChange is the change of a metric of calls over the run.
func (j *judgement) callChange(name string) Change {
	m, _ := criteria.Find(name, false)
	return j.change(j.now.measure(m, nil), j.baseline.measure(m, nil))
}

// scenarioChange is that of one scenario.
func (j *judgement) scenarioChange(name string, now, then int32) Change {
	m, _ := criteria.Find(name, false)
	return j.change(j.now.measure(m, j.now.one(now)), j.baseline.measure(m, j.baseline.one(then)))
}

// evalChange is the change of the pass rate of a Pass/Fail eval, or of the score of another one.
func (j *judgement) evalChange(e *eval) Change {
	name := criteria.MetricScore
	if is, _ := e.isPassFail(); is {
		name = criteria.MetricPassRate
	}
	m, _ := criteria.Find(name, true)
	var then measured
	base, why := counterpart(e, j.baseline.evals)
	if then.why = why; base != nil {
		then = measureEval(m, base, "")
	}
	c := j.change(measureEval(m, e, ""), then)
	c.Eval = e.name
	return c
}

// change compares a metric with the baseline, just as a criterion does.
func (j *judgement) change(now, then measured) Change {
	m := now.metric
	points := m.Unit.Of(criteria.Criterion{Change: true})
	c := Change{Metric: m.Name, Now: Estimate{Unit: m.Unit}, Then: Estimate{Unit: m.Unit}, By: Estimate{Unit: points}}
	now, then, why := inBoth(now, then)
	if !why.IsEmpty() {
		return c
	}
	r, why := readChange(now, then, criteria.StatMean, j.basis(j.level))
	if !why.IsEmpty() {
		return c
	}
	c.By = r.estimate()
	c.By.Unit = points
	c.Now.Value, c.Then.Value = new(r.over.now), new(r.over.now-r.shown)
	c.Now.N, c.Then.N = r.n, r.n
	c.Rows, c.Of, c.Rose, c.Fell = r.byRow, r.over.of, r.over.rose, r.over.fell
	return c
}

// compared is what a change was measured on: dataset rows or scenarios.
type compared struct {
	now            float64 // the number of this run over them
	of, rose, fell int
}

// add counts one more of them, given its number now and then.
func (c *compared) add(now, then float64) {
	c.of++
	switch {
	case now > then:
		c.rose++
	case now < then:
		c.fell++
	}
}

// compared are the rates of the strata. Fractions of calls are compared exactly.
func (s strata) compared() (c compared) {
	hits, total := 0, 0
	for _, one := range s {
		hits, total = hits+one.Hits, total+one.Total
		c.add(float64(one.Hits*one.BaseTotal), float64(one.BaseHits*one.Total))
	}
	c.now = stats.Ratio(hits, max(total, 1)).Value
	return c
}

// casePairs are the dataset rows that both runs played, or the scenarios if the row of a judged call in one of these is
// unknown or no row has a judged call in both.
func (j *judgement) casePairs() []CasePair {
	all, ok := j.sharedCases(true)
	if !ok {
		all, _ = j.sharedCases(false)
	}
	slices.SortFunc(all, func(a, b *sharedCase) int {
		return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.row, b.row))
	})
	all = slices.DeleteFunc(all, func(p *sharedCase) bool { return len(p.Now) == 0 })
	var pairs []CasePair
	for i, p := range all {
		p.Scenario = j.now.scenarios[p.scenario].title()
		switch {
		case i > 0 && all[i-1].scenario == p.scenario:
			p.Number = all[i-1].Number + 1
		case i+1 < len(all) && all[i+1].scenario == p.scenario:
			p.Number = 1
		}
		if len(p.Then) > 0 {
			pairs = append(pairs, p.CasePair)
		}
	}
	return pairs
}

// sharedCase is a dataset row of a scenario that both runs have, or the scenario, with the calls of both runs.
type sharedCase struct {
	pairing
	CasePair
	judged, judgedThen bool // one of the calls is
}

// sharedCases are the calls of the scenarios that both runs have, by dataset row or by scenario. ok is false if they cannot be
// compared by row.
func (j *judgement) sharedCases(byRow bool) (all []*sharedCase, ok bool) {
	places := map[pairing]*sharedCase{}
	rowsKnown := true
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		base, both := j.baseline.counterpart(s)
		if !both {
			continue
		}
		each := func(r *roll, calls span, add func(p *sharedCase, at int, judged bool)) {
			for at := calls.from; at < calls.to; at++ {
				k, judged := pairing{scenario: int32(i)}, r.marks[at].outcome.known()
				if byRow {
					k.row = r.brief(at).Row
					rowsKnown = rowsKnown && (k.row > 0 || !judged)
				}
				p := places[k]
				if p == nil {
					p = &sharedCase{pairing: k}
					places[k] = p
					all = append(all, p)
				}
				add(p, r.index(at), judged)
			}
		}
		each(j.now.roll, s.span, func(p *sharedCase, at int, judged bool) {
			p.Now, p.judged = append(p.Now, at), p.judged || judged
		})
		each(j.baseline.roll, j.baseline.scenarios[base].span, func(p *sharedCase, at int, judged bool) {
			p.Then, p.judgedThen = append(p.Then, at), p.judgedThen || judged
		})
	}
	return all, rowsKnown && slices.ContainsFunc(all, func(p *sharedCase) bool { return p.judged && p.judgedThen })
}

// ScenarioChange is one scenario in both runs.
type ScenarioChange struct {
	Name      text.Untrusted
	Then, Now Share
}

// Share is how many calls are good, of those of which that is known.
type Share struct{ Good, Of int }

// all reports whether every call is good.
func (s Share) all() bool { return s.Good == s.Of }

// goodOf are the calls that passed or, without a bar, succeeded.
func goodOf(c Counts, byPass bool) Share {
	if !byPass {
		return Share{c.Succeeded, c.Judged}
	}
	return Share{c.Passed, c.Judged - (c.Succeeded - c.Passed - c.BelowBar)}
}
