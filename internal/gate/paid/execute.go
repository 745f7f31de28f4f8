package paid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// mostSends limits how many times a paid request is sent: once, and again after each refusal without
// effect.
const mostSends = 4

// Execute starts the calls, once. fresh is true if nobody can have executed the run test before.
//
// The API has no idempotency keys, and neither a lost response nor a refusal proves that the server
// did nothing: Execute compares the run test's executions before and after, and a new one is ours.
// It sends the execute again only after a refusal without effect, and only if no other run uses the
// run test.
func (r *Run) Execute(ctx context.Context, runTestID uuid.UUID, fresh bool, body client.Execute) error {
	return r.start(ctx, runTestID, fresh, func() (calls.Started, error) {
		return r.given.API.Execute(ctx, runTestID, body)
	})
}

// start sends a start, once, for Execute and ExecuteChats.
func (r *Run) start(ctx context.Context, runTestID uuid.UUID, fresh bool, send func() (calls.Started, error)) error {
	if err := r.stakeHolds(); err != nil {
		return err
	}
	var before []calls.ExecutionSummary
	if !fresh {
		var err error
		if before, err = r.given.API.Executions(ctx, runTestID); err != nil {
			return err
		}
	}
	for sends := 1; ; sends++ {
		r.keep(func(rec *Record) {
			rec.Step, rec.ExecutionID, rec.Before, rec.Claim = StepExecuting, uuid.Nil, ids(before), false
			rec.Shared, rec.SentAt = rec.Shared || r.hasCompany(), time.Now().UTC()
			rec.Resent = rec.Resent || sends > 1
		})
		started, err := send()
		if err == nil && r.isEarlier(started.ExecutionID) {
			err = repeatedError{started.ExecutionID}
		}
		if err == nil {
			r.hosted = started.Calls > 0
			r.own(started.ExecutionID)
			r.LeaveTurn(ctx)
			return nil
		}
		failure, ok := errors.AsType[*client.Error](err)
		if ok && failure.Unsent {
			return r.refused(ctx, failure)
		}
		// From here on the execution may exist. If the run has to stop now, Cancel searches for
		// it.
		r.given.Patience.Keep(err)
		found, lookErr := r.findStarted(ctx, looksAfter(err))
		if lookErr == nil {
			why := text.New("The start request got no usable response")
			if again, ok := errors.AsType[repeatedError](err); ok {
				why = text.Sprintf("The start was answered with the earlier execution %s", again.id)
			}
			r.adopt(ctx, found, why)
			r.LeaveTurn(ctx)
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, none := asNone(lookErr); none && failure != nil && failure.Refused && !r.isShared() && r.TurnHolds() && sends < mostSends {
			r.given.Log.Note(text.Sprintf("The server refused the start, and no new execution has shown up. Sending it again: %s", text.New(err.Error())))
			continue
		}
		r.searched = true
		if r.isShared() {
			r.Finish() // whatever shows up later may not be ours
		}
		return fmt.Errorf("%w; it is not certain whether the execution was started: %w", err, lookErr)
	}
}

// repeatedError says that a start was answered with an execution that had been there before it. A proxy
// or a server may repeat an answer: it is no proof that something was started, nor that nothing was.
type repeatedError struct{ id uuid.UUID }

// Error implements error.
func (e repeatedError) Error() string {
	return fmt.Sprintf("the server answered the start with execution %s, which was there before", e.id)
}

// refused ends a start that the server certainly did not accept: there was no connection, or the
// response says what is wrong. In the second case the list of executions shows whether something is
// left behind: the deployed server answers 400 "Failed to start test execution" and leaves an
// execution pending forever (contract, section 3.2). The run takes it over, to cancel it; on a
// shared run test that would be a guess.
func (r *Run) refused(ctx context.Context, failure *client.Error) error {
	if failure.Status == 0 {
		r.keep(func(rec *Record) { rec.Step = StepCreated })
		return failure
	}
	now, err := r.given.API.Executions(ctx, r.record.RunTestID)
	if err != nil {
		if ctx.Err() != nil {
			return failure // Cancel searches for it
		}
		r.searched = true
		if failure.Status != http.StatusBadRequest {
			r.keep(func(rec *Record) { rec.Step = StepCreated })
		}
		return fmt.Errorf("%w; could not check whether an execution was started anyway: %w", failure, err)
	}
	left := r.unknown(now)
	switch {
	case len(left) == 0:
		r.keep(func(rec *Record) { rec.Step = StepCreated })
	case r.isShared():
		// Others may have started it: name it and do not cancel it.
		r.given.Log.Warn(text.Sprintf("The start was refused, but run test %s has a new execution since: %s. The server may have left it behind, pending forever. Check it in the dashboard, and cancel it there if nobody else started it.", r.record.RunTestID, text.List(ids(left))))
		r.searched = true // the warning says what may have been started
		r.keep(func(rec *Record) { rec.Step = StepCreated })
	default:
		for _, other := range left[1:] {
			r.cancelTwin(ctx, other.ID)
		}
		r.own(left[0].ID)
	}
	return failure
}

// adopt uses the executions found after a start without a usable response, oldest first. If only this
// run uses the run test, they are this run's: the oldest is judged, the others are cancelled.
// Otherwise it is a guess.
func (r *Run) adopt(ctx context.Context, found []calls.ExecutionSummary, why text.Untrusted) {
	r.adopted++
	id := found[0].ID
	if r.isShared() {
		r.guess(id, why)
		return
	}
	r.own(id)
	r.given.Log.Warn(text.Sprintf("%s, but execution %s has appeared since on a run test that only this run uses: it counts as this run's.", why, id))
	for _, other := range found[1:] {
		r.sayTwin(r.cancelTwin(ctx, other.ID))
	}
}

// guess uses an execution that is presumed to be this run's because it is the only new one on a
// shared run test. It is judged and never cancelled.
func (r *Run) guess(id uuid.UUID, why text.Untrusted) {
	r.status = calls.ExecutionPending
	r.use(id, r.Mine(), true)
	if r.record.Chats {
		r.given.Log.Warn(text.Sprintf("%s. Execution %s is the only new one on run test %s since then. It may be this run's or someone else's, so this run neither holds its conversations nor cancels it.", why, id, r.record.RunTestID))
		return
	}
	r.given.Log.Warn(text.Sprintf("%s. Execution %s is the only new one on run test %s since then, so this run judges it. Others may have started it, so this run never cancels it.", why, id, r.record.RunTestID))
}

// own uses an execution that this run started and may cancel.
func (r *Run) own(id uuid.UUID) {
	r.status = calls.ExecutionPending
	r.use(id, true, r.Guessed())
}

// ids returns the ids of executions.
func ids(list []calls.ExecutionSummary) []uuid.UUID {
	out := make([]uuid.UUID, len(list))
	for i, e := range list {
		out[i] = e.ID
	}
	return out
}
