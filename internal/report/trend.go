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
	Then  Figure // in the baseline, over what is compared
	Over  Figure // what is compared
	Trend Trend
}

// A Trend tells whether a change is an improvement.
type Trend int

// The trends.
const (
	Steady Trend = iota // unchanged, neither good nor bad, or as well as unchanged by its interval
	Better
	Worse
)

// trendOf is the trend of a difference.
func trendOf(d float64, wanted Direction) Trend {
	switch {
	case wanted == Neither || d == 0:
		return Steady
	case (d > 0) == (wanted == Higher):
		return Better
	}
	return Worse
}

// aroundZero reports whether the interval of a change has both signs, so that it may be none.
func aroundZero(by verdict.Estimate) bool {
	low, high := Finite(by.Low), Finite(by.High)
	return low != nil && high != nil && *low <= 0 && *high >= 0
}

// changeOf formats a change; nil if there is none.
func changeOf(c verdict.Change, wanted Direction) *Change {
	if Finite(c.By.Value) == nil {
		return nil
	}
	d := *c.By.Value
	size := Decimal(math.Abs(d), max(places(c.By.Unit), 1))
	out := &Change{Then: Value(c.Then), Text: "no change", Over: Count(c.Of) + Plural(Count(c.Of), " scenario", " scenarios")}
	if c.Rows {
		out.Over = Count(c.Of) + Plural(Count(c.Of), " dataset row", " dataset rows")
	}
	if size == "0" {
		return out
	}
	if !aroundZero(c.By) {
		out.Trend = trendOf(d, wanted)
	}
	var sign Figure = "+"
	if d < 0 {
		sign = "-" // as in criteria and every other number
	}
	out.Text = sign + size + unitSuffix(c.By.Unit)
	if c.By.Unit == criteria.UnitPoints {
		out.Text = sign + size + Plural(size, " point", " points")
	}
	return out
}
