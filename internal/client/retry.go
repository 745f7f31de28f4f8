package client

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// The waits between attempts are 1, 2, 4, 8 and 16 s, each ±50 %. A failure that lasts longer
// than a minute is left to the caller.
const (
	firstWait     = time.Second
	longestWait   = 16 * time.Second
	retryBudget   = 60 * time.Second
	maxRetryAfter = 60 * time.Second
)

// retry runs op until it succeeds, says not to run it again, or the tries, the time budget or
// the context run out. It returns false if it was the context. wait is the wait the server
// asked for; 0 for none.
//
// All use of the backoff library is in this function.
func retry(ctx context.Context, tries int, random func() float64, op func() (again bool, wait time.Duration, err error)) bool {
	waits := &pacedBackOff{random: random, BackOff: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(firstWait),
		backoff.WithRandomizationFactor(0), // random does that instead
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(longestWait),
		backoff.WithMaxElapsedTime(retryBudget),
	)}
	bounded := backoff.WithMaxRetries(waits, uint64(tries-1))
	finished := false
	_ = backoff.Retry(func() error {
		again, wait, err := op()
		finished = err == nil || !again
		if err != nil && !again {
			return backoff.Permanent(err)
		}
		waits.asked = min(wait, maxRetryAfter)
		return err
	}, backoff.WithContext(bounded, ctx))
	return finished || ctx.Err() == nil
}

// pacedBackOff waits as long as the server asks, if it does.
type pacedBackOff struct {
	backoff.BackOff
	random func() float64
	asked  time.Duration // for the next wait; 0 for none
	paused bool          // the last wait was the server's
}

// NextBackOff implements backoff.BackOff.
func (b *pacedBackOff) NextBackOff() time.Duration {
	if b.asked > 0 {
		b.paused = true
		return b.asked
	}
	if b.paused {
		// Waits that the server asked for do not count towards our budget.
		b.paused = false
		b.BackOff.Reset()
	}
	wait := b.BackOff.NextBackOff()
	if wait == backoff.Stop {
		return wait
	}
	return wait/2 + time.Duration(float64(wait)*b.random())
}
