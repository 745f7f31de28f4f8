// Package schedule says how long to wait until the next poll of an execution. It is
// arithmetic on what the polls told so far: it sends nothing, has no clock, and does not
// know what a run is.
package schedule

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Schedule says how long to wait until the next poll. It is a backoff.BackOff that learns.
//
// A long wait saves requests, and sees an end late that came early in it. How likely that
// is follows from what has yet to happen: so many steps, one for each open call and one for
// the evals, and the span of time that they take. A step happens within a wait with a
// chance of about wait/span, and all of them with (wait/span)^steps. Every wait is made so
// long that this chance, times the square of the wait, is the same:
//
//	wait² × (wait/span)^steps = price²
//
// So polls are rare while much has to happen and close together near the end. The square, in
// place of the wait itself, makes long delays rarer than short ones. When there is no news
// for long, a wait is at least a small share of that time: what hangs is not polled often for
// ever. docs/benchmarks.md shows what this is worth.
type Schedule struct {
	minimum, maximum time.Duration // of every wait
	// Price is that of a request: the greater, the rarer are polls.
	Price time.Duration
	// Random gives numbers from 0 to 1, for the jitter.
	Random func() float64

	now     time.Duration // since the watch began
	news    time.Duration // when the status or the number of settled calls last changed
	status  calls.ExecutionStatus
	counted bool // the newest poll had counts
	open    int  // calls that have not settled
	// settled is when polls saw how many calls had settled, from the first time on.
	settled []settling
}

// settling is how many calls had settled at a time.
type settling struct {
	at    time.Duration
	calls int
}

var _ backoff.BackOff = (*Schedule)(nil)

// These numbers were chosen with the benchmark. Half or twice as much is no disaster.
const (
	// RequestPrice is the price of a request where nobody sets another.
	RequestPrice = 750 * time.Millisecond
	// firstGuess is the span of something of which nothing is known yet.
	firstGuess = 15 * time.Second
	// mostSteps bounds the steps that are counted: calls do not end as independently of
	// each other as the chance above has it.
	mostSteps = 5
	// quietShare is the share of the time without news that a wait takes at least.
	quietShare = 0.02
)

// jitter is the part by which waits are longer or shorter, so that many jobs do not poll
// in step.
const jitter = 0.1

// New makes a schedule with the given bounds.
func New(minimum, maximum time.Duration) *Schedule {
	return &Schedule{minimum: minimum, maximum: maximum, Price: RequestPrice, Random: rand.Float64}
}

// Reset forgets what was learned.
func (s *Schedule) Reset() {
	*s = Schedule{minimum: s.minimum, maximum: s.maximum, Price: s.Price, Random: s.Random}
}

// Observe learns from a poll that was answered when elapsed had passed.
func (s *Schedule) Observe(p calls.Progress, elapsed time.Duration) {
	s.now = elapsed
	if p.Status != s.status {
		s.status, s.news = p.Status, elapsed
	}
	s.counted = p.Completed != nil && p.Failed != nil && p.Total != nil && *p.Total > 0
	if !s.counted {
		return
	}
	calls := *p.Completed + *p.Failed
	s.open = max(0, *p.Total-calls)
	switch last := len(s.settled) - 1; {
	case last < 0, calls < s.settled[last].calls: // calls that are rerun are open again
		s.settled = []settling{{elapsed, calls}}
	case calls > s.settled[last].calls:
		s.settled = append(s.settled, settling{elapsed, calls})
		s.news = elapsed
	}
}

// NextBackOff is the wait until the next poll.
func (s *Schedule) NextBackOff() time.Duration {
	steps, span := s.ahead()
	wait := math.Pow(math.Pow(s.Price.Seconds(), 2)*math.Pow(span, steps), 1/(steps+2))
	wait = max(wait, quietShare*(s.now-s.news).Seconds())
	wait *= 1 - jitter + 2*jitter*s.Random()
	next := s.maximum
	if wait < s.maximum.Seconds() {
		next = max(time.Duration(wait*float64(time.Second)), s.minimum)
	}
	s.now += next
	return next
}

// ahead is how many steps are left to the end, and about how many seconds they take.
func (s *Schedule) ahead() (steps, span float64) {
	// What has not happened for long will hardly happen in the next second.
	steps, span = 1, (firstGuess + s.now - s.news).Seconds()
	// A run that ends before its first call connects ends with all calls at once.
	if s.counted && s.open > 0 && s.status != calls.ExecutionPending {
		steps, span = float64(s.open), s.left()
	}
	if s.status != calls.ExecutionEvaluating && (s.open > 0 || !s.counted) {
		steps++ // the evals
	}
	return min(steps, mostSteps), span
}

// left is about how many seconds the open calls still take: as many as it took the last
// ones to settle, of which one takes as many as are open. That fits while calls wait for
// their turn and settle at a steady pace; and also when they all run, and the pace slows
// down. There has to be an open call.
func (s *Schedule) left() float64 {
	first, last := s.settled[0], s.settled[len(s.settled)-1]
	if seen := last.calls - first.calls; seen < s.open {
		return (firstGuess + s.now - first.at).Seconds() * float64(s.open) / float64(max(seen, 1))
	}
	i := len(s.settled) - 1
	for s.settled[i].calls > last.calls-s.open {
		i--
	}
	return (s.now - s.settled[i].at).Seconds()
}

// Estimate is about how long the open calls still take; 0 when that is not known.
func (s *Schedule) Estimate() time.Duration {
	if !s.counted || s.open == 0 || len(s.settled) < 2 {
		return 0
	}
	return time.Duration(s.left() * float64(time.Second))
}
