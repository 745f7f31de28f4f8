package report

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Figure is a formatted number, date or ID. Only the functions in this file make figures,
// from digits, letters and punctuation that are harmless in every format, so every writer may
// print them unescaped.
type Figure string

// Unknown is printed for an unknown value, since unknown is not zero.
const Unknown Figure = "–"

// Count formats a number of things.
func Count(n int) Figure { return Figure(strconv.Itoa(n)) }

// Decimal formats v with at most places decimals, without trailing zeros.
func Decimal(v float64, places int) Figure {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Unknown
	}
	if math.Abs(v) >= 1e15 { // nobody counts its digits
		return Figure(strconv.FormatFloat(v, 'g', 3, 64))
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return Figure(s)
}

// Rounded formats v in its unit, without the unit. A percentage below 100 is never rounded up
// to 100, and one above 0 never down to 0: 4,999 of 5,000 is not all.
func Rounded(v float64, unit criteria.Unit, places int) Figure {
	if unit == criteria.UnitPercent {
		for ; places < 6; places++ {
			f := Decimal(v, places)
			if (f == "100" && v != 100) || (f == "0" && v != 0) {
				continue
			}
			return f
		}
	}
	return Decimal(v, places)
}

// places is the number of decimals of a unit.
func places(unit criteria.Unit) int {
	switch unit {
	case criteria.UnitNone:
		return 2
	case criteria.UnitCalls:
		return 0
	}
	return 1
}

// unitSuffix is printed after a number of the unit.
func unitSuffix(unit criteria.Unit) Figure {
	switch unit {
	case criteria.UnitPercent:
		return "%"
	case criteria.UnitPoints:
		return " points"
	case criteria.UnitSeconds:
		return " s"
	case criteria.UnitCents:
		return " ¢"
	}
	return ""
}

// Value formats an estimate's value with its unit.
func Value(e verdict.Estimate) Figure { return ValueTo(e, places(e.Unit)) }

// ValueTo is Value with the given number of decimals.
func ValueTo(e verdict.Estimate, places int) Figure {
	if e.Value == nil {
		return Unknown
	}
	return Rounded(*e.Value, e.Unit, places) + unitSuffix(e.Unit)
}

// CheckValue formats the value of a check with its unit, and with its sign if it is a change.
func CheckValue(c verdict.Check) Figure {
	f := ValueTo(c.Value, CheckPlaces(c))
	if one, ok := Criterion(c); ok && one.Change && c.Value.Value != nil && *c.Value.Value > 0 {
		f = "+" + f
	}
	return f
}

// Interval formats an estimate's interval without the unit; empty without an interval. An
// interval with one end is open, as for a percentile of few values.
func Interval(e verdict.Estimate) Figure { return intervalTo(e, places(e.Unit)) }

// intervalTo is Interval with the given number of decimals.
func intervalTo(e verdict.Estimate, p int) Figure {
	switch {
	case e.Low == nil && e.High == nil:
		return ""
	case e.High == nil:
		return "≥ " + Rounded(*e.Low, e.Unit, p)
	case e.Low == nil:
		return "≤ " + Rounded(*e.High, e.Unit, p)
	}
	dash := Figure("–")
	if *e.Low < 0 || *e.High < 0 {
		dash = " to " // "-5–-3" cannot be read
	}
	return Rounded(*e.Low, e.Unit, p) + dash + Rounded(*e.High, e.Unit, p)
}

// CheckPlaces is the number of decimals that shows on which side of the bound the value of a check is, and by how much
// it is missed: 94.97 must not be printed as 95 if the threshold is 95.
func CheckPlaces(c verdict.Check) int {
	p := places(c.Value.Unit)
	for ; c.Short > 0 && p < mostPlaces; p++ {
		if f := Decimal(c.Short, p); f != "0" {
			break
		}
	}
	if v := Finite(c.Value.Value); v != nil && c.Margin > 0 {
		p = max(p, placesBeside(c, *v))
	}
	return p
}

// CheckInterval is the interval of a check, with the decimals that show on which sides of the bound its ends are.
func CheckInterval(c verdict.Check) Figure {
	p := places(c.Value.Unit)
	for _, end := range []*float64{c.Value.Low, c.Value.High} {
		if v := Finite(end); v != nil {
			p = max(p, placesBeside(c, *v))
		}
	}
	return intervalTo(c.Value, p)
}

// mostPlaces is the most decimals that are printed.
const mostPlaces = 6

// placesBeside is the number of decimals with which a number stands on its side of the bound of a check.
func placesBeside(check verdict.Check, v float64) int {
	p := places(check.Value.Unit)
	c, ok := Criterion(check)
	if !ok {
		return p
	}
	side := cmp.Compare(v, c.Bound)
	for ; p < mostPlaces; p++ {
		if shown, err := strconv.ParseFloat(string(Rounded(v, check.Value.Unit, p)), 64); err != nil || cmp.Compare(shown, c.Bound) == side {
			return p
		}
	}
	if math.Abs(v-c.Bound) < 1e-6 { // it is the bound, but for the last bits
		return places(check.Value.Unit)
	}
	return p
}

// MissedBy formats by how much a check is missed; empty if it is not.
func MissedBy(c verdict.Check) Figure {
	if c.Outcome != verdict.NotMet || c.Short <= 0 || math.IsInf(c.Short, 0) {
		return ""
	}
	f := Decimal(c.Short, CheckPlaces(c))
	switch c.Value.Unit {
	case criteria.UnitPercent, criteria.UnitPoints:
		return f + Plural(f, " point", " points")
	case criteria.UnitCalls:
		return f + Plural(f, " call", " calls")
	}
	return f + unitSuffix(c.Value.Unit)
}

// Plural chooses the word for a formatted number.
func Plural(n, one, many Figure) Figure {
	if n == "1" {
		return one
	}
	return many
}

// Level is the confidence level of a report's intervals, in percent. Rules without one use the
// input's default (verdict.Rules).
func Level(r Report) float64 {
	if r.Rules.Confidence == 0 {
		return 95
	}
	return r.Rules.Confidence
}

// Intervals says at which level the report's intervals are, and what they speak of.
func Intervals(r Report) Figure {
	of := Figure("these scenarios run again")
	if r.Rules.IntervalFor == verdict.IntervalForPopulation {
		of = "scenarios like these"
	}
	return Decimal(Level(r), 1) + "%, " + of
}

// figure converts the ending's term, which is ours.
func (e Ending) figure() Figure { return Figure(e.Word()) }

// CountCalls formats a number of calls.
func CountCalls(n int) Figure { return Count(n) + Plural(Count(n), " call", " calls") }

// CountGates formats a number of gates.
func CountGates(n int) Figure { return Count(n) + Plural(Count(n), " gate", " gates") }

// Number formats an optional number; Unknown if it is nil.
func Number(v *float64, places int) Figure {
	if v == nil {
		return Unknown
	}
	return Decimal(*v, places)
}

// Moment formats a time in UTC.
func Moment(t time.Time) Figure {
	if t.IsZero() {
		return Unknown
	}
	return Figure(t.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Duration formats a duration.
func Duration(d time.Duration) Figure {
	if d < 10*time.Second {
		return Decimal(d.Seconds(), 1) + " s"
	}
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return Count(h) + " h " + Count(m) + " min"
	case m > 0:
		return Count(m) + " min " + Count(s) + " s"
	}
	return Count(s) + " s"
}

// Money formats an amount of US cents in dollars.
func Money(cents float64) Figure { return Figure(budget.Dollars(cents)) }

// Minutes formats a number of call minutes.
func Minutes(m float64) Figure { return Figure(budget.Minutes(m)) }

// ShortID is the first group of an ID, enough to find a call in a list.
func ShortID(id uuid.UUID) Figure { return Figure(id.String()[:8]) }

// ShortCommit is the abbreviated commit ID that GitHub and GitLab link; empty if sha is not a
// commit ID.
func ShortCommit(sha string) Figure {
	if len(sha) < 7 || strings.Trim(sha, "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return Figure(sha[:7])
}

// FullID formats an ID; Unknown if it is nil.
func FullID(id uuid.UUID) Figure {
	if id == uuid.Nil {
		return Unknown
	}
	return Figure(id.String())
}

// Finite returns nil for numbers that JSON cannot represent.
func Finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// Needed is a bound as it stands after "need": "80" for at least 80.
func Needed(op string, bound float64) Figure { return Figure(criteria.Needed(op, bound)) }
