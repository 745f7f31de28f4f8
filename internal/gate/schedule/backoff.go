// Package schedule computes how long to wait before the next poll of an execution, from the polls so
// far. It sends nothing, has no clock, and knows nothing of runs.
package schedule

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Schedule computes the wait before the next poll. It is a backoff.BackOff that learns.
//
// A long wait saves requests but notices an end late. How likely that is depends on what has yet to
// happen: a number of steps, one for each open call and one for the evals, within some span of time.
// A step happens within a wait with a probability of about wait/span, and all of them with
// (wait/span)^steps. Each wait is chosen to keep this probability, times the square of the wait,
// constant:
//
//	wait² × (wait/span)^steps = price²
//
// So polls are rare while much has to happen, and frequent near the end. Squaring the wait makes long
// delays rarer than short ones. If nothing changes for long, a wait is at least a small share of that
// time, to avoid polling a stuck execution often. docs/benchmarks.md has measurements.
type Schedule struct {
	minimum, maximum time.Duration // of every wait
	// Price is the cost of a request, as a delay: the higher, the fewer polls.
	Price time.Duration
	// Random returns numbers in [0,1), for the jitter.
	Random func() float64

	now     time.Duration // since the watch began
	news    time.Duration // when the status or the number of settled calls last changed
	status  calls.ExecutionStatus
	counted bool // the last poll had counts
	open    int  // calls that have not settled
	// settled is when polls saw the number of settled calls change, oldest first.
	settled []settling
}

// settling is how many calls had settled at some time.
type settling struct {
	at    time.Duration
	calls int
}

var _ backoff.BackOff = (*Schedule)(nil)

// These numbers were tuned with the benchmark; half or twice as much changes little.
const (
	// RequestPrice is the default price of a request.
	RequestPrice = 750 * time.Millisecond
	// firstGuess is the assumed span while nothing is known.
	firstGuess = 15 * time.Second
	// mostSteps caps the steps: calls do not end as independently of each other as the formula
	// assumes.
	mostSteps = 5
	// quietShare is the shortest wait, as a share of the time without news.
	quietShare = 0.02
)

// jitter is the share by which waits vary, to keep jobs from polling in step.
const jitter = 0.1

// New makes a schedule whose waits stay within the given bounds.
func New(minimum, maximum time.Duration) *Schedule {
	return &Schedule{minimum: minimum, maximum: maximum, Price: RequestPrice, Random: rand.Float64}
}

// Reset forgets what was learned.
func (s *Schedule) Reset() {
	*s = Schedule{minimum: s.minimum, maximum: s.maximum, Price: s.Price, Random: s.Random}
}

// Observe learns from a poll answered at elapsed since the watch began.
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
	case last < 0, calls < s.settled[last].calls: // rerun calls are open again
		s.settled = []settling{{elapsed, calls}}
	case calls > s.settled[last].calls:
		s.settled = append(s.settled, settling{elapsed, calls})
		s.news = elapsed
	}
}

// NextBackOff returns the wait before the next poll.
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

// ahead returns how many steps are left, and about how many seconds they take.
func (s *Schedule) ahead() (steps, span float64) {
	// What has not happened for long is unlikely to happen in the next second.
	steps, span = 1, (firstGuess + s.now - s.news).Seconds()
	// An execution that ends before its first call connects ends all calls at once.
	if s.counted && s.open > 0 && s.status != calls.ExecutionPending {
		steps, span = float64(s.open), s.left()
	}
	if s.status != calls.ExecutionEvaluating && (s.open > 0 || !s.counted) {
		steps++ // the evals
	}
	return min(steps, mostSteps), span
}

// left estimates how many seconds the open calls still take: as long as the last equally many calls
// took to settle. That fits both calls that queue and settle at a steady pace, and calls that all run
// at once and settle ever more slowly. There must be an open call.
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

// Estimate returns about how long the open calls still take; 0 if unknown.
func (s *Schedule) Estimate() time.Duration {
	if !s.counted || s.open == 0 || len(s.settled) < 2 {
		return 0
	}
	return time.Duration(s.left() * float64(time.Second))
}
