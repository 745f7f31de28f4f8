// Package budget is what a run may spend and what it has spent: calls, money and call minutes. It only
// adds and compares. Reading calls, cancelling and reporting happen elsewhere.
//
// Unknown is not zero: a try whose cost nobody told is counted, so that what is known is shown as the
// lower bound that it is.
package budget

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Limits bound what a run may spend; 0 is no limit.
type Limits struct {
	Calls   int // placed, including reruns
	Cents   float64
	Minutes float64 // of calls: their durations together
	// Common is true for limits of several gates together.
	Common bool
}

// Account is what a run may spend, has spent and was expected to spend.
type Account struct {
	Limits   Limits
	Spent    Spent
	Estimate *Estimate // nil if there was nothing to estimate from
}

// Spent is what calls took. Each try of a call counts.
type Spent struct {
	Calls  int // tries that were placed
	Idle   int // of those, tries that never began, which cost nothing
	Priced int // tries whose cost is known
	Timed  int // tries whose duration is known

	Cents, Seconds float64 // of those that are known
}

// Of returns what all tries of a call took, as far as the server says.
func Of(c calls.Call) Spent {
	s := Earlier(c)
	s.Add(Last(c))
	return s
}

// Earlier returns what the tries of a call before its last one took.
func Earlier(c calls.Call) Spent {
	return Spent{Calls: c.Reruns, Idle: c.Earlier.Idle, Priced: c.Earlier.Priced, Timed: c.Earlier.Timed, Cents: c.Earlier.Cents, Seconds: c.Earlier.Seconds}
}

// Last returns what the last try of a call took. Calls from [calls.List.Brief] lack the time of their
// start, without which a call that failed or was cancelled never began.
func Last(c calls.Call) Spent {
	s := Spent{Calls: 1}
	if c.CostCents != nil {
		s.Priced, s.Cents = 1, max(0, *c.CostCents-c.Earlier.Cents)
	}
	if c.DurationSeconds != nil {
		s.Timed, s.Seconds = 1, *c.DurationSeconds
	}
	if s.Priced+s.Timed > 0 {
		return s
	}
	switch c.Status {
	case calls.Pending, calls.Queued:
		s.Idle = 1
	case calls.Cancelled, calls.Failed:
		if c.StartedAt == nil {
			s.Idle = 1
		}
	}
	return s
}

// Add adds what other calls took.
func (s *Spent) Add(other Spent) {
	s.Calls += other.Calls
	s.Idle += other.Idle
	s.Priced += other.Priced
	s.Timed += other.Timed
	s.Cents += other.Cents
	s.Seconds += other.Seconds
}

// Take takes away what was spent before, which may have been known better then.
func (s *Spent) Take(before Spent) {
	s.Calls = max(0, s.Calls-before.Calls)
	s.Idle = max(0, s.Idle-before.Idle)
	s.Priced = max(0, s.Priced-before.Priced)
	s.Timed = max(0, s.Timed-before.Timed)
	s.Cents = max(0, s.Cents-before.Cents)
	s.Seconds = max(0, s.Seconds-before.Seconds)
}

// AtLeast raises what is known to an earlier reading of the same run: nothing that was spent comes back.
func (s *Spent) AtLeast(before Spent) {
	s.Calls, s.Cents, s.Seconds = max(s.Calls, before.Calls), max(s.Cents, before.Cents), max(s.Seconds, before.Seconds)
}

// Minutes is the known duration in minutes.
func (s Spent) Minutes() float64 { return s.Seconds / 60 }

// Unpriced is how many tries may have cost something that is not known.
func (s Spent) Unpriced() int { return max(0, s.Calls-s.Idle-s.Priced) }

// Untimed is how many tries may have taken time that is not known.
func (s Spent) Untimed() int { return max(0, s.Calls-s.Idle-s.Timed) }

// Estimate is what a run was expected to spend before it began.
type Estimate struct {
	Calls      int // planned
	Executions int // earlier executions that it rests on
	// Cents and Minutes are nil if no earlier execution told them.
	Cents, Minutes *float64
}

// EstimateOf expects of each call what a call cost and took in earlier executions: the medians over the
// executions. each is how many calls a trial has; if that is unknown, 0, the median of those counts too. It
// is nil if there is nothing to expect it from.
func EstimateOf(each, trials int, earlier []Spent) *Estimate {
	var sizes, cents, minutes []float64
	for _, s := range earlier {
		if s.Calls == 0 {
			continue
		}
		sizes = append(sizes, float64(s.Calls))
		if s.Priced > 0 {
			cents = append(cents, s.Cents/float64(s.Priced))
		}
		if s.Timed > 0 {
			minutes = append(minutes, s.Minutes()/float64(s.Timed))
		}
	}
	if len(cents)+len(minutes) == 0 {
		return nil
	}
	if each == 0 {
		each = int(math.Ceil(median(sizes)))
	}
	calls := each * max(trials, 1)
	e := &Estimate{Calls: calls, Executions: max(len(cents), len(minutes))}
	if len(cents) > 0 {
		e.Cents = new(median(cents) * float64(calls))
	}
	if len(minutes) > 0 {
		e.Minutes = new(median(minutes) * float64(calls))
	}
	return e
}

// Part is what some of the trials are expected to spend; nil if nothing is known, or none is left.
func (e *Estimate) Part(trials, of int) *Estimate {
	if e == nil || trials == of {
		return e
	}
	if trials == 0 {
		return nil
	}
	share := float64(trials) / float64(of)
	part := &Estimate{Calls: e.Calls * trials / of, Executions: e.Executions}
	if e.Cents != nil {
		part.Cents = new(share * *e.Cents)
	}
	if e.Minutes != nil {
		part.Minutes = new(share * *e.Minutes)
	}
	return part
}

// median is the middle of some values.
func median(values []float64) float64 {
	slices.SortFunc(values, cmp.Compare)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// ExceededError is the error of a run that is over its budget.
type ExceededError struct {
	Reason text.Untrusted
	// Ended are the calls that had ended when that was found out; nil before a start.
	Ended map[uuid.UUID]bool
}

// Error implements error.
func (e ExceededError) Error() string { return e.Reason.Line() }
