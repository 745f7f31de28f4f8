package report

import (
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// htmlScores is how the overall scores are spread.
type htmlScores struct {
	Title figure
	Bars  []htmlBar
	Mean  *htmlMark
	Bound *htmlMark // what a criterion asks of the mean
}

// htmlBar is a bar of the histogram, in percent of its width and in pixels of its height.
type htmlBar struct {
	extent
	Middle figure
	LabelX figure
	Y      figure
	Height figure
	LabelY figure
	Label  figure
	Range  figure
	N      figure // empty for none
	Share  figure
	Tone   tone
}

// htmlMark is a line across the histogram.
type htmlMark struct {
	X      figure
	Value  figure
	Anchor lit // on which side of the line its text stands
}

// The histogram's size in pixels, which stands in the template too.
const (
	histogramTop    = 52
	histogramHeight = 150
)

// scores draws the overall scores of the succeeded calls: a mean of 7 can be all sevens,
// or tens and ones.
func scores(r Report) *htmlScores {
	bars, scored := scoreBars(r)
	if len(bars) == 0 {
		return nil
	}
	highest := 0
	for _, b := range bars {
		highest = max(highest, b.n)
	}
	s := scale{bars[0].from, bars[len(bars)-1].to}
	// A bar of one whole number has it in its middle, any other its lowest number at its
	// side; what marks a number has to stand where the eye looks for it.
	shift := 0.0
	if bars[0].to-bars[0].from == 1 {
		shift = 0.5
	}
	out := &htmlScores{Title: calls(scored)}
	bound, bounded := scoreBound(r)
	for _, b := range bars {
		height := float64(histogramHeight) * float64(b.n) / float64(highest)
		if b.n > 0 {
			height = max(height, 2)
		}
		gap := (b.to - b.from) * 0.06
		v := htmlBar{
			extent: *s.extent(b.from+gap, b.to-gap),
			Middle: s.place((b.from + b.to) / 2),
			LabelX: s.place(b.from + shift),
			Y:      decimal(histogramTop+histogramHeight-height, 1),
			Height: decimal(height, 1),
			LabelY: decimal(histogramTop+histogramHeight-height-6, 1),
			Label:  b.label,
			Range:  decimal(b.from, 2) + " to below " + decimal(b.to, 2),
			Share:  rounded(100*float64(b.n)/float64(scored), verdict.UnitPercent, 1) + "%",
			Tone:   neutral,
		}
		if b.n > 0 {
			v.N = count(b.n)
		}
		if bounded && b.from+shift < bound {
			v.Tone = bad
		}
		out.Bars = append(out.Bars, v)
	}
	mean := r.Verdict.Metrics.OverallScore
	if finite(mean.Value) != nil {
		out.Mean = s.mark(*mean.Value+shift, value(mean), !bounded || *mean.Value >= bound)
	}
	if bounded && bound >= s.low && bound <= s.high {
		out.Bound = s.mark(bound+shift, decimal(bound, 2), finite(mean.Value) == nil || *mean.Value < bound)
	}
	return out
}

// mark makes a line with its text on the outer side, so that two lines do not cross each
// other's text, unless that would lie outside of the picture.
func (s scale) mark(v float64, printed figure, right bool) *htmlMark {
	m := &htmlMark{X: s.place(v), Value: printed, Anchor: "end"}
	if at := s.at(v); right && at < 78 || at < 30 {
		m.Anchor = "start"
	}
	return m
}

// scoreBound is what a criterion asks of the mean overall score of the run.
func scoreBound(r Report) (float64, bool) {
	for _, c := range r.Verdict.Checks {
		p, ok := parsed(c)
		if ok && p.Scope.Kind == verdict.ScopeRun && p.Metric == "overall_score" && p.Stat == "mean" && !p.Change &&
			(p.Op == ">=" || p.Op == ">") {
			return p.Bound, true
		}
	}
	return 0, false
}
