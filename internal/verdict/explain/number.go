package explain

import (
	"math"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
)

// number prints v with at most two decimals and no trailing zeros. It uses more decimals where v
// would otherwise look equal to one of the limits: 99.999 percent is not 100, and 94.999 misses 95.
func number(v float64, limits ...float64) string { return rounded(v, 2, limits) }

// rounded is number, starting at the given number of decimals.
func rounded(v float64, decimals int, limits []float64) string {
	if math.Abs(v) >= 1e18 {
		return strconv.FormatFloat(v, 'g', 6, 64) // beyond what a float can count
	}
	for ; ; decimals++ {
		s := strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		if s == "-0" {
			s = "0"
		}
		printed, _ := strconv.ParseFloat(s, 64) // cannot fail on what FormatFloat wrote
		mistaken := false
		for _, limit := range limits {
			mistaken = mistaken || printed == limit && !stats.Same(v, limit)
		}
		if !mistaken || decimals >= 9 {
			return s
		}
	}
}

// suffix is what follows a number in the unit.
func suffix(u criteria.Unit) string {
	switch u {
	case criteria.UnitPercent:
		return "%"
	case criteria.UnitSeconds:
		return " s"
	case criteria.UnitCents:
		return " cents"
	case criteria.UnitPoints:
		return " points"
	case criteria.UnitCalls:
		return ""
	}
	return ""
}

// quantity prints a number in its unit, distinguishable from each limit.
func quantity(u criteria.Unit, v float64, limits ...float64) string {
	if u == criteria.UnitPercent {
		limits = append(limits, 0, 100)
	}
	return rounded(v, decimals(u), limits) + suffix(u)
}

// rangeWords prints an interval: "62.1–81.4%", or the end that is known. Both ends stay
// distinguishable from the bound.
func rangeWords(u criteria.Unit, low, high *float64, bound float64) string {
	limits := []float64{bound}
	if u == criteria.UnitPercent {
		limits = append(limits, 0, 100)
	}
	end := func(v float64) string { return rounded(v, decimals(u), limits) }
	switch {
	case low == nil && high == nil:
		return "unknown"
	case low == nil:
		return "up to " + end(*high) + suffix(u)
	case high == nil:
		return end(*low) + suffix(u) + " or more"
	case *low < 0 || *high < 0:
		return end(*low) + " to " + end(*high) + suffix(u)
	}
	return end(*low) + "–" + end(*high) + suffix(u)
}

// decimals is how many decimals a number in the unit has, unless a limit needs more: as many as in lists.
func decimals(u criteria.Unit) int {
	if u == criteria.UnitNone {
		return 2
	}
	return 1
}
