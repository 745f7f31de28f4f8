package company

import (
	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/text"
)

// room is what is left of a budget while it is given out to plans, in order.
type room struct {
	limits         budget.Limits
	calls          int
	cents, minutes float64
}

func newRoom(l budget.Limits) *room {
	return &room{limits: l, calls: l.Calls, cents: l.Cents, minutes: l.Minutes}
}

// take gives a plan its part, or says why it does not fit: nothing is taken then, so that a smaller one may
// still fit. What is not known takes nothing; it is watched while it runs.
func (r *room) take(p Plan) text.Untrusted {
	e := p.Estimate
	if e == nil {
		e = &budget.Estimate{}
	}
	switch l := r.limits; {
	case l.Calls > 0 && p.Calls > r.calls:
		return text.Sprintf("no room for its %s in the budget of %s (%d left)", text.Plural(p.Calls, "call"), text.Plural(l.Calls, "call"), r.calls)
	case l.Cents > 0 && e.Cents != nil && *e.Cents > r.cents:
		return text.Sprintf("it would cost about %s (%s), which does not fit into the budget of %s (%s left)",
			budget.Dollars(*e.Cents), e.Basis(), budget.Dollars(l.Cents), budget.Dollars(r.cents))
	case l.Minutes > 0 && e.Minutes != nil && *e.Minutes > r.minutes:
		return text.Sprintf("its calls would take about %s (%s), which does not fit into the budget of %s (%s left)",
			budget.Minutes(*e.Minutes), e.Basis(), budget.Minutes(l.Minutes), budget.Minutes(r.minutes))
	}
	r.calls -= p.Calls
	if e.Cents != nil {
		r.cents -= *e.Cents
	}
	if e.Minutes != nil {
		r.minutes -= *e.Minutes
	}
	return text.Untrusted{}
}

// Fit gives out a budget to plans in order, and says which do not fit and why: what a company would do.
func Fit(l budget.Limits, plans []Plan) []text.Untrusted {
	room := newRoom(l)
	why := make([]text.Untrusted, len(plans))
	for i, p := range plans {
		why[i] = room.take(p)
	}
	return why
}

// More implements [gate.Company].
func (m *Member) More(calls int, each budget.Spent) text.Untrusted {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	if left := c.left(); c.limits.Calls > 0 && calls > left {
		return text.Sprintf("%s would pass the budget of %s (%d left)", text.Plural(calls, "more call"), text.Plural(c.limits.Calls, "call"), max(left, 0))
	}
	if why := c.limits.Refuses(calls, each, c.expected()); !why.IsEmpty() {
		return why
	}
	m.reserved += calls
	return text.Untrusted{}
}

// Back implements [gate.Company].
func (m *Member) Back(calls int) {
	m.company.mu.Lock()
	defer m.company.mu.Unlock()
	m.reserved -= calls
}

// Placed implements [gate.Company].
func (m *Member) Placed(calls int) text.Untrusted {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	more, left := calls-m.reserved, c.left()
	if more <= 0 {
		return text.Untrusted{}
	}
	m.reserved += more // they are there, whatever becomes of the gate
	if c.limits.Calls > 0 && more > left {
		return text.Sprintf("the gate places %s, %d more than planned, for which the budget of %s has no room (%d left)",
			text.Plural(calls, "call"), more, text.Plural(c.limits.Calls, "call"), max(left, 0))
	}
	return text.Untrusted{}
}

// Passed implements [gate.Company].
func (m *Member) Passed(s budget.Spent) text.Untrusted {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	m.record(s)
	return c.limits.Passed(c.spent())
}

// Gone implements [gate.Company].
func (m *Member) Gone() <-chan struct{} { return m.company.passed }

// Refuses implements [gate.Company].
func (m *Member) Refuses(calls int, each budget.Spent) text.Untrusted {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	all := m.spent // what it was expected to spend may be just these calls
	for _, o := range c.members {
		if o != m {
			all.Add(o.expected())
		}
	}
	return c.limits.Refuses(calls, each, all)
}

// Leaves implements [gate.Company].
func (m *Member) Leaves() budget.Limits {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	l := budget.Limits{Cents: c.limits.Cents, Minutes: c.limits.Minutes, Common: true}
	for _, o := range c.members {
		if o == m {
			continue
		}
		if c.limits.Cents > 0 {
			l.Cents = max(nothing, l.Cents-o.spent.Cents)
		}
		if c.limits.Minutes > 0 {
			l.Minutes = max(nothing, l.Minutes-o.spent.Minutes())
		}
	}
	return l
}

// nothing is a limit that leaves nothing: 0 is no limit.
const nothing = 1e-9

// record keeps what is known to be spent; the lock is held.
func (m *Member) record(s budget.Spent) {
	s.AtLeast(m.spent)
	m.spent = s
	c := m.company
	if c.limits.Passed(c.spent()).IsEmpty() {
		return
	}
	select {
	case <-c.passed:
	default:
		close(c.passed)
	}
}

// spent is what is known to be spent by all gates; the lock is held.
func (c *Company) spent() (all budget.Spent) {
	for _, m := range c.members {
		all.Add(m.spent)
	}
	return all
}

// left is how many calls no gate has; the lock is held.
func (c *Company) left() int {
	n := c.limits.Calls
	for _, m := range c.members {
		n -= m.reserved
	}
	return n
}

// expected is what all gates will have spent once the calls that were planned have ended; the lock is held.
func (c *Company) expected() (all budget.Spent) {
	for _, m := range c.members {
		all.Add(m.expected())
	}
	return all
}

// expected is what is known to be spent or, of a gate that runs, what was expected if that is more.
func (m *Member) expected() budget.Spent {
	s := m.spent
	if e := m.plan.Estimate; e != nil && m.state == ready && m.refusal == nil {
		if e.Cents != nil {
			s.Cents = max(s.Cents, *e.Cents)
		}
		if e.Minutes != nil {
			s.Seconds = max(s.Seconds, 60**e.Minutes)
		}
	}
	return s
}
