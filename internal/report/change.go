package report

import (
	"math"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// direction is which way a number gets better.
type direction int

const (
	neither direction = iota
	higher
	lower
)

// A change is how far a number moved since the baseline.
type change struct {
	text  figure
	then  figure // what it was
	trend trend
}

// A trend says whether a change is for the better.
type trend int

const (
	steady trend = iota // no change, or one that is neither good nor bad
	better
	worse
)

// changeOf compares two estimates; nil when one of them is not known.
func changeOf(now, then verdict.Estimate, wanted direction) *change {
	if finite(now.Value) == nil || finite(then.Value) == nil {
		return nil
	}
	d := *now.Value - *then.Value
	size := decimal(math.Abs(d), max(places(now.Unit), 1))
	c := &change{then: value(then), text: "no change"}
	if size == "0" {
		return c
	}
	var sign figure = "+"
	if d < 0 {
		sign = "−"
	}
	switch now.Unit {
	case verdict.UnitPercent:
		c.text = sign + size + plural(size, " point", " points")
	default:
		c.text = sign + size + suffix(now.Unit)
	}
	switch {
	case wanted == neither:
	case (d > 0) == (wanted == higher):
		c.trend = better
	default:
		c.trend = worse
	}
	return c
}
