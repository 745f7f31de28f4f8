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

// asker asks for more work on an execution that has ended: a rerun of calls, or new evals.
type asker struct {
	*tools
	watcher *watcher
	// doubted is true while a terminal status may be the one from before.
	doubted bool
}

// fate is what became of a request for more work on an execution that has ended.
type fate int

const (
	wasAnswered fate = iota // the answer, or an error that says that nothing was done
	wasTakenUp              // without a usable answer
	wasNotSeen              // there was none, and the execution shows no sign of the work
	wasNotRead              // whether it shows one could not be read
)

// send asks for more work on calls of an execution that has ended. When the answer is lost,
// or a refusal, it finds out whether the work was taken up; send is only called again after a
// refusal that had no effect, which again says.
func (a *asker) send(ctx context.Context, calls []uuid.UUID, before verdict.Calls, again text.Untrusted, send func() error) (fate, error) {
	for sends := 1; ; sends++ {
		sent := send()
		if sent == nil || !patience.IsLost(sent) {
			return wasAnswered, sent
		}
		taken, err := a.takenUp(ctx, sent, calls, before)
		switch {
		case err != nil:
			return wasNotRead, err
		case taken:
			a.paid.Adopt()
			return wasTakenUp, nil
		case !a.paid.MaySendAgain(sent, sends):
			return wasNotSeen, sent
		}
		a.log.Note(text.Sprintf("%s: %s", again, text.New(sent.Error())))
	}
}

// takenUp finds out whether the server has taken up more work on a terminal execution
// that it was asked for in a request whose answer was lost, or a refusal: the execution is at
// work then, since servers save that before they answer, or it has been, which changed one of
// the calls. Looks that are not answered do not count.
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

// changed tells whether one of the calls is not what it was; not when they cannot be
// read just now.
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

// awaitChange waits until work on a terminal execution has ended that the server has
// accepted. A terminal status is believed when the execution was seen at work since, or
// when one of the calls has changed: else it may be the status from before. changed is
// false when neither was seen and only time has passed.
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

// workGrace is how long a terminal status right after an accepted rerun is doubted.
// Servers save the new status before they answer (contract, section 4.2), so a status
// that stays terminal this long is not going to change.
const workGrace = time.Minute
