package reporttest

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func derive(v *verdict.Verdict, e verdict.Evidence) {
	byScenario := map[uuid.UUID]*verdict.ScenarioSummary{}
	names := map[text.Untrusted]int{}
	scenario := func(id uuid.UUID, name text.Untrusted) *verdict.ScenarioSummary {
		s := byScenario[id]
		if s == nil {
			s = &verdict.ScenarioSummary{ID: id, Name: name}
			byScenario[id] = s
			names[name]++
		}
		return s
	}
	scores := map[uuid.UUID][]float64{}
	var all, durations, costs []float64
	var tries, first, passedFirst int
	known, knownOf := 0, map[uuid.UUID]int{}
	lost := 0
	for _, c := range e.Calls.All() {
		s, passed := scenario(c.ScenarioID, c.Scenario), PassState(c)
		v.Passed = append(v.Passed, passed)
		for _, n := range []*verdict.Counts{&v.Counts, &s.Counts} {
			countCall(n, c, passed)
		}
		switch c.Outcome() {
		case verdict.Lost:
			lost++
		case verdict.Succeeded, verdict.Failed, verdict.Skipped:
			tries++
			if c.FirstOutcome == verdict.Succeeded {
				first++
			}
			if passed != verdict.PassUnknown {
				known++
				knownOf[c.ScenarioID]++
				if passed == verdict.Passed && c.FirstOutcome == verdict.Succeeded {
					passedFirst++
				}
			}
		}
		if c.Outcome() == verdict.Succeeded && c.OverallScore != nil {
			all = append(all, *c.OverallScore)
			scores[c.ScenarioID] = append(scores[c.ScenarioID], *c.OverallScore)
		}
		if c.DurationSeconds != nil {
			durations, costs = append(durations, *c.DurationSeconds), append(costs, *c.CostCents)
		}
	}
	for _, p := range e.Plan {
		if s := scenario(p.ID, p.Name); p.Calls != nil && *p.Calls > s.Counts.Total {
			s.Counts.Missing = *p.Calls - s.Counts.Total
			v.Counts.Missing += s.Counts.Missing
		}
	}
	v.Counts.Planned = v.Counts.Total + v.Counts.Missing
	n := v.Counts
	v.Metrics = verdict.Metrics{
		SuccessRate: rate(n.Succeeded, n.Judged), FirstSuccessRate: rate(first, tries),
		PassRate: rate(n.Passed, known), FirstPassRate: rate(passedFirst, known), JudgedRate: rate(n.Judged, n.Planned),
		ScoredRate: rate(n.Scored, n.Succeeded), FlakyRate: rate(n.Flaky, n.Judged),
		OverallScore: mean(all, criteria.UnitNone), Duration: mean(durations, criteria.UnitSeconds), Cost: mean(costs, criteria.UnitCents),
		ResponseTime: verdict.Estimate{Unit: criteria.UnitSeconds},
	}
	for id, s := range byScenario {
		s.Counts.Planned = s.Counts.Total + s.Counts.Missing
		s.SuccessRate, s.PassRate = rate(s.Counts.Succeeded, s.Counts.Judged), rate(s.Counts.Passed, knownOf[id])
		s.OverallScore = mean(scores[id], criteria.UnitNone)
		if names[s.Name] > 1 {
			s.Name = text.Sprintf("%s (%s)", s.Name, id.String()[:8])
		}
		v.Scenarios = append(v.Scenarios, *s)
	}
	slices.SortFunc(v.Scenarios, func(a, b verdict.ScenarioSummary) int {
		return cmp.Or(cmp.Compare(a.Name.Raw(), b.Name.Raw()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	if lost > 0 {
		failure, _ := calls.PlatformFailureOf(calls.Failed, text.New(NoBalance))
		v.Lost = []verdict.LostCalls{{PlatformFailure: failure, Calls: lost}}
		v.Warnings = append([]text.Untrusted{v.Lost[0].Sentence()}, v.Warnings...)
	}
	v.Cases = caseList(*v, e)
	v.Evals = summarise(e)
}

func countCall(n *verdict.Counts, c verdict.Call, passed verdict.PassState) {
	n.Total++
	if c.Status == calls.Completed {
		n.Completed++
	}
	switch c.Outcome() {
	case verdict.Succeeded:
		n.Succeeded++
		if c.OverallScore != nil {
			n.Scored++
		}
		switch passed {
		case verdict.Passed:
			n.Passed++
		case verdict.NotPassed:
			n.BelowBar++
		}
	case verdict.Failed:
		n.Failed++
	case verdict.Skipped:
		n.Skipped++
	case verdict.Cancelled:
		n.Cancelled++
	case verdict.Lost:
		n.Lost++
	case verdict.Open:
		n.Open++
	}
	n.Judged = n.Succeeded + n.Failed + n.Skipped
	if c.Flaky() {
		n.Flaky++
	}
}

func summarise(e verdict.Evidence) []verdict.EvalSummary {
	var out []verdict.EvalSummary
	for _, config := range e.Evals {
		s := verdict.EvalSummary{ConfigID: config.ID, Name: config.Name}
		chosen := map[text.Untrusted]int{}
		var numbers []float64
		for _, c := range e.Calls.All() {
			i := slices.IndexFunc(c.Evals, func(x calls.Eval) bool { return x.ConfigID() == config.ID })
			if c.Outcome() != verdict.Succeeded || i < 0 {
				if c.Outcome() == verdict.Succeeded {
					s.Pending++
				}
				continue
			}
			x := c.Evals[i]
			s.Type = x.Type()
			switch x.State() {
			case calls.EvalErrored:
				s.Errored++
			case calls.EvalSkipped:
				s.Skipped++
			case calls.EvalPending, calls.EvalEmpty:
				s.Pending++
			case calls.EvalScored:
				s.Results++
				switch x.Value().Kind {
				case calls.ValuePass:
					if x.Value().Passed {
						s.Passed++
					} else {
						s.Failed++
					}
				case calls.ValueScore:
					numbers = append(numbers, x.Value().Number*100)
				case calls.ValueNumeric:
					s.OwnUnit = true
					numbers = append(numbers, x.Value().Number)
				}
				for _, l := range x.Value().Labels {
					chosen[l]++
				}
			}
		}
		if s.PassFail = s.Passed+s.Failed > 0; s.PassFail {
			s.PassRate = rate(s.Passed, s.Passed+s.Failed)
		}
		s.Score = mean(numbers, criteria.UnitNone)
		for l, n := range chosen {
			s.Labels = append(s.Labels, verdict.LabelCount{Label: l, Count: n})
		}
		slices.SortFunc(s.Labels, func(a, b verdict.LabelCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label.Raw(), b.Label.Raw()))
		})
		out = append(out, s)
	}
	return out
}

// rate returns a percentage with its 95 % Wilson interval.
func rate(k, n int) verdict.Estimate {
	if n == 0 {
		return verdict.Estimate{Unit: criteria.UnitPercent}
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	middle, half := (p+z*z/2/m)/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/4/m/m)/(1+z*z/m)
	return verdict.Estimate{Value: new(100 * p), Low: new(100 * max(middle-half, 0)), High: new(100 * min(middle+half, 1)), N: n, Unit: criteria.UnitPercent}
}

// mean returns a mean with an interval of two standard errors.
func mean(values []float64, unit criteria.Unit) verdict.Estimate {
	e := verdict.Estimate{N: len(values), Unit: unit}
	if len(values) == 0 {
		return e
	}
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	m := sum / float64(len(values))
	for _, v := range values {
		squares += (v - m) * (v - m)
	}
	e.Value = &m
	if len(values) > 1 {
		half := 2 * math.Sqrt(squares/float64(len(values)-1)/float64(len(values)))
		e.Low, e.High = new(m-half), new(m+half)
	}
	return e
}

// check returns a criterion on the whole run with a lower bound.
func check(criterion string, e verdict.Estimate, bound float64) verdict.Check {
	c := verdict.Check{Criterion: criterion, Value: e, Outcome: verdict.NoData}
	switch {
	case e.Value == nil:
		c.Detail = text.New("nothing to measure")
	case *e.Value >= bound:
		c.Outcome = verdict.Met
	default:
		c.Outcome, c.Short = verdict.NotMet, bound-*e.Value
	}
	return c
}

// PassState returns whether a call passed: it succeeded, and is_helpful passed.
func PassState(c verdict.Call) verdict.PassState {
	switch c.Outcome() {
	case verdict.Failed, verdict.Skipped:
		return verdict.NotPassed
	case verdict.Succeeded:
	default:
		return verdict.PassUnknown
	}
	for _, e := range c.Evals {
		if e.Value().Kind != calls.ValuePass {
			continue
		}
		if e.Value().Passed {
			return verdict.Passed
		}
		return verdict.NotPassed
	}
	return verdict.PassUnknown
}

// blame fills in which calls keep the criteria from being met, as a judgement does.
func blame(r *report.Report) {
	for i := range r.Verdict.Checks {
		c := &r.Verdict.Checks[i]
		all, err := criteria.Parse(c.Criterion)
		if err != nil || c.Outcome != verdict.NotMet && c.Outcome != verdict.Undecided {
			continue
		}
		rules := r.Rules
		rules.Criteria = all
		for _, judged := range verdict.Judge(r.Evidence, rules).Checks {
			if judged.Scope == c.Scope {
				c.Worst = judged.Worst
			}
		}
	}
}
