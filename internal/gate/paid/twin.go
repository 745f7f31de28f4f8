package paid

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A start that was refused and sent again may have taken effect twice if the list of executions lags
// by more than the search took. Only this run uses the run test, so everything new on it is this
// run's: the oldest is judged, the others are cancelled.

// twinPauses are the waits between searches for a second execution.
var twinPauses = []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second}

// twinTime bounds the cancel of a second execution.
const twinTime = 20 * time.Second

// twins is the state of the search for a second execution.
type twins struct {
	next  time.Time // when the next read is due; zero before the first
	looks int
}

// CheckTwin checks whether a refused start took effect after all, and reports whether the run now
// watches another execution. ended is true if there will be no later check; judged is true if the
// calls of the watched execution are already being judged.
func (r *Run) CheckTwin(ctx context.Context, ended, judged bool) (changed bool) {
	if !r.record.Resent || !r.Mine() || r.isShared() {
		return false
	}
	if r.twins.next.IsZero() {
		r.twins.next = r.record.SentAt.Add(twinPauses[0])
	}
	if !ended && time.Now().Before(r.twins.next) {
		return false
	}
	list, err := r.given.API.Executions(ctx, r.record.RunTestID)
	if err != nil {
		return false // the next read may succeed
	}
	r.twins.looks++
	r.twins.next = time.Now().Add(twinPauses[min(r.twins.looks, len(twinPauses)-1)])
	found := r.unknown(list)
	if len(found) == 0 {
		if time.Since(r.record.SentAt) >= patience.LookTotal {
			r.keep(func(rec *Record) { rec.Resent = false })
		}
		return false
	}
	mine := r.execution.ID
	all := r.since(list, uuid.Nil)
	if !isListed(all, mine) {
		return false // the list lacks ours: it is not known yet which is older
	}
	oldest := all[0].ID
	if judged {
		oldest = mine // its calls are already being judged
	}
	for _, e := range all {
		if e.ID != oldest {
			r.sayTwin(r.cancelTwin(ctx, e.ID))
		}
	}
	if oldest == mine {
		return false
	}
	r.own(oldest)
	return true
}

// cancelTwin cancels another execution of this run, unless it has ended, and says what happened. Once
// it is certain to end, the search ignores it.
func (r *Run) cancelTwin(ctx context.Context, id uuid.UUID) text.Untrusted {
	bounded, cancel := context.WithTimeoutCause(ctx, twinTime, ErrNoTime)
	defer cancel()
	quiet := r.given
	quiet.Log, quiet.Journal = &event.Log{}, nil
	other := New(quiet)
	other.record.Owned, other.status = true, calls.ExecutionRunning
	other.runTest.ID, other.execution.ID = r.record.RunTestID, id
	var said text.Untrusted
	if other.Ended(bounded) {
		said = text.Sprintf("execution %s is %s", id, other.status)
	} else {
		said = other.order(bounded, id)
	}
	if other.status.Terminal() || other.status == calls.ExecutionCancelling {
		r.keep(func(rec *Record) { rec.Before = append(rec.Before, id) })
	}
	return said
}

// sayTwin warns of a second execution and says what became of it.
func (r *Run) sayTwin(became text.Untrusted) {
	r.given.Log.Warn(text.Sprintf("The server refused the start but carried it out anyway, so this run has two executions. The older one is judged. Cancelling the other one: %s.", became))
}

// CancelTwins cancels other executions of a start that was sent again, and says what happened. In
// cleanup it searches until the list can no longer lag.
func (r *Run) CancelTwins(ctx context.Context) text.Untrusted {
	if !r.record.Resent || r.isShared() || !r.given.CancelOnExit {
		return text.Untrusted{}
	}
	var all []text.Untrusted
	for n := 0; ; n++ {
		list, err := r.given.API.Executions(ctx, r.record.RunTestID)
		for _, e := range r.unknown(list) {
			all = append(all, r.cancelTwin(ctx, e.ID))
		}
		over := err == nil && time.Since(r.record.SentAt) >= patience.LookTotal
		if over {
			r.keep(func(rec *Record) { rec.Resent = false })
		}
		if over || !r.cleaning || patience.Pause(ctx, twinPauses[min(n, len(twinPauses)-1)]) != nil {
			return text.Join("; ", all...)
		}
	}
}
