package criteria

import (
	"slices"
)

// Scale is what the values of an eval's score are, as far as it is known before a run.
type Scale string

// The scales.
const (
	ScaleHundred Scale = "0-100" // passed is 100, failed is 0, a 0-1 score is taken times 100
	ScalePlain   Scale = "plain" // plain numbers, taken as they are
	// ScalePassFail is 0-100 on which there are passes and fails alone.
	ScalePassFail Scale = "pass/fail"
)

// ScoreMistakes are the criteria and conditions on the score of an eval whose bound cannot be
// meant: above 0 and up to 1 where scores go to 100, or on a known scale of 0 to 100 one that
// no value can miss or meet, or whose bound excludes one on the pass rate of a Pass/Fail eval,
// which is the mean of its score. Scales are those of earlier runs, by the eval's name; an eval that
// is not among them counts as one on 0-100 for fractions, and else as not known. A criterion on
// each eval is on 0-100 unless all that are known are plain.
func (s Set) ScoreMistakes(scales map[string]Scale) []Mistake {
	return s.scoreMistakes(func(name string) Scale { return scaleOf(scales, name) })
}

// NeedsScales reports whether [Set.ScoreMistakes] may find some that depend on the scales of
// earlier runs.
func (s Set) NeedsScales() bool {
	for _, scale := range []Scale{"", ScalePassFail} {
		if len(s.scoreMistakes(func(string) Scale { return scale })) > 0 {
			return true
		}
	}
	return false
}

// scoreMistakes are those where the evals of a name have that scale; no name stands for each.
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

// scoreOf is a criterion on the pass rate of an eval as one on its score.
type scoreOf struct {
	Criterion
	passRate bool // it is one on the pass rate
	scale    Scale
	written  Criterion
}

// passFailScore is the criterion as one on the score.
func (c Criterion) passFailScore(scale func(name string) Scale) scoreOf {
	s := scoreOf{Criterion: c, written: c, scale: scale(c.Scope.Name)}
	if c.Metric == MetricPassRate || c.Metric == MetricShare && c.Label == labelPassed {
		s.passRate = true
		s.Metric, s.Label, s.Stat = MetricScore, "", StatMean
	}
	return s
}

// passFailScores are the criteria before one on the scores of evals. There are none where the
// score is also taken over calls that broke off, as the pass rate never is.
func (s Set) passFailScores(before int, scale func(name string) Scale) []scoreOf {
	var all []scoreOf
	for _, c := range s.Criteria[:before] {
		if c.Scope.Kind.evals() && !s.BoundsSuccess() {
			all = append(all, c.passFailScore(scale))
		}
	}
	return all
}

// excludes reports whether no Pass/Fail eval meets both, one on its pass rate and the other on
// its score.
func (s scoreOf) excludes(other scoreOf) bool {
	passFail := s.scale == ScalePassFail && (s.Scope.Name != "" || other.Scope.Name == "") || other.scale == ScalePassFail && other.Scope.Name != ""
	return s.passRate != other.passRate && s.Metric == MetricScore && other.Metric == MetricScore && passFail && s.Criterion.excludes(other.Criterion)
}

// title names the criterion as it was written.
func (s scoreOf) title() string {
	return s.written.title()
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
		if order := []Scale{"", ScalePlain, ScaleHundred, ScalePassFail}; slices.Index(order, s) > slices.Index(order, common) {
			common = s
		}
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
			problem = "a score goes from 0 to 100 unless the eval gives plain numbers, which no earlier run shows"
		}
		return problem + ": write " + asPercent(bound) + " instead of " + shortBound(bound), ""
	}
	if scale == "" {
		return "", ""
	}
	return values.useless(op, bound, MetricScore)
}
