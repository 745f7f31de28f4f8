package gate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A start that was refused and sent again may have been carried out twice, when the list of
// executions lags behind by more than it was looked for. The run test is this run's alone, so
// whatever is new on it is this run's: the oldest is judged, the others are cancelled.

// twinPauses are the waits between looks for a second execution.
var twinPauses = []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second}

// twinTime bounds the cancel of a second execution.
const twinTime = 20 * time.Second

// checkTwin looks whether the refused start was carried out after all, and reports whether
// another execution is watched from now on. ended is true when there will be no later look.
func (r *run) checkTwin(ctx context.Context, ended bool) (changed bool) {
	if !r.record.Resent || !r.owned || r.isShared() {
		return false
	}
	if r.twinLook.IsZero() {
		r.twinLook = r.record.SentAt.Add(twinPauses[0])
	}
	if !ended && time.Now().Before(r.twinLook) {
		return false
	}
	list, err := r.API.Executions(ctx, r.record.RunTestID)
	if err != nil {
		return false // the next look may be answered
	}
	r.twinLooks++
	r.twinLook = time.Now().Add(twinPauses[min(r.twinLooks, len(twinPauses)-1)])
	found := r.unknown(list)
	if len(found) == 0 {
		if time.Since(r.record.SentAt) >= patience.LookTotal {
			r.keep(func(rec *Record) { rec.Resent = false })
		}
		return false
	}
	mine := r.evidence.Execution.ID
	all := (&run{Gate: r.Gate, record: Record{Before: r.record.Before}}).unknown(list)
	if !isLookedFor(all, mine) {
		return false // the list does not show the other one: which is older is not known yet
	}
	oldest := all[0].ID
	if !r.hope.watched {
		oldest = mine // its calls are being judged already
	}
	for _, e := range all {
		if e.ID != oldest {
			r.sayTwin(e.ID, r.cancelTwin(ctx, e.ID))
		}
	}
	if oldest == mine {
		return false
	}
	r.own(oldest)
	return true
}

// cancelTwin cancels another execution of this run, unless it has ended, and says what became
// of it. Once it is known to end, it is not looked for any more.
func (r *run) cancelTwin(ctx context.Context, id uuid.UUID) text.Untrusted {
	bounded, cancel := context.WithTimeoutCause(ctx, twinTime, errNoTime)
	defer cancel()
	g := r.Gate
	g.Journal = nil
	other := &run{Gate: g, log: &event.Log{}, owned: true, last: client.ExecutionRunning}
	other.evidence.RunTest.ID, other.evidence.Execution.ID = r.record.RunTestID, id
	var said text.Untrusted
	if other.ended(bounded, id) {
		said = text.Sprintf("execution %s is %s", id, other.last)
	} else {
		said = other.order(bounded, id)
	}
	if other.last.Terminal() || other.last == client.ExecutionCancelling {
		r.keep(func(rec *Record) { rec.Before = append(rec.Before, id) })
	}
	return said
}

// sayTwin warns that there were two executions.
func (r *run) sayTwin(id uuid.UUID, became text.Untrusted) {
	r.log.Warn(text.Sprintf("The server refused the start and carried it out all the same, so two executions of this run show up: the older one is judged, and %s was to be cancelled: %s.", id, became))
}

// cancelTwins cancels what a start that was sent again has left beside the execution that was
// watched. It looks until the list can no longer lag.
func (r *run) cancelTwins(ctx context.Context) text.Untrusted {
	if !r.record.Resent || r.isShared() || !r.Config.Waiting.CancelOnExit {
		return text.Untrusted{}
	}
	var all []text.Untrusted
	for n := 0; ; n++ {
		list, err := r.API.Executions(ctx, r.record.RunTestID)
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
