package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// execute starts the calls, once. fresh is true when nobody can have executed the run
// test before.
//
// The API has no idempotency key, so an execute whose answer is lost is never sent
// again: the run test's executions are compared with those from before, and a new one
// is ours.
func (r *run) execute(ctx context.Context, runTestID uuid.UUID, fresh bool) error {
	var before []client.ExecutionSummary
	if !fresh {
		var err error
		if before, err = r.API.Executions(ctx, runTestID); err != nil {
			return err
		}
		if id, ok := leftover(before); ok && r.Config.Target.Mode == config.ModeCreate {
			// The name of the run test belongs to this job attempt: an earlier process
			// of it started this execution and was killed.
			r.adopted++
			r.note(text.Sprintf("An earlier process of this job attempt has started execution %s: using it.", id))
			r.own(id)
			return nil
		}
	}
	target := r.Config.Target
	r.keep(func(rec *Record) {
		rec.Step, rec.Before = StepExecuting, ids(before)
		rec.Shared, rec.SentAt = target.Mode != config.ModeCreate, time.Now().UTC()
	})
	started, err := r.API.Execute(ctx, runTestID, client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
	if err == nil {
		r.own(started.ExecutionID)
		return nil
	}
	if failure, ok := errors.AsType[*client.Error](err); ok && failure.Unsent {
		r.ownRefused(ctx, runTestID, before, failure)
		return err
	}
	// From here on it may have been started. When the run has to stop now, stopping
	// looks for it, to cancel it.
	id, lookErr := r.findStarted(ctx, runTestID, ids(before))
	if lookErr != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if lookErr != nil {
		r.searched = true
		if r.record.Shared {
			r.finish() // what shows up from now on is not ours for certain
		}
		return fmt.Errorf("%w; it is not certain whether the execution was started: %w", err, lookErr)
	}
	r.adopted++
	r.note(text.Sprintf("The execute had no usable answer, but execution %s is new since: using it.", id))
	r.own(id)
	return nil
}

// looks say how to look for an execution whose start is uncertain: the waits between
// looks, and how often a new execution of a run test that others use too has to be seen,
// and no second one beside it, before it is taken for ours.
type looks struct {
	pauses    []time.Duration
	sightings int
}

// looksFor are the looks for the time that is left: after a signal it is short.
func looksFor(ctx context.Context) looks {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= stopAfterSignal {
		return looks{pauses: slices.Repeat([]time.Duration{700 * time.Millisecond}, 5), sightings: 2}
	}
	return looks{pauses: lookPauses, sightings: 4}
}

// findStarted looks for the one execution that was not there before. Looks that are not
// answered do not count, since the run is paid for: they go on until the context ends.
func (r *run) findStarted(ctx context.Context, runTestID uuid.UUID, before []uuid.UUID) (uuid.UUID, error) {
	looks := looksFor(ctx)
	if !r.record.Shared {
		looks.sightings = 1
	}
	var candidate uuid.UUID
	why := errors.New("it has no new execution, and one that shows up later is not watched")
	seen := 0
	for look := 0; ; {
		now, err := r.API.Executions(ctx, runTestID)
		found := r.unknown(before, now)
		wait := looks.pauses[min(look, len(looks.pauses)-1)]
		switch {
		case len(found) > 1:
			return uuid.Nil, fmt.Errorf("%d executions of run test %s are new, so it is not certain which one this run started: look at them in the dashboard and cancel what is not needed", len(found), runTestID)
		case len(found) == 1:
			candidate = found[0]
			if seen++; seen >= looks.sightings {
				return candidate, nil
			}
		case err != nil:
			why = fmt.Errorf("it could not be read: %w", err)
		}
		if err == nil || !r.survives(err, unknownGrace) {
			look++
		}
		if look <= len(looks.pauses) && pause(ctx, wait) == nil {
			continue
		}
		if candidate == uuid.Nil {
			return uuid.Nil, fmt.Errorf("look at run test %s in the dashboard before you run the job again: %w", runTestID, why)
		}
		return candidate, nil
	}
}

// unknown lists the executions that were not there before. When cleaning up it leaves
// out those that started too long after the execute to be its work, since others may
// have started them.
func (r *run) unknown(before []uuid.UUID, now []client.ExecutionSummary) []uuid.UUID {
	var found []uuid.UUID
	for _, e := range now {
		if !slices.Contains(before, e.ID) && !(r.cleaning && r.record.Shared && !near(e.StartedAt, r.record.SentAt)) {
			found = append(found, e.ID)
		}
	}
	return found
}

// startWindow is how long after an execute was sent its execution can begin, and how far
// the clocks of two machines may be apart.
const startWindow = time.Minute

// near reports whether an execution began when the execute was sent; not when it is not
// known.
func near(startedAt *time.Time, sentAt time.Time) bool {
	return startedAt != nil && startedAt.Sub(sentAt).Abs() <= startWindow
}

// ownRefused takes over what a refused execute left behind, for it to be cancelled: the
// deployed server answers 400 "Failed to start test execution" and leaves an execution
// that stays pending for ever (contract, section 3.2). On a run test that others use
// too it would be a guess. When it could not be read, cleanup looks again.
func (r *run) ownRefused(ctx context.Context, runTestID uuid.UUID, before []client.ExecutionSummary, failure *client.Error) {
	if failure.Status == http.StatusBadRequest {
		now, err := r.API.Executions(ctx, runTestID)
		if err != nil {
			r.searched = ctx.Err() == nil
			return
		}
		left := r.unknown(ids(before), now)
		if len(left) > 0 && r.record.Shared {
			// Others may have started it: it is named, and not cancelled.
			r.warn(text.Sprintf("Run test %s has an execution that is new since the start was refused: %s. It may be what the server left behind of this start, pending for ever: look at it in the dashboard, and cancel it there when nobody else has started it.", runTestID, joinIDs(left)))
			left = nil
		}
		for _, id := range left {
			r.own(id)
		}
		if len(left) > 0 {
			return
		}
	}
	r.keep(func(rec *Record) { rec.Step = StepCreated })
}

// own takes an execution as the one that this run started and may cancel.
func (r *run) own(id uuid.UUID) {
	r.owned = true
	r.last = client.ExecutionPending
	r.useExecution(id)
}

// useExecution notes the execution everywhere it is needed.
func (r *run) useExecution(id uuid.UUID) {
	r.evidence.Execution.ID = id
	r.evidence.Execution.URL = executionURL(r.Config.API.DashboardURL, r.evidence.RunTest.ID, id)
	r.keep(func(rec *Record) { rec.Step, rec.ExecutionID, rec.Owned = StepStarted, id, r.owned })
	r.observe(ExecutionKnown{ID: id, URL: r.evidence.Execution.URL})
}

// leftover is the newest execution that was not cancelled.
func leftover(list []client.ExecutionSummary) (uuid.UUID, bool) {
	for _, e := range list {
		if e.Status != client.ExecutionCancelled && e.Status != client.ExecutionCancelling {
			return e.ID, true
		}
	}
	return uuid.Nil, false
}

// ids are the ids of a list of executions.
func ids(list []client.ExecutionSummary) []uuid.UUID {
	out := make([]uuid.UUID, len(list))
	for i, e := range list {
		out[i] = e.ID
	}
	return out
}
