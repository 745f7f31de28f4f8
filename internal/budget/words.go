package budget

import (
	"math"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Dollars formats an amount of money. It has only digits and punctuation that is harmless in every
// format.
func Dollars(cents float64) string {
	switch {
	case cents > 0 && cents < 1:
		return "less than $0.01"
	case cents < 0:
		return "−" + Dollars(-cents)
	}
	return "$" + strconv.FormatFloat(cents/100, 'f', 2, 64)
}

// Minutes formats a number of call minutes: whole ones from ten on.
func Minutes(minutes float64) string {
	places := 0
	if math.Abs(minutes) < 9.95 {
		places = 1
	}
	n := strconv.FormatFloat(minutes, 'f', places, 64)
	n = strings.TrimSuffix(n, ".0")
	if n == "1" {
		return "1 minute"
	}
	return n + " minutes"
}

// Passed says that more than the limits of money and minutes is spent; empty if it is not.
func (l Limits) Passed(s Spent) text.Untrusted { return l.passed(s, " so far") }

// rounding is what sums and limits are off by, which were dollars and seconds before.
const rounding = 1e-6

// passed is Passed of calls up to now, or of all.
func (l Limits) passed(s Spent, when string) text.Untrusted {
	switch {
	case l.Cents > 0 && s.Cents > l.Cents+rounding:
		return text.Sprintf("%s%s cost %s, more than %s %s", l.whose(), when, exact(s.Cents, l.Cents), l.cost(), Dollars(l.Cents))
	case l.Minutes > 0 && s.Minutes() > l.Minutes+rounding:
		return text.Sprintf("%s%s took %s, more than %s %s", l.whose(), when, longer(s.Minutes(), l.Minutes), l.minutes(), number(l.Minutes))
	}
	return text.Untrusted{}
}

// Over says that more than the limits was spent in the end; empty if it was not. Calls that never began count
// only if stopped, which says that a run was ended because of the limits.
func (a Account) Over(stopped bool) text.Untrusted {
	l, s := a.Limits, a.Spent
	if why := l.passed(s, ""); !why.IsEmpty() {
		return why
	}
	placed := s.Calls
	if !stopped {
		placed -= s.Idle
	}
	if l.Calls > 0 && placed > l.Calls {
		return text.Sprintf("%s were %d, more than the budget of %d", l.whose(), placed, l.Calls)
	}
	return text.Untrusted{}
}

// Unheld says that a limit could be passed by calls of which the API does not tell what they took, if these took what the
// others did; empty if it could not.
func (a Account) Unheld() text.Untrusted {
	l, s := a.Limits, a.Spent
	of := func(n int) text.Untrusted { return text.Sprintf("%d of %s", n, text.Plural(s.Calls, "call")) }
	switch {
	case l.Cents > 0 && mayPass(s.Unpriced(), s.Priced, s.Cents, l.Cents):
		return text.Sprintf("%s %s is not sure to be kept: what %s cost is not known", l.cost(), Dollars(l.Cents), of(s.Unpriced()))
	case l.Minutes > 0 && mayPass(s.Untimed(), s.Timed, s.Minutes(), l.Minutes):
		limit := l.minutes() + " " + number(l.Minutes)
		if l.Common {
			limit = "the budget of " + Minutes(l.Minutes)
		}
		return text.Sprintf("%s is not sure to be kept: how long %s took is not known", limit, of(s.Untimed()))
	}
	return text.Untrusted{}
}

// mayPass reports whether unknown calls, beside known ones that took a sum, may have passed a limit.
func mayPass(unknown, known int, sum, limit float64) bool {
	return unknown > 0 && (known == 0 || sum+float64(unknown)*sum/float64(known) > limit)
}

// Refuses says that so many more calls, of which each is expected to take this, would pass the limits of
// money and minutes; empty if they would not.
func (l Limits) Refuses(more int, each, s Spent) text.Untrusted {
	if why := l.Passed(s); !why.IsEmpty() {
		return why
	}
	if each.Priced > 0 {
		cents := float64(more) * each.Cents / float64(each.Priced)
		if l.Cents > 0 && s.Cents+cents > l.Cents {
			return text.Sprintf("%s, at about %s, would make %s, over %s %s",
				text.Plural(more, "more call"), Dollars(cents), exact(s.Cents+cents, l.Cents), l.cost(), Dollars(l.Cents))
		}
	}
	if each.Timed > 0 {
		minutes := float64(more) * each.Minutes() / float64(each.Timed)
		if l.Minutes > 0 && s.Minutes()+minutes > l.Minutes {
			return text.Sprintf("%s, of about %s, would make %s, over %s %s",
				text.Plural(more, "more call"), Minutes(minutes), longer(s.Minutes()+minutes, l.Minutes), l.minutes(), number(l.Minutes))
		}
	}
	return text.Untrusted{}
}

// Forbids says that the estimate is above the limits; empty if it is not.
func (l Limits) Forbids(e *Estimate) text.Untrusted {
	switch {
	case e == nil:
	case l.Cents > 0 && e.Cents != nil && *e.Cents > l.Cents:
		return text.Sprintf("%s would cost about %s (%s), more than max-cost %s",
			text.Plural(e.Calls, "call"), exact(*e.Cents, l.Cents), e.Basis(), Dollars(l.Cents))
	case l.Minutes > 0 && e.Minutes != nil && *e.Minutes > l.Minutes:
		return text.Sprintf("%s would take about %s (%s), more than max-minutes %s",
			text.Plural(e.Calls, "call"), longer(*e.Minutes, l.Minutes), e.Basis(), number(l.Minutes))
	}
	return text.Untrusted{}
}

// whose says of what the sums are.
func (l Limits) whose() string {
	if l.Common {
		return "the calls of all gates"
	}
	return "the calls"
}

// cost names the limit of money.
func (l Limits) cost() string {
	if l.Common {
		return "the budget of"
	}
	return "max-cost"
}

// minutes names the limit of minutes.
func (l Limits) minutes() string {
	if l.Common {
		return "the budget in minutes,"
	}
	return "max-minutes"
}

// Basis says what the estimate rests on.
func (e *Estimate) Basis() text.Untrusted {
	if e.Executions == 1 {
		return text.New("as in 1 earlier execution")
	}
	return text.Sprintf("median of %d earlier executions", e.Executions)
}

// Words says what the run is expected to spend, without the number of calls; empty if nothing is known.
func (e *Estimate) Words() text.Untrusted {
	switch {
	case e == nil || e.Cents == nil && e.Minutes == nil:
		return text.Untrusted{}
	case e.Cents == nil:
		return text.New(Minutes(*e.Minutes))
	case e.Minutes == nil:
		return text.New(Dollars(*e.Cents))
	}
	return text.Sprintf("%s, %s", Dollars(*e.Cents), Minutes(*e.Minutes))
}

// exact formats money that is over a limit so that it does not look like the limit.
func exact(cents, limit float64) string {
	if Dollars(cents) != Dollars(limit) {
		return Dollars(cents)
	}
	return "$" + strconv.FormatFloat(cents/100, 'g', 8, 64)
}

// longer is exact for minutes.
func longer(minutes, limit float64) string {
	if Minutes(minutes) != Minutes(limit) {
		return Minutes(minutes)
	}
	return strconv.FormatFloat(minutes, 'g', 8, 64) + " minutes"
}

// number formats a limit as the user wrote it.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
