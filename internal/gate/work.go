package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// asker requests more work on an execution that has ended: a rerun, or new evals.
type asker struct {
	*tools
	watcher *watcher
	// doubted is true while a terminal status may date from before the request.
	doubted bool
}

// fate is the outcome of a request for more work.
type fate int

const (
	wasAnswered fate = iota // a response, or an error that says that nothing was done
	wasTakenUp              // no usable response, but the work was started
	wasNotSeen              // no usable response, and no sign of the work
	wasNotRead              // no usable response, and the execution could not be read
)

// send requests more work on calls of an execution that has ended. If the response is lost or a
// refusal, it finds out whether the work was started anyway. It calls the function send again only
// after a refusal without effect, and then notes again. A turn of this run ends with it, unless the request may still have
// an effect.
func (a *asker) send(ctx context.Context, calls []uuid.UUID, before verdict.Calls, again text.Untrusted, send func() error) (fate, error) {
	for sends := 1; ; sends++ {
		sent := send()
		if sent == nil || !patience.IsLost(sent) {
			a.paid.LeaveTurn(ctx)
			return wasAnswered, sent
		}
		taken, err := a.takenUp(ctx, sent, calls, before)
		switch {
		case err != nil:
			return wasNotRead, err
		case taken:
			a.paid.LeaveTurn(ctx)
			a.paid.Adopt()
			return wasTakenUp, nil
		case !a.paid.MaySendAgain(sent, sends):
			return wasNotSeen, sent
		}
		a.log.Note(text.Sprintf("%s: %s", again, text.New(sent.Error())))
	}
}

// takenUp finds out whether the server started the work of a request whose response was lost or
// a refusal: then the execution is running, because servers save that before they respond, or has
// run, which changed one of the calls. Failed reads do not count.
func (a *asker) takenUp(ctx context.Context, sent error, calls []uuid.UUID, before verdict.Calls) (bool, error) {
	until := time.Now().Add(patience.LookTime(sent))
	for look := 0; ; {
		p, err := a.api.Poll(ctx, a.paid.ID())
		wait := a.config.Waiting.PollMaxInterval
		switch {
		case err == nil:
			a.paid.Learn(p)
			a.patience.Answered()
			if !p.Status.Terminal() {
				return true, nil
			}
			if changed, err := a.changed(ctx, calls, before); changed || err != nil {
				return changed, err
			}
			left := time.Until(until)
			if left <= 0 {
				return false, nil
			}
			wait = min(left, patience.LookPause(look))
			look++
		case ctx.Err() != nil:
			return false, a.patience.CauseOf(ctx, err)
		case !a.patience.Outlasts(err):
			return false, err
		default:
			a.patience.Failed(err)
		}
		if err := patience.Pause(ctx, max(wait, patience.RetryAfter(err))); err != nil {
			return false, err
		}
	}
}

// changed reports whether one of the calls has changed; false if they cannot be read right now.
func (a *asker) changed(ctx context.Context, calls []uuid.UUID, before verdict.Calls) (bool, error) {
	e, err := a.api.Collect(ctx, a.paid.ID())
	if _, partial := errors.AsType[*client.IncompleteError](err); err != nil && !partial {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if a.patience.Outlasts(err) && !patience.TooLarge(err) {
			a.patience.Failed(err)
			return false, nil
		}
		return false, err
	}
	return evidence.Changed(e, calls, before), nil
}

// awaitChange waits for the end of work that the server accepted on a terminal execution. A
// terminal status counts once the execution was seen running or one of the calls has changed;
// before that it may date from before the request. changed is false if neither was seen within
// workGrace.
func (a *asker) awaitChange(ctx context.Context, list []uuid.UUID, before verdict.Calls) (changed bool, _ error) {
	began := time.Now()
	var readErr error
	a.doubted = true
	_, err := a.watcher.until(ctx, nil, func(p calls.Progress) bool {
		switch {
		case !p.Status.Terminal():
			changed = true
		case changed || time.Since(began) > workGrace:
			return true
		default:
			changed, readErr = a.changed(ctx, list, before)
		}
		a.doubted = !changed
		return p.Status.Terminal() && changed || readErr != nil
	})
	if err == nil {
		err, a.doubted = readErr, false
	}
	return changed, err
}

// workGrace is how long to doubt a terminal status after an accepted rerun. Servers save the new
// status before they respond (contract, section 4.2), so one that stays terminal this long will
// not change.
const workGrace = time.Minute
