package client

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// The waits between attempts: 1, 2, 4, 8 and 16 s, each up to half of it shorter or
// longer. A fault that outlasts a minute is left to the caller.
const (
	firstWait     = time.Second
	longestWait   = 16 * time.Second
	retryBudget   = 60 * time.Second
	maxRetryAfter = 60 * time.Second
)

// retry runs op until it succeeds, until it says that it must not be run again, or
// until the tries, the budget or the context are used up. It returns false when it was
// the context. wait is the server's own wish for the wait to come, 0 for none.
//
// Everything the client needs of the backoff library is in this function.
func retry(ctx context.Context, tries int, random func() float64, op func() (again bool, wait time.Duration, err error)) bool {
	waits := &pacedBackOff{random: random, BackOff: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(firstWait),
		backoff.WithRandomizationFactor(0), // random does that
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

// pacedBackOff waits as long as the server asked, when it did.
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
		// The server's pauses are not taken from our own budget.
		b.paused = false
		b.BackOff.Reset()
	}
	wait := b.BackOff.NextBackOff()
	if wait == backoff.Stop {
		return wait
	}
	return wait/2 + time.Duration(float64(wait)*b.random())
}

// parseRetryAfter reads a Retry-After header: seconds or an HTTP date. given is false
// when there is none that can be read.
func parseRetryAfter(h http.Header, now time.Time) (wait time.Duration, given bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}
