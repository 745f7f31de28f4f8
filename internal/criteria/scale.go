package criteria

import (
	"slices"
)

// Scale is the scale of an eval's score, as far as it is known before a run.
type Scale string

// The scales.
const (
	ScaleHundred Scale = "0-100" // passed is 100, failed 0, a 0-1 score is multiplied by 100
	ScalePlain   Scale = "plain" // plain numbers, taken as they are
	// ScalePassFail is 0-100 with passes and fails only.
	ScalePassFail Scale = "pass/fail"
)

// ScoreMistakes are the mistakes in bounds on an eval's score: above 0 and up to 1 although scores
// go to 100; on a known 0-100 scale, bounds that every value or none meets; and bounds that exclude
// one on the pass rate of a Pass/Fail eval, which is the mean of its score. scales are those of
// earlier runs, by the eval's name. An eval without one is treated as 0-100 for fractions and as
// unknown otherwise. A criterion on each eval is on 0-100 unless all known scales are plain.
func (s Set) ScoreMistakes(scales map[string]Scale) []Mistake {
	return s.scoreMistakes(func(name string) Scale { return scaleOf(scales, name) })
}

// NeedsScales reports whether the result of [Set.ScoreMistakes] may depend on scales of earlier
// runs.
func (s Set) NeedsScales() bool {
	for _, scale := range []Scale{"", ScalePassFail} {
		if len(s.scoreMistakes(func(string) Scale { return scale })) > 0 {
			return true
		}
	}
	return false
}

// scoreMistakes are the mistakes given the scale of each eval name; the empty name is each eval.
func (s Set) scoreMistakes(scale func(name string) Scale) []Mistake {
	var all []Mistake
	for i, c := range s.Criteria {
		if !c.Scope.Kind.evals() {
			continue
		}
		if problem := excluded(c.passFailScore(scale), s.passFailScores(i, scale)); problem != "" && excluded(c, s.Criteria[:i]) == "" {
			all = append(all, c.mistake(problem, ""))
			continue
		}
		if c.Metric != MetricScore {
			continue
		}
		one := !c.Change && c.Stat != StatSum
		problem, op := uselessScore(scale(c.Scope.Name), c.values(hundred()), c.Op, c.Bound, one)
		if problem != "" {
			all = append(all, c.mistake(problem, c.with(op)))
		}
	}
	for _, c := range s.PassWhen {
		if c.Kind != ConditionNumber || c.Eval == "" {
			continue
		}
		if problem, op := uselessScore(scale(c.Eval), hundred(), c.Op, c.Bound, true); problem != "" {
			all = append(all, c.mistake(problem, c.with(op)))
		}
	}
	return all
}

// scoreOf is a criterion on an eval's pass rate, rewritten as one on its score.
type scoreOf struct {
	Criterion
	passRate bool // written holds the pass rate
	scale    Scale
	written  Criterion
}

// passFailScore rewrites the criterion as one on the score.
func (c Criterion) passFailScore(scale func(name string) Scale) scoreOf {
	s := scoreOf{Criterion: c, written: c, scale: scale(c.Scope.Name)}
	if c.Metric == MetricPassRate || c.Metric == MetricShare && c.Label == labelPassed {
		s.passRate = true
		s.Metric, s.Label, s.Stat = MetricScore, "", StatMean
	}
	return s
}

// passFailScores rewrites the criteria before one. There are none if scores also cover calls that
// broke off, which pass rates never do.
func (s Set) passFailScores(before int, scale func(name string) Scale) []scoreOf {
	var all []scoreOf
	for _, c := range s.Criteria[:before] {
		if c.Scope.Kind.evals() && !s.BoundsSuccess() {
			all = append(all, c.passFailScore(scale))
		}
	}
	return all
}

// excludes reports whether no Pass/Fail eval meets both, one on its pass rate and one on its score.
func (s scoreOf) excludes(other scoreOf) bool {
	passFail := s.scale == ScalePassFail && (s.Scope.Name != "" || other.Scope.Name == "") || other.scale == ScalePassFail && other.Scope.Name != ""
	return s.passRate != other.passRate && s.Metric == MetricScore && other.Metric == MetricScore && passFail && s.Criterion.excludes(other.Criterion)
}

// title names the criterion as it was written.
func (s scoreOf) title() string {
	return s.written.title()
}

// hundred is the range of a score on 0-100.
func hundred() reach { return reach{low: 0, high: 100} }

// scaleOf is the scale of the eval of that name; the empty name is each eval.
func scaleOf(scales map[string]Scale, name string) Scale {
	if name != "" {
		return scales[name]
	}
	common := Scale("")
	for _, s := range scales {
		if order := []Scale{"", ScalePlain, ScaleHundred, ScalePassFail}; slices.Index(order, s) > slices.Index(order, common) {
			common = s
		}
	}
	return common
}

// uselessScore says what is wrong with a bound on a score of that scale. one means that values are
// per call: a fraction may then be meant.
func uselessScore(scale Scale, values reach, op string, bound float64, one bool) (problem, meant string) {
	if scale == ScalePlain {
		return "", ""
	}
	if one && bound > 0 && bound <= 1 {
		problem = "the score goes from 0 to 100"
		if scale == "" {
			problem = "a score goes from 0 to 100 unless the eval gives plain numbers, which no earlier run shows"
		}
		return problem + ": write " + asPercent(bound) + " instead of " + shortBound(bound), ""
	}
	if scale == "" {
		return "", ""
	}
	return values.useless(op, bound, MetricScore)
}
