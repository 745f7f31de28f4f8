package report

import (
	"math"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Direction is the direction in which a number improves.
type Direction int

// The directions.
const (
	Neither Direction = iota
	Higher
	Lower
)

// A Change is the difference of a number from the baseline.
type Change struct {
	Text  Figure
	Then  Figure // in the baseline
	Trend Trend
}

// A Trend tells whether a change is an improvement.
type Trend int

// The trends.
const (
	Steady Trend = iota // unchanged, or neither good nor bad
	Better
	Worse
)

// ChangeOf compares two estimates; nil if one of them is unknown.
func ChangeOf(now, then verdict.Estimate, wanted Direction) *Change {
	if Finite(now.Value) == nil || Finite(then.Value) == nil {
		return nil
	}
	d := *now.Value - *then.Value
	size := Decimal(math.Abs(d), max(places(now.Unit), 1))
	c := &Change{Then: Value(then), Text: "no change"}
	if size == "0" {
		return c
	}
	var sign Figure = "+"
	if d < 0 {
		sign = "−"
	}
	switch now.Unit {
	case criteria.UnitPercent:
		c.Text = sign + size + Plural(size, " point", " points")
	default:
		c.Text = sign + size + unitSuffix(now.Unit)
	}
	switch {
	case wanted == Neither:
	case (d > 0) == (wanted == Higher):
		c.Trend = Better
	default:
		c.Trend = Worse
	}
	return c
}
