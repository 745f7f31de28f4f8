package patience

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
)

// LookPauses are the waits between looks for something whose answer was lost. A
// request that the server did get shows within seconds; a minute is for slow ones, and for
// lists that lag.
var LookPauses = []time.Duration{time.Second, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 8 * time.Second, 10 * time.Second, 15 * time.Second}

// LookTotal is how long is looked for what a lost request has done.
const LookTotal = time.Minute

// refusalLook is how long it is looked for what a refused request has started, at least: lists
// have been seen to lag by three quarters of a minute, and waiting costs nothing. The server
// may ask for a longer pause.
const refusalLook = 50 * time.Second

// longestAsked is the longest wait that a server may ask for; the client has the same.
const longestAsked = time.Minute

// Pause waits, or returns the context's cause.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// LookPause is the wait after a look, counted from 0.
func LookPause(look int) time.Duration { return LookPauses[min(look, len(LookPauses)-1)] }

// LookTime is how long is looked for what a request has done that failed.
func LookTime(sent error) time.Duration {
	if failure, ok := errors.AsType[*client.Error](sent); ok && failure.Refused {
		return max(refusalLook, RetryAfter(failure))
	}
	return LookTotal
}

// RetryAfter is the wait that the server asked for when it refused a request; 0 when it did
// not. The client has waited as long between its own tries.
func RetryAfter(err error) time.Duration {
	failure, ok := errors.AsType[*client.Error](err)
	if !ok {
		return 0
	}
	return min(failure.RetryAfter, longestAsked)
}
