package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A figure is a number, a date or an id as it is printed. Only the functions of this
// file make figures, of digits, letters and punctuation that mean nothing to any sink,
// so that every writer may print one as it is.
type figure string

// unknown stands where a value is not known, since unknown is not zero.
const unknown figure = "–"

// count prints a number of things.
func count(n int) figure { return figure(strconv.Itoa(n)) }

// decimal prints v with at most places decimals and without trailing zeros.
func decimal(v float64, places int) figure {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return unknown
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return figure(s)
}

// rounded prints v in its unit, without the unit. A percentage that is not 100 is
// never rounded up to 100, and one that is not 0 never down to 0: 4,999 of 5,000 is
// not all.
func rounded(v float64, unit verdict.Unit, places int) figure {
	if unit == verdict.UnitPercent {
		for ; places < 6; places++ {
			f := decimal(v, places)
			if (f == "100" && v != 100) || (f == "0" && v != 0) {
				continue
			}
			return f
		}
	}
	return decimal(v, places)
}

// places is how many decimals a unit is printed with.
func places(unit verdict.Unit) int {
	switch unit {
	case verdict.UnitNone:
		return 2
	case verdict.UnitCalls:
		return 0
	}
	return 1
}

// suffix is what follows a number of the unit.
func suffix(unit verdict.Unit) figure {
	switch unit {
	case verdict.UnitPercent:
		return "%"
	case verdict.UnitPoints:
		return " points"
	case verdict.UnitSeconds:
		return " s"
	case verdict.UnitCents:
		return " ¢"
	}
	return ""
}

// value prints an estimate's value with its unit.
func value(e verdict.Estimate) figure { return valueTo(e, places(e.Unit)) }

func valueTo(e verdict.Estimate, places int) figure {
	if e.Value == nil {
		return unknown
	}
	return rounded(*e.Value, e.Unit, places) + suffix(e.Unit)
}

// interval prints an estimate's interval without the unit, or nothing when it has
// none. One end alone is that of an interval that is open: a percentile of few values.
func interval(e verdict.Estimate) figure {
	p := places(e.Unit)
	switch {
	case e.Low == nil && e.High == nil:
		return ""
	case e.High == nil:
		return "≥ " + rounded(*e.Low, e.Unit, p)
	case e.Low == nil:
		return "≤ " + rounded(*e.High, e.Unit, p)
	}
	dash := figure("–")
	if *e.Low < 0 || *e.High < 0 {
		dash = " to " // "-5–-3" cannot be read
	}
	return rounded(*e.Low, e.Unit, p) + dash + rounded(*e.High, e.Unit, p)
}

// checkPlaces is how many decimals show by how much a check is missed: 94.97 against
// 95 must not print as 95.
func checkPlaces(c verdict.Check) int {
	p := places(c.Value.Unit)
	for ; c.Short > 0 && p < 6; p++ {
		if f := decimal(c.Short, p); f != "0" {
			break
		}
	}
	return p
}

// missedBy prints by how much a check is missed, or nothing.
func missedBy(c verdict.Check) figure {
	if c.Outcome != verdict.NotMet || c.Short <= 0 || math.IsInf(c.Short, 0) {
		return ""
	}
	f := decimal(c.Short, checkPlaces(c))
	switch c.Value.Unit {
	case verdict.UnitPercent, verdict.UnitPoints:
		return f + plural(f, " point", " points")
	case verdict.UnitCalls:
		return f + plural(f, " call", " calls")
	}
	return f + suffix(c.Value.Unit)
}

func plural(n, one, many figure) figure {
	if n == "1" {
		return one
	}
	return many
}

// level is the confidence of a report's intervals in percent. Rules that name none
// have the level of the input's default (verdict.Rules).
func level(r Report) float64 {
	if r.Rules.Confidence == 0 {
		return 95
	}
	return r.Rules.Confidence
}

// figure is the ending among figures: its word is ours.
func (e ending) figure() figure { return figure(e.word()) }

// calls prints a number of calls.
func calls(n int) figure { return count(n) + plural(count(n), " call", " calls") }

// number prints an optional number, or the sign for unknown.
func number(v *float64, places int) figure {
	if v == nil {
		return unknown
	}
	return decimal(*v, places)
}

// moment prints a time in UTC.
func moment(t time.Time) figure {
	if t.IsZero() {
		return unknown
	}
	return figure(t.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// duration prints how long something took.
func duration(d time.Duration) figure {
	if d < 10*time.Second {
		return decimal(d.Seconds(), 1) + " s"
	}
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return count(h) + " h " + count(m) + " min"
	case m > 0:
		return count(m) + " min " + count(s) + " s"
	}
	return count(s) + " s"
}

// shortID is the first group of an id, enough to find a call in a list.
func shortID(id uuid.UUID) figure { return figure(id.String()[:8]) }

// commit is the beginning of a commit's id, by which GitHub and GitLab know it and link to
// it; nothing for what is no such id.
func commit(sha string) figure {
	if len(sha) < 7 || strings.Trim(sha, "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return figure(sha[:7])
}

// fullID prints an id, or the sign for unknown.
func fullID(id uuid.UUID) figure {
	if id == uuid.Nil {
		return unknown
	}
	return figure(id.String())
}

// finite drops what JSON cannot say.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}
