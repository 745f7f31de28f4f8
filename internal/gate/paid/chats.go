package paid

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// ExecuteChats starts a chat execution, as [Run.Execute] starts calls: of some scenarios of the run
// test, or of all if none are given. It has no calls until [Run.PlaceRows].
//
// An execution that may be somebody else's is an error: whoever started it holds its conversations,
// and a second begin would make its customers forget everything (chat.md 0.2).
func (r *Run) ExecuteChats(ctx context.Context, runTestID uuid.UUID, fresh bool, scenarioIDs []uuid.UUID) error {
	r.keep(func(rec *Record) { rec.Chats = true })
	err := r.start(ctx, runTestID, fresh, func() (calls.Started, error) {
		return untilSent(ctx, func() (calls.Started, error) {
			if len(scenarioIDs) == 0 {
				return r.given.API.ChatExecute(ctx, runTestID)
			}
			return r.given.API.StartSubset(ctx, runTestID, scenarioIDs)
		})
	})
	if err == nil && r.Guessed() {
		return fmt.Errorf("no conversation was held: execution %s may be someone else's, because run test %s is shared and the response to its start was lost", r.ID(), runTestID)
	}
	return err
}

// untilSent sends a request until there is a connection, at most for a search's time. Other requests
// of the client do so themselves; those of chats are sent once.
func untilSent[T any](ctx context.Context, send func() (T, error)) (T, error) {
	until := time.Now().Add(patience.LookTotal)
	for n := 0; ; n++ {
		answer, err := send()
		failure, ok := errors.AsType[*client.Error](err)
		if !ok || !failure.Unsent || failure.Status != 0 || failure.Kind != client.KindUnavailable || time.Now().After(until) {
			return answer, err
		}
		if patience.Pause(ctx, patience.LookPause(n)) != nil {
			return answer, err
		}
	}
}

// AbandonChats ends what a killed process of the same job attempt started: nobody holds its
// conversations any more, and the server never ends them sooner than in half an hour. A new execution
// has to be started.
func (r *Run) AbandonChats(ctx context.Context) error {
	_, err := r.abandonChats(ctx, nil)
	return err
}

// AbandonKeyed is [Run.AbandonChats] for a run of a key: what had ended counts, so await waits for results of an
// execution in which all conversations had. executed reports whether the killed process had executed anything
// of the run test that it used; if not, nobody else will.
func (r *Run) AbandonKeyed(ctx context.Context, await func(context.Context, uuid.UUID) error) (runTest uuid.UUID, executed bool, _ error) {
	runTest, earlier := r.record.RunTestID, len(r.record.Ended) > 0
	found, err := r.abandonChats(ctx, await)
	return runTest, found || earlier, err
}

// abandonChats is AbandonChats, and AbandonKeyed if await is given.
func (r *Run) abandonChats(ctx context.Context, await func(context.Context, uuid.UUID) error) (executed bool, _ error) {
	var left []uuid.UUID
	switch r.inherited.step {
	case "":
		return false, nil
	case StepCreated:
	case StepExecuting:
		r.late = true
		defer func() { r.late = false }()
		look := looks{last: max(0, time.Until(r.record.SentAt.Add(earlierLook))), sightings: 1}
		found, err := r.findStarted(ctx, look)
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if _, none := asNone(err); err != nil && !none {
			r.searched = true
			return false, err
		}
		left = ids(found)
	default:
		left = []uuid.UUID{r.record.ExecutionID}
	}
	owned := r.record.Step != StepExecuting && r.Mine() || r.record.Step == StepExecuting && !r.isShared()
	for _, id := range left {
		if !owned {
			r.given.Log.Warn(text.Sprintf("An earlier process of this job was killed, and execution %s may be what it started. It was not cancelled, because others may have started it: check it in the dashboard.", id))
			continue
		}
		if await != nil {
			if err := await(ctx, id); err != nil {
				return true, err
			}
			r.abandoned = append(r.abandoned, id)
			r.given.Log.Warn(text.Sprintf("An earlier process of this run-key was killed, and nobody goes on with the conversations of execution %s: %s.", id, r.cancelTwin(ctx, id)))
			continue
		}
		r.given.Log.Warn(text.Sprintf("An earlier process of this job was killed while it held the conversations of execution %s, which nobody can go on with: %s. Starting a new execution.", id, r.cancelTwin(ctx, id)))
	}
	if ctx.Err() != nil {
		return len(left) > 0, context.Cause(ctx)
	}
	r.disinherit()
	return len(left) > 0, nil
}

const (
	// rowsAtOnce is how many calls to request at a time. Servers without the vendor's runner
	// endpoints create up to 10, whatever is requested (chat.md 3).
	rowsAtOnce = 1000
	// rowsLook is how long to look for the calls of a lost request before the next one. A longer
	// look could run into the server's job that ends executions without calls (chat.md 0.8).
	rowsLook = 10 * time.Second
	// rowsQuiet is how long no call must have been added until the lost request counts as done.
	rowsQuiet = 4 * time.Second
	// rowsFailures is how many requests in a row may fail.
	rowsFailures = 5
)

// PlaceRows creates the calls of the chat execution, one request at a time, until the server has no
// more. limit ends it as soon as there are more calls than that; 0 means no limit. It returns the
// calls that the responses named, and when the first request was sent: calls of a request whose
// response was lost are in the execution only.
//
// That the server has none at all is an error: it says so too if the execution belongs to another
// workspace (chat.md 3).
func (r *Run) PlaceRows(ctx context.Context, limit int) (named []uuid.UUID, since time.Time, _ error) {
	since = time.Now()
	count, failures := rowsAtOnce, 0
	if limit > 0 {
		count = min(count, limit+1)
	}
	lost := false
	for {
		placed, err := untilSent(ctx, func() (calls.PlacedRows, error) { return r.given.API.PlaceRows(ctx, r.ID(), count) })
		switch {
		case err == nil && placed.Done && len(named) == 0 && !lost:
			return nil, since, errors.New("the server made no calls for the execution: its scenarios have no rows, or it belongs to another workspace")
		case err == nil && placed.Done:
			return named, since, nil
		case err == nil:
			failures = 0
			named = append(named, placed.IDs...)
			if limit > 0 && len(named) > limit {
				return named, since, nil
			}
			continue
		}
		failures++
		r.given.Patience.Keep(err)
		switch {
		case ctx.Err() != nil:
			return named, since, context.Cause(ctx)
		case !patience.IsLost(err), failures >= rowsFailures:
			return named, since, err
		}
		lost = true
		r.given.Log.Note(text.Sprintf("The server gave no usable response to a request for calls. Looking for them before the next one: %s", text.New(err.Error())))
		if err := r.awaitRows(ctx, len(named), max(rowsLook, patience.RetryAfter(err))); err != nil {
			return named, since, err
		}
		if r.status.Terminal() {
			// The server still makes calls then, but they can never begin (chat.md 3).
			why := r.execution.ErrorReason
			if why.IsEmpty() {
				why = text.New("it gave no reason")
			}
			return named, since, fmt.Errorf("the execution is %s before its calls were made: %s; %w", r.status, why, err)
		}
	}
}

// awaitRows waits until the execution has more calls than known and no more are added, at most for a
// time. On some servers a second request at once creates calls twice (chat.md 0.3).
func (r *Run) awaitRows(ctx context.Context, known int, most time.Duration) error {
	until := time.Now().Add(most)
	last, since := known, time.Now()
	for {
		p, err := r.given.API.Poll(ctx, r.ID())
		if err == nil {
			r.Learn(p)
			r.given.Patience.Answered()
			if p.Total != nil && *p.Total != last {
				last, since = *p.Total, time.Now()
			}
		}
		left := time.Until(until)
		if left <= 0 || r.status.Terminal() || last > known && time.Since(since) >= rowsQuiet {
			return nil
		}
		if err := patience.Pause(ctx, min(left, time.Second)); err != nil {
			return err
		}
	}
}
