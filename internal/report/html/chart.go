package html

import (
	"math"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Charts use percentages of their width, so that they fit every screen without scaling the
// text.

// An extent is a horizontal range in a chart: its start and width.
type extent struct{ X, Width report.Figure }

// intervalBar shows a measured value, its interval and the threshold.
type intervalBar struct {
	Tone     tone
	Label    report.Figure // the same as text
	Zone     *extent       // where the criterion is met
	Interval *extent
	Value    report.Figure // empty if there is none
	Bound    report.Figure // empty if there is none
	From, To report.Figure // ends of the axis
}

// scale is the range of an axis.
type scale struct{ low, high float64 }

// at returns the position of v on the axis, in percent; values beyond an end are drawn at it.
func (s scale) at(v float64) float64 {
	return 100 * min(max((v-s.low)/(s.high-s.low), 0), 1)
}

func (s scale) place(v float64) report.Figure { return report.Decimal(s.at(v), 2) + "%" }

// words names both ends.
func (s scale) words(unit criteria.Unit) report.Figure {
	return report.Rounded(s.low, unit, 2) + " to " + report.ValueTo(verdict.Estimate{Value: &s.high, Unit: unit}, 2)
}

func (s scale) extent(low, high float64) *extent {
	return &extent{X: s.place(low), Width: report.Decimal(s.at(high)-s.at(low), 2) + "%"}
}

// percentScale returns the part of 0 to 100 that contains the values: 99.2 and 99.5 cannot be
// told apart on the whole range.
func percentScale(low, high float64) scale {
	s := scale{0, 100}
	for _, from := range []float64{90, 95, 99} {
		if low >= from {
			s.low = from
		}
	}
	if s.low > 0 {
		return s
	}
	for _, to := range []float64{10, 5, 1} {
		if high <= to {
			s.high = to
		}
	}
	return s
}

// roundUp returns the next round number that is at least v.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 1.5, 2, 3, 5, 7.5} {
		if v <= n*unit {
			return n * unit
		}
	}
	return 10 * unit
}

// ranges are the scales of the numbers of a run that have no unit.
type ranges struct {
	score scale                   // of overall scores
	own   map[text.Untrusted]bool // evals whose scores are in their own unit
}

func newRanges(r report.Report) ranges {
	var all ranges
	all.score.low, all.score.high = report.ScoreRange(r)
	for _, e := range r.Verdict.Evals {
		if e.OwnUnit {
			if all.own == nil {
				all.own = map[text.Untrusted]bool{}
			}
			all.own[e.Name] = true
		}
	}
	return all
}

// eval is the scale of an eval's scores; the zero scale if their range is not known.
func (all ranges) eval(name text.Untrusted) scale {
	if all.own[name] {
		return scale{}
	}
	return scale{0, 100}
}

// of is the scale of what a check measures; the zero scale if its range is not known.
func (all ranges) of(c criteria.Criterion, check verdict.Check) scale {
	switch {
	case c.Stat == criteria.StatSum:
		return scale{}
	case c.Metric == criteria.MetricOverallScore:
		return all.score
	case c.Metric == criteria.MetricScore:
		return all.eval(report.CheckScope(check))
	}
	return scale{}
}

// axis returns the scale for an estimate and the numbers it is compared with. known is the range that numbers
// without a unit can have; the zero scale if that is unknown.
func axis(e verdict.Estimate, known scale, change bool, against ...float64) scale {
	values := against
	for _, v := range []*float64{e.Value, e.Low, e.High} {
		if report.Finite(v) != nil {
			values = append(values, *v)
		}
	}
	low, high := 0.0, 0.0
	for i, v := range values {
		if i == 0 || v < low {
			low = v
		}
		high = max(high, v)
	}
	switch {
	case change || low < 0:
		end := roundUp(max(high, -low))
		return scale{-end, end}
	case e.Unit == criteria.UnitPercent && high <= 100:
		return percentScale(low, high)
	case e.Unit == criteria.UnitNone && known != (scale{}) && known.holds(e, against):
		return known // an interval may extend beyond it
	}
	return scale{0, roundUp(high)}
}

// holds reports whether the value and the numbers it is compared with are on the scale.
func (s scale) holds(e verdict.Estimate, against []float64) bool {
	for _, v := range against {
		if v < s.low || v > s.high {
			return false
		}
	}
	return e.Value == nil || *e.Value >= s.low && *e.Value <= s.high
}

// bare draws an estimate without a threshold.
func bare(e verdict.Estimate, s scale, tone tone) *intervalBar {
	if report.Finite(e.Value) == nil {
		return nil
	}
	b := &intervalBar{Tone: tone, Label: report.Value(e), Value: s.place(*e.Value)}
	b.From, b.To = report.Rounded(s.low, e.Unit, 2), report.ValueTo(verdict.Estimate{Value: &s.high, Unit: e.Unit}, 2)
	if i := report.Interval(e); i != "" {
		b.Label += ", interval " + i
		from, to := s.low, s.high
		if report.Finite(e.Low) != nil {
			from = *e.Low
		}
		if report.Finite(e.High) != nil {
			to = *e.High
		}
		b.Interval = s.extent(from, to)
	}
	return b
}

// checkBar draws a check, with its threshold if the criterion can be parsed; nil without a
// value.
func checkBar(c verdict.Check, all ranges) *intervalBar {
	criterion, ok := report.Criterion(c)
	if !ok {
		return bare(c.Value, axis(c.Value, scale{}, false), checkTone(c.Outcome))
	}
	bound := criterion.Bound
	s := axis(c.Value, all.of(criterion, c), criterion.Change, bound)
	b := bare(c.Value, s, checkTone(c.Outcome))
	if b == nil {
		return nil
	}
	b.Bound = s.place(bound)
	b.Label += ", threshold " + report.Decimal(bound, 6)
	switch criterion.Op {
	case ">=", ">":
		b.Zone = s.extent(bound, s.high)
	case "<=", "<":
		b.Zone = s.extent(s.low, bound)
	}
	return b
}

// part is a share of a stacked bar.
type part struct {
	extent
	Class report.Lit
	Name  report.Lit
	N     report.Figure
}

// endingParts returns the endings of calls as shares of the planned calls.
func endingParts(n verdict.Counts, hasBar bool) []part {
	var parts []part
	at := 0.0
	for _, c := range report.EndingCounts(n, hasBar) {
		width := 100 * float64(c.N) / float64(max(n.Planned, n.Total))
		parts = append(parts, part{
			extent: extent{X: report.Decimal(at, 3) + "%", Width: report.Decimal(width, 3) + "%"},
			Class:  endingLooks[c.Ending].class, Name: c.Ending.Word(), N: report.Count(c.N),
		})
		at += width
	}
	return parts
}
