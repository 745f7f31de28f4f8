package gate

import (
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/agent-gate/agent-gate/internal/client"
)

// schedule says how long to wait until the next poll. It is a backoff.BackOff that
// learns. From the calls that ended and the time they took it estimates the time left,
// and waits a share of it: polls are rare while nothing can end, and close together near
// the end. While there is no news it waits a share of the time without news, since what
// has not ended for long will hardly end in the next second. Every wait lies between the
// minimum and the maximum.
type schedule struct {
	minimum, maximum time.Duration
	// left is the newest estimate of the time left; 0 when there is none.
	left time.Duration
	// quiet is the time waited since the last news.
	quiet   time.Duration
	status  client.ExecutionStatus
	settled int
	random  func() float64 // for the jitter, from 0 to 1
}

var _ backoff.BackOff = (*schedule)(nil)

const (
	// leftShare is the part of the estimated time left that a wait takes. Estimates
	// are rough, so that an end that comes early is missed by little.
	leftShare = 0.3
	// quietShare is the part of the time without news that a wait takes.
	quietShare = 0.3
	// jitter spreads the waits, so that many jobs do not poll in step.
	jitter = 0.1
)

// newSchedule makes a schedule with the given bounds.
func newSchedule(minimum, maximum time.Duration) *schedule {
	return &schedule{minimum: minimum, maximum: maximum, random: rand.Float64}
}

// Reset forgets what was learned.
func (s *schedule) Reset() {
	*s = schedule{minimum: s.minimum, maximum: s.maximum, random: s.random}
}

// observe learns from a poll that was answered when elapsed had passed.
func (s *schedule) observe(p client.Progress, elapsed time.Duration) {
	if p.Status != s.status {
		// A new phase: how long it takes is not known yet.
		s.status, s.left, s.quiet = p.Status, 0, 0
	}
	if p.Total == nil || p.Completed == nil || p.Failed == nil {
		return
	}
	settled := *p.Completed + *p.Failed
	if settled <= s.settled {
		return
	}
	s.settled, s.quiet, s.left = settled, 0, 0
	if open := *p.Total - settled; open > 0 {
		s.left = elapsed * time.Duration(open) / time.Duration(settled)
	}
}

// NextBackOff is the wait until the next poll.
func (s *schedule) NextBackOff() time.Duration {
	share := max(float64(s.left)*leftShare, float64(s.quiet)*quietShare)
	wait := time.Duration(share * (1 - jitter + 2*jitter*s.random()))
	wait = min(max(wait, s.minimum), s.maximum)
	s.quiet += wait
	s.left = max(0, s.left-wait) // until the next call ends, time only passes
	return wait
}
