package patience

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
)

// LookPauses are the waits while searching for the effect of a request whose response was lost. A
// request that reached the server shows within seconds; a minute covers slow ones and lists that
// lag.
var LookPauses = []time.Duration{time.Second, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 8 * time.Second, 10 * time.Second, 15 * time.Second}

// LookTotal is how long to search for the effect of a lost request.
const LookTotal = time.Minute

// refusalLook is the shortest search for the effect of a refused request: lists have been seen to lag
// by 45 s, and waiting costs nothing. Retry-After may make it longer.
const refusalLook = 50 * time.Second

// longestAsked caps Retry-After, as in the client.
const longestAsked = time.Minute

// Pause waits for d, or returns the context's cause if it ends first.
func Pause(ctx context.Context, d time.Duration) error {
	_, err := PauseUnless(ctx, d, nil)
	return err
}

// PauseUnless is Pause that ends at once, woken, when a channel is closed.
func PauseUnless(ctx context.Context, d time.Duration, wake <-chan struct{}) (woken bool, _ error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-timer.C:
		return false, nil
	case <-wake:
		return true, nil
	}
}

// Persist reads until there is an answer, or a failure that p does not outlast. It waits as long as pause
// between two reads, or as the server asked, and returns the context's cause if that ends.
func Persist[T any](ctx context.Context, p *Patience, pause time.Duration, read func() (T, error)) (T, error) {
	for {
		got, err := read()
		switch {
		case err == nil:
			p.Answered()
			return got, nil
		case ctx.Err() != nil:
			return got, context.Cause(ctx)
		case !p.Outlasts(err):
			return got, err
		}
		p.Failed(err)
		if err := Pause(ctx, max(pause, RetryAfter(err))); err != nil {
			return got, err
		}
	}
}

// LookPause returns the wait after the n-th read of a search, from 0.
func LookPause(n int) time.Duration { return LookPauses[min(n, len(LookPauses)-1)] }

// LookTime returns how long to search for the effect of a failed request.
func LookTime(sent error) time.Duration {
	if failure, ok := errors.AsType[*client.Error](sent); ok && failure.Refused {
		return max(refusalLook, failure.RetryAfter)
	}
	return LookTotal
}

// RetryAfter returns the wait that the server requested with a refusal, at most a minute; 0 if none.
// The client has already waited as long between its own tries.
func RetryAfter(err error) time.Duration {
	failure, ok := errors.AsType[*client.Error](err)
	if !ok {
		return 0
	}
	return min(failure.RetryAfter, longestAsked)
}
