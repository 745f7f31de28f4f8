package report

import (
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Bar is a half-open range of scores and how many are in it.
type Bar struct {
	Label    Figure
	N        int
	From, To float64
}

// histogram counts scores into bars. The API's usual scale, CSAT from 1 to 10 with 0 as a
// fallback (contract, section 5), gets a bar per whole number, where 7 means 7 to under 8; any
// other scale gets ten equal bars.
func histogram(scores []float64) []Bar {
	if len(scores) == 0 || slices.ContainsFunc(scores, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
		return nil
	}
	low, high := slices.Min(scores), slices.Max(scores)
	if low >= 0 && high <= 10 && high > 1 {
		first := 1
		if low < 1 {
			first = 0
		}
		bars := make([]Bar, 11-first)
		for i := range bars {
			bars[i] = Bar{Label: Count(first + i), From: float64(first + i), To: float64(first + i + 1)}
		}
		for _, v := range scores {
			bars[int(v)-first].N++
		}
		return bars
	}
	step := (high - low) / 10
	if step <= 0 || math.IsInf(step, 0) {
		return nil // all scores are equal: a chart says nothing
	}
	bars := make([]Bar, 10)
	for i := range bars {
		from := low + float64(i)*step
		bars[i] = Bar{Label: Decimal(from, 2), From: from, To: from + step}
	}
	for _, v := range scores {
		bars[min(int((v-low)/step), 9)].N++
	}
	return bars
}

// minScored is the number of scores from which a chart says more than the numbers.
const minScored = 5

// ScoreBars returns the distribution of the overall scores of the succeeded calls, and their
// number: a mean of 7 can be all sevens, or tens and ones. There are no bars if a chart would
// say no more than the numbers.
func ScoreBars(r Report) (bars []Bar, scored int) {
	scores := overallScores(r)
	if len(scores) < minScored {
		return nil, len(scores)
	}
	return histogram(scores), len(scores)
}

// ScoreRange is the scale of the overall scores: 1 to 10, or 0 to 10 where a 0 occurs.
func ScoreRange(r Report) (low, high float64) {
	for _, v := range overallScores(r) {
		if v < 1 {
			return 0, criteria.MaxOverallScore
		}
	}
	return 1, criteria.MaxOverallScore
}

// CallBound is the lowest overall score that a call may have, by pass-when or by a criterion on the lowest
// score; ok is false without one. A bound on a mean is none on a call.
func CallBound(r Report) (bound float64, ok bool) {
	for _, c := range r.Rules.PassWhen {
		if c.Metric == criteria.MetricOverallScore && (c.Op == criteria.OpAtLeast || c.Op == criteria.OpAbove) {
			return c.Bound, true
		}
	}
	return ScoreBound(r, criteria.StatMin)
}

// ScoreBound is the lowest value that a criterion allows a statistic of the run's overall scores; ok is false
// without one.
func ScoreBound(r Report, stat string) (bound float64, ok bool) {
	for _, check := range r.Verdict.Checks {
		c, known := Criterion(check)
		if known && c.Scope.Kind == criteria.ScopeRun && c.Metric == criteria.MetricOverallScore && c.Stat == stat && !c.Change &&
			(c.Op == criteria.OpAtLeast || c.Op == criteria.OpAbove) {
			return c.Bound, true
		}
	}
	return 0, false
}

// overallScores returns the overall scores of the succeeded calls that are on the known scale.
func overallScores(r Report) []float64 {
	var scores []float64
	for i := range r.Evidence.Calls.Len() {
		if c := r.Evidence.Calls.Brief(i); c.Outcome() == verdict.Succeeded && c.OverallScore != nil && verdict.OnScoreScale(*c.OverallScore) {
			scores = append(scores, *c.OverallScore)
		}
	}
	return scores
}
