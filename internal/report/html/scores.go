package html

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
)

// scoresView is the distribution of the overall scores.
type scoresView struct {
	Title report.Figure
	Bars  []barView
	Mean  *markView
	Bound *markView  // the least that a call may have, or else the threshold for the mean
	What  report.Lit // what the bound is
}

// barView is a bar of the histogram: horizontally in percent of the width, vertically in
// pixels.
type barView struct {
	extent
	Middle report.Figure
	LabelX report.Figure
	Y      report.Figure
	Height report.Figure
	LabelY report.Figure
	Label  report.Figure
	Range  report.Figure
	N      report.Figure // empty for none
	Share  report.Figure
	Tone   tone
}

// markView is a vertical line across the histogram.
type markView struct {
	X      report.Figure
	Value  report.Figure
	Anchor report.Lit // side of the line on which its text is
}

// The histogram's size in pixels, also in the template.
const (
	histogramTop    = 52
	histogramHeight = 150
)

// scores draws the overall scores of the succeeded calls: a mean of 7 can be all sevens, or
// tens and ones.
func scores(r report.Report) *scoresView {
	bars, scored := report.ScoreBars(r)
	if len(bars) == 0 {
		return nil
	}
	highest := 0
	for _, b := range bars {
		highest = max(highest, b.N)
	}
	s := scale{bars[0].From, bars[len(bars)-1].To}
	// A bar that covers one whole number has its label in the middle, any other at its left
	// edge. Marks have to match the labels.
	shift := 0.0
	if bars[0].To-bars[0].From == 1 {
		shift = 0.5
	}
	out := &scoresView{Title: report.CountCalls(scored)}
	// A bar is red where the bound is on calls. Half the calls below a bound on their mean are no fault.
	bound, bounded := report.CallBound(r)
	onCalls := bounded
	out.What = "lowest allowed"
	if !onCalls {
		out.What = "threshold"
		bound, bounded = report.ScoreBound(r, criteria.StatMean)
	}
	for _, b := range bars {
		height := float64(histogramHeight) * float64(b.N) / float64(highest)
		if b.N > 0 {
			height = max(height, 2)
		}
		gap := (b.To - b.From) * 0.06
		v := barView{
			extent: *s.extent(b.From+gap, b.To-gap),
			Middle: s.place((b.From + b.To) / 2),
			LabelX: s.place(b.From + shift),
			Y:      report.Decimal(histogramTop+histogramHeight-height, 1),
			Height: report.Decimal(height, 1),
			LabelY: report.Decimal(histogramTop+histogramHeight-height-6, 1),
			Label:  b.Label,
			Range:  report.Decimal(b.From, 2) + " to under " + report.Decimal(b.To, 2),
			Share:  report.Rounded(100*float64(b.N)/float64(scored), criteria.UnitPercent, 1) + "%",
			Tone:   neutral,
		}
		if b.N > 0 {
			v.N = report.Count(b.N)
		}
		if onCalls && b.From < bound {
			v.Tone = bad
		}
		out.Bars = append(out.Bars, v)
	}
	mean := r.Verdict.Metrics.OverallScore
	if report.Finite(mean.Value) != nil {
		out.Mean = s.mark(*mean.Value+shift, report.Value(mean), !bounded || *mean.Value >= bound)
	}
	if bounded && bound >= s.low && bound <= s.high {
		out.Bound = s.mark(bound+shift, report.Decimal(bound, 2), report.Finite(mean.Value) == nil || *mean.Value < bound)
	}
	return out
}

// mark makes a line with its text on the outer side, so that two lines do not cross each
// other's text, unless the text would leave the chart.
func (s scale) mark(v float64, printed report.Figure, right bool) *markView {
	m := &markView{X: s.place(v), Value: printed, Anchor: "end"}
	if at := s.at(v); right && at < 78 || at < 30 {
		m.Anchor = "start"
	}
	return m
}
