package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// fate is what became of a request for more work on an execution that has ended.
type fate int

const (
	wasAnswered fate = iota // the answer, or an error that says that nothing was done
	wasTakenUp              // without a usable answer
	wasNotSeen              // there was none, and the execution shows no sign of the work
	wasNotRead              // whether it shows one could not be read
)

// sendWork asks for more work on calls of an execution that has ended. When the answer is lost,
// or a refusal, it finds out whether the work was taken up; send is only called again after a
// refusal that had no effect, which again says.
func (r *run) sendWork(ctx context.Context, calls []uuid.UUID, before verdict.Calls, again text.Untrusted, send func() error) (fate, error) {
	for sends := 1; ; sends++ {
		sent := send()
		if sent == nil || !patience.IsLost(sent) {
			return wasAnswered, sent
		}
		taken, err := r.takenUp(ctx, sent, calls, before)
		switch {
		case err != nil:
			return wasNotRead, err
		case taken:
			r.paid.Adopt()
			return wasTakenUp, nil
		case !r.paid.MaySendAgain(sent, sends):
			return wasNotSeen, sent
		}
		r.log.Note(text.Sprintf("%s %s", again, text.New(sent.Error())))
	}
}

// takenUp finds out whether the server has taken up more work on a terminal execution
// that it was asked for in a request whose answer was lost, or a refusal: the execution is at
// work then, since servers save that before they answer, or it has been, which changed one of
// the calls. Looks that are not answered do not count.
func (r *run) takenUp(ctx context.Context, sent error, calls []uuid.UUID, before verdict.Calls) (bool, error) {
	until := time.Now().Add(patience.LookTime(sent))
	for look := 0; ; {
		p, err := r.API.Poll(ctx, r.paid.ID())
		wait := r.Config.Waiting.PollMaxInterval
		switch {
		case err == nil:
			r.paid.Learn(p)
			r.patience.Answered()
			if !p.Status.Terminal() {
				return true, nil
			}
			if changed, err := r.changed(ctx, calls, before); changed || err != nil {
				return changed, err
			}
			left := time.Until(until)
			if left <= 0 {
				return false, nil
			}
			wait = min(left, patience.LookPause(look))
			look++
		case ctx.Err() != nil:
			return false, r.patience.CauseOf(ctx, err)
		case !r.patience.Outlasts(err):
			return false, err
		default:
			r.patience.Failed(err)
		}
		if err := patience.Pause(ctx, max(wait, patience.RetryAfter(err))); err != nil {
			return false, err
		}
	}
}

// changed tells whether one of the calls is not what it was; not when they cannot be
// read just now.
func (r *run) changed(ctx context.Context, calls []uuid.UUID, before verdict.Calls) (bool, error) {
	e, err := r.API.Collect(ctx, r.paid.ID())
	if _, partial := errors.AsType[*client.IncompleteError](err); err != nil && !partial {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if r.patience.Outlasts(err) && !patience.TooLarge(err) {
			r.patience.Failed(err)
			return false, nil
		}
		return false, err
	}
	return evidence.Changed(e, calls, before), nil
}
