// Package company is what gates that run side by side have in common: they start together or not at all,
// share a budget, and take turns with their conversations. Everything else each gate does as if it were
// alone. company.go is the start, share.go the budget.
package company

import (
	"context"
	"strings"
	"sync"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Company is gates that run side by side.
type Company struct {
	limits budget.Limits
	slots  chan struct{} // nil for no limit

	mu      sync.Mutex
	members []*Member
	settled chan struct{} // closed once every gate is ready or has ended
	passed  chan struct{} // closed once all gates together have spent more than the budget
}

// Member is one gate of a company.
type Member struct {
	company *Company
	name    string

	state    state
	plan     Plan
	reserved int          // calls
	spent    budget.Spent // as far as is known
	refusal  *gate.NotStartedError
	mistake  text.Untrusted // why its configuration is wrong
	wrote    paid.Record    // what it wrote last
}

// Plan is what a gate is going to do.
type Plan struct {
	Calls    int              // 0 if unknown
	Estimate *budget.Estimate // nil if unknown
}

// state is how far a gate has come.
type state int

const (
	preparing state = iota
	ready
	over
)

var _ gate.Company = (*Member)(nil)

// New makes a company of gates in the order of their names. conversations is how many they may hold at the
// same time; 0 means no limit.
func New(names []string, limits budget.Limits, conversations int) *Company {
	limits.Common = true
	c := &Company{limits: limits, settled: make(chan struct{}), passed: make(chan struct{})}
	if conversations > 0 {
		c.slots = make(chan struct{}, conversations)
	}
	for _, name := range names {
		c.members = append(c.members, &Member{company: c, name: name})
	}
	return c
}

// Members returns the gates, in order.
func (c *Company) Members() []*Member { return c.members }

// Ready implements [gate.Company].
func (m *Member) Ready(ctx context.Context, calls int, e *budget.Estimate) error {
	c := m.company
	c.mu.Lock()
	m.state, m.plan = ready, Plan{Calls: calls, Estimate: e}
	c.settle()
	c.mu.Unlock()
	select {
	case <-c.settled:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if m.refusal != nil {
		return *m.refusal
	}
	return nil
}

// Record implements [gate.Company].
func (m *Member) Record(r paid.Record) {
	m.company.mu.Lock()
	defer m.company.mu.Unlock()
	m.wrote = r
}

// Beside implements [gate.Company].
func (m *Member) Beside() (all []paid.Record) {
	m.company.mu.Lock()
	defer m.company.mu.Unlock()
	for _, other := range m.company.members {
		if other != m {
			all = append(all, other.wrote)
		}
	}
	return all
}

// Slots implements [gate.Company].
func (m *Member) Slots() chan struct{} { return m.company.slots }

// Over says that the gate has ended, and what it has spent. It must be called for each, whatever happens to it.
func (m *Member) Over(v verdict.Verdict, spent budget.Spent) {
	c := m.company
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.state == preparing && v.Kind == verdict.Error && v.Cause == verdict.CauseConfig {
		m.mistake = v.Reason
	}
	m.state = over
	m.record(spent)
	c.settle()
}

// Refusal is why the company did not let the gate start; nil if it did.
func (m *Member) Refusal() *gate.NotStartedError { return m.refusal }

// settle decides who starts once every gate is ready or over: nobody if a gate's configuration is wrong,
// else those that fit into the budget, in order. The lock is held.
func (c *Company) settle() {
	select {
	case <-c.settled:
		return
	default:
	}
	var wrong []*Member
	for _, m := range c.members {
		if m.state == preparing {
			return
		}
		if !m.mistake.IsEmpty() {
			wrong = append(wrong, m)
		}
	}
	room := newRoom(c.limits)
	for _, m := range c.members {
		switch {
		case m.state != ready:
		case len(wrong) > 0:
			m.refusal = &gate.NotStartedError{Cause: verdict.CauseConfig, Reason: nothingStarts(wrong)}
		default:
			if why := room.take(m.plan); !why.IsEmpty() {
				m.refusal = &gate.NotStartedError{Cause: verdict.CauseBudget, Reason: why}
				break
			}
			m.reserved = m.plan.Calls
		}
	}
	close(c.settled)
}

// nothingStarts says why no gate is started.
func nothingStarts(wrong []*Member) text.Untrusted {
	if len(wrong) == 1 {
		return text.Sprintf("gate %s cannot run, so none is started", wrong[0].name)
	}
	var names []string
	for _, m := range wrong {
		names = append(names, m.name)
	}
	return text.Sprintf("%d gates cannot run (%s), so none is started", len(wrong), strings.Join(names, ", "))
}
