package report

import (
	"math"
	"strconv"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Spent is what the calls of a run took, of all tries, without what an earlier start of the run-key has paid for. Of an
// execution that somebody else started, it is what its calls took if the run placed none itself. ok is false if nothing is
// known to have been started.
func Spent(r Report) (s budget.Spent, ok bool) {
	e := r.Evidence
	if e.Execution.ID == uuid.Nil {
		return s, false
	}
	s = e.Budget.Spent
	if s.Calls == 0 && e.Reused != nil {
		return s, true
	}
	if s.Calls == 0 {
		s = spentBy(e.AllCalls())
	}
	return s, s.Calls > 0
}

// spentBy adds up what calls say themselves.
func spentBy(list verdict.Calls) (s budget.Spent) {
	for i := range list.Len() {
		c := list.Brief(i).Call
		if c.Status == calls.Cancelled || c.Status == calls.Failed {
			c = list.At(i).Call // with its times
		}
		s.Add(budget.Of(c))
	}
	return s
}

// Spending is one thing that a run spends.
type Spending struct {
	Name, Title Lit
	// Used is what was spent; "at least" where not everything is known.
	Used Figure
	// Note says how many calls are not in Used; empty if all are.
	Note Figure
	// Limit and Expected are empty if there is none.
	Limit, Expected Figure
	// Then and Change are that of the baseline, and the difference; empty without one.
	Then, Change Figure
}

// Words is what was spent, with everything beside it in parentheses.
func (s Spending) Words() Figure {
	var aside Figure
	add := func(f Figure) {
		if aside != "" {
			aside += ", "
		}
		aside += f
	}
	if s.Note != "" {
		add(s.Note)
	}
	if s.Limit != "" {
		add("limit " + s.Limit)
	}
	if s.Expected != "" {
		add(s.Expected + " expected")
	}
	if s.Change != "" {
		add(s.Change + " from the baseline")
	}
	if aside == "" {
		return s.Used
	}
	return s.Used + " (" + aside + ")"
}

// Spendings are the calls, the money and the minutes that a run spent, with limits, estimate and change;
// none if nothing was started. Money is left out if nothing at all is known of it although calls were read.
func Spendings(r Report) []Spending {
	s, ok := Spent(r)
	if !ok {
		return nil
	}
	a := r.Evidence.Budget
	var then budget.Spent
	if b := r.Rules.Baseline; b != nil {
		then = spentBy(b.Calls)
	}
	e := a.Estimate
	if e == nil {
		e = &budget.Estimate{}
	}
	all := []Spending{{Name: "calls", Title: "Calls", Used: CountCalls(s.Calls)}}
	if l := a.Limits.Calls; l > 0 {
		all[0].Limit = Count(l)
	}
	if s.Priced > 0 || a.Limits.Cents > 0 || e.Cents != nil || Unread(r) {
		m := Spending{Name: "cost", Title: "Total cost", Used: known(s.Priced, s.Unpriced(), Money(s.Cents)), Note: without(s.Unpriced(), s.Priced, " without a known cost")}
		if l := a.Limits.Cents; l > 0 {
			m.Limit = Money(l)
		}
		if e.Cents != nil {
			m.Expected = Money(*e.Cents)
		}
		if complete := s.Unpriced()+then.Unpriced() == 0; complete && r.Evidence.Reused == nil && then.Priced > 0 && s.Priced > 0 {
			m.Then, m.Change = Money(then.Cents), signed(s.Cents-then.Cents, Money)
		}
		all = append(all, m)
	}
	if s.Timed > 0 || a.Limits.Minutes > 0 || e.Minutes != nil || Unread(r) {
		m := Spending{Name: "call time", Title: "Call time", Used: known(s.Timed, s.Untimed(), Minutes(s.Minutes())), Note: without(s.Untimed(), s.Timed, " without a known duration")}
		if l := a.Limits.Minutes; l > 0 {
			m.Limit = Decimal(l, 2)
		}
		if e.Minutes != nil {
			m.Expected = Minutes(*e.Minutes)
		}
		all = append(all, m)
	}
	return all
}

// SpendingLine is all that was spent, in one line; empty if nothing is known of it.
func SpendingLine(r Report) (line Figure) {
	all := Spendings(r)
	if len(all) == 1 && all[0].Limit == "" {
		return ""
	}
	for i, s := range all {
		if i > 0 {
			line += " · "
		}
		s.Used = s.named()
		line += s.Words()
	}
	return line
}

// Dollars is what the calls cost in US dollars, as a plain number; empty if nothing is known of it.
func Dollars(r Report) string {
	s, ok := Spent(r)
	if !ok || s.Priced == 0 && s.Calls > 0 {
		return ""
	}
	return strconv.FormatFloat(Round(s.Cents/100), 'f', -1, 64)
}

// Round removes what adding up fractions of a cent leaves behind.
func Round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// named is what was spent, with its name if nothing is known of it: sums stand without names.
func (s Spending) named() Figure {
	if s.Name == "cost" {
		return saying("cost", s.Used)
	}
	return saying("call time", s.Used)
}

// saying names a sum of which nothing is known, where it stands without one.
func saying(name, sum Figure) Figure {
	if sum == unknownSum {
		return name + " " + sum
	}
	return sum
}

// unknownSum is printed for a sum of which nothing is known.
const unknownSum Figure = "unknown"

// known marks a sum that lacks something.
func known(some, lacking int, sum Figure) Figure {
	switch {
	case some == 0 && lacking > 0:
		return unknownSum
	case lacking > 0:
		return "at least " + sum
	}
	return sum
}

// without counts what a sum lacks; empty if that is nothing, or everything.
func without(lacking, some int, what Figure) Figure {
	if lacking == 0 || some == 0 {
		return ""
	}
	return CountCalls(lacking) + what
}

// signed formats a difference.
func signed(d float64, format func(float64) Figure) Figure {
	switch {
	case math.Abs(d) < 0.005:
		return "no change"
	case d > 0:
		return "+" + format(d)
	}
	return format(d)
}
