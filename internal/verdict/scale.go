package verdict

import (
	"github.com/agent-gate/agent-gate/internal/client"
)

// Scale is what the values of an eval's score are, as far as it is known before a run.
type Scale string

// The scales.
const (
	ScaleHundred Scale = "0-100" // passed is 100, failed is 0, a 0-1 score is taken times 100
	ScalePlain   Scale = "plain" // plain numbers, taken as they are
)

// ScalesOf are the scales of the evals of a run, by their names, as its results tell. Evals
// without a result, or with results that have no score, are not among them. Those with
// results of both kinds are on 0-100: plain numbers beside those are not their scale.
func ScalesOf(calls Calls) map[string]Scale {
	scales := map[string]Scale{}
	for _, c := range calls.All() {
		for _, e := range c.Evals {
			name := e.Name().Raw()
			if e.State() != client.EvalScored || name == "" {
				continue
			}
			switch e.Kind() {
			case client.ValuePass, client.ValueScore:
				scales[name] = ScaleHundred
			case client.ValueNumeric:
				if scales[name] == "" {
					scales[name] = ScalePlain
				}
			}
		}
	}
	return scales
}

// ScoreMistakes are the criteria and conditions on the score of an eval whose bound cannot be
// meant: above 0 and up to 1 where scores go to 100, or on a known scale of 0 to 100 one that
// no value can miss or meet. Scales are those of earlier runs, by the eval's name; an eval that
// is not among them counts as one on 0-100 for fractions, and else as not known. A criterion on
// each eval is on 0-100 unless all that are known are plain.
func (r Rules) ScoreMistakes(scales map[string]Scale) []Mistake {
	var all []Mistake
	for _, c := range r.Criteria {
		if c.Metric != metricScore || !c.Scope.Kind.evals() {
			continue
		}
		one := !c.Change && c.Stat != statSum
		problem, op := uselessScore(scaleOf(scales, c.Scope.Name), c.values(hundred()), c.Op, c.Bound, one)
		if problem != "" {
			all = append(all, c.mistake(problem, c.with(op)))
		}
	}
	for _, c := range r.PassWhen {
		if c.Kind != ConditionNumber || c.Eval == "" {
			continue
		}
		if problem, op := uselessScore(scaleOf(scales, c.Eval), hundred(), c.Op, c.Bound, true); problem != "" {
			all = append(all, c.mistake(problem, c.with(op)))
		}
	}
	return all
}

// hundred are the values of a score on 0-100.
func hundred() reach { return reach{low: 0, high: 100} }

// scaleOf is the scale of the eval of that name; no name stands for each.
func scaleOf(scales map[string]Scale, name string) Scale {
	if name != "" {
		return scales[name]
	}
	common := Scale("")
	for _, s := range scales {
		if s == ScaleHundred {
			return ScaleHundred
		}
		common = s
	}
	return common
}

// uselessScore says why a bound on a score of that scale cannot be meant. One is true when the
// values are those of single calls, of which a part of one may be meant.
func uselessScore(scale Scale, values reach, op string, bound float64, one bool) (problem, meant string) {
	if scale == ScalePlain {
		return "", ""
	}
	if one && bound > 0 && bound <= 1 {
		problem = "the score goes from 0 to 100"
		if scale == "" {
			problem = "a score goes from 0 to 100, unless the eval gives plain numbers, which no earlier run tells"
		}
		return problem + ": write " + asPercent(bound) + " for " + shortBound(bound) + " of 1", ""
	}
	if scale == "" {
		return "", ""
	}
	return values.useless(op, bound, metricScore)
}
