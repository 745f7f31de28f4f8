package gate

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	// stopOtherwise is how long stopping may take without a signal: it leaves room for the
	// deployed server's own tries, up to 30 s (contract, section 3.12). A short timeout leaves
	// less, half of itself, and at least stopAtLeast.
	stopOtherwise = time.Minute
	stopAtLeast   = 10 * time.Second
	// stopNow is for a cancel when there is no time left at all.
	stopNow = 2 * time.Second
	// lastRead bounds the reading of an execution that had ended when the time was up.
	lastRead = time.Minute
)

// stopped ends a run that could not be judged: it cancels what this run started, and
// says why in one sentence. Parent ends with a signal, ctx also when the time is up.
func (r *run) stopped(parent, ctx context.Context, err error) verdict.Verdict {
	cause, reason := r.classify(parent, ctx, err)
	signalled := cause == verdict.CauseInterrupted || cause == verdict.CauseTerminated
	allowed := min(stopOtherwise, max(stopNow, time.Until(r.end)))
	if signalled {
		allowed = paid.AfterSignal
	}
	after, cancel := stopping(parent, allowed)
	defer cancel()
	outside := signalled || cause == verdict.CauseTimeout // not because of what the server said
	if outside {
		reason = r.howFar(reason)
	}
	rest := r.paid.Cancel(after, outside)
	if twins := r.paid.CancelTwins(after); !twins.IsEmpty() {
		rest = text.Sprintf("%s; %s", rest, twins)
	}
	if !rest.IsEmpty() && !strings.Contains(reason.Raw(), rest.Raw()) {
		reason = text.Sprintf("%s; %s", reason, rest)
	}
	return verdict.Errored(cause, reason, r.known(), r.plan.Rules())
}

// stopTime is how long the run may go on after its timeout.
func (g Gate) stopTime() time.Duration {
	if g.Stopping > 0 {
		return g.Stopping
	}
	return DefaultStopping(g.Timeout)
}

// DefaultStopping is how long a run with a timeout may go on after it where nothing else
// bounds it.
func DefaultStopping(timeout time.Duration) time.Duration {
	return min(stopOtherwise, max(stopAtLeast, timeout/2))
}

// howFar adds to a reason how many calls had ended, when the last poll told.
func (r *run) howFar(reason text.Untrusted) text.Untrusted {
	p := r.paid.Progress()
	if r.patience.Trouble() != nil || p.Status.Terminal() || p.Total == nil || p.Completed == nil || p.Failed == nil {
		return reason
	}
	return text.Sprintf("%s when %d of %s had ended", reason, *p.Completed+*p.Failed, text.Plural(*p.Total, "call"))
}

// stopping is a context for what has to be done although parent has ended or may end: it
// lasts as long as allowed, and no longer than the time after a signal once parent ends.
func stopping(parent context.Context, allowed time.Duration) (context.Context, context.CancelFunc) {
	lasting, end := context.WithCancelCause(context.WithoutCancel(parent))
	after, cancel := context.WithTimeoutCause(lasting, allowed, paid.ErrNoTime)
	release := context.AfterFunc(parent, func() {
		if patience.Pause(after, paid.AfterSignal) == nil {
			end(paid.ErrNoTime)
		}
	})
	return after, func() {
		release()
		cancel()
		end(nil)
	}
}

// classify tells why the run ends.
func (r *run) classify(parent, ctx context.Context, err error) (verdict.Cause, text.Untrusted) {
	cause := context.Cause(ctx)
	if parent.Err() != nil {
		cause = context.Cause(parent) // also when the time was up before
	}
	switch {
	case errors.Is(cause, ErrInterrupted):
		return verdict.CauseInterrupted, text.Sprintf("%s", ErrInterrupted)
	case errors.Is(cause, ErrTerminated):
		return verdict.CauseTerminated, text.Sprintf("%s", ErrTerminated)
	case errors.Is(cause, errTimeout):
		reason := text.Sprintf("%s after %s", errTimeout, r.timeout)
		if last := r.patience.Last(err); last != nil {
			reason = text.Sprintf("%s; last failure before that: %s", reason, text.New(last.Error()))
		}
		return verdict.CauseTimeout, reason
	}
	if failure, ok := errors.AsType[plan.ConfigError](err); ok {
		return verdict.CauseConfig, failure.Reason
	}
	return verdict.CauseOperational, text.New(err.Error())
}

// endedMeanwhile reads once more, after the time was up, whether the execution had
// ended. While a rerun is awaited a terminal status may be the one from before.
func (r *run) endedMeanwhile(parent context.Context) bool {
	return r.paid.ID() != uuid.Nil && !r.asker.doubted && !r.paid.UnderWay() && parent.Err() == nil && r.paid.Ended(parent)
}
