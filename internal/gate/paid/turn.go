package paid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Several starts of a run-key can have the same execution. Before one of them asks for more work on it, a rerun or
// new evals, or executes the run test once more, it waits for its turn. A turn is a run test that is never executed,
// whose name ends with the execution: the oldest decides, like the run tests of the key. Whoever had its turn deletes
// it, and the turn of one that was killed ends by itself (claimEnds).

// turnCreates limits how many times the run test of a turn is created.
const turnCreates = 3

// errTurnLate ends what was to be done in a turn that others do not wait for any more.
var errTurnLate = errors.New("it took too long to be sure that no other start of the same run-key does the same")

// turn is this run's turn, or its wait for one; zero without.
type turn struct {
	name string
	id   uuid.UUID // uuid.Nil if unknown
	// asked is when its run test was requested first, and sent when last; made is when that was answered.
	asked, sent, made time.Time
	creates           int
}

// Turn is how the wait for a turn ended.
type Turn struct {
	// Mine is true if it is this run's turn, until [Run.LeaveTurn].
	Mine bool
	// Others is true if other starts had a turn meanwhile, or have done what this run waited for.
	Others bool
}

// TakeTurn waits until it is this run's turn on an execution, or until another start has done what the turn is for,
// which overtaken reports. body is a run test that can be created.
func (r *Run) TakeTurn(ctx context.Context, of uuid.UUID, body client.CreateRunTest, overtaken func(context.Context) (bool, error)) (got Turn, err error) {
	r.turn = turn{}
	defer func() {
		if !got.Mine {
			r.LeaveTurn(ctx)
		}
	}()
	seen := map[uuid.UUID]time.Time{}
	for {
		over, err := overtaken(ctx)
		if over || err != nil {
			return Turn{Others: over || got.Others}, err
		}
		waiting, err := r.turnsOf(ctx, of, seen)
		if err != nil {
			return got, err
		}
		listed := len(waiting) > 0
		switch {
		case listed && waiting[0].Name.Raw() != r.turn.name:
			if !got.Others {
				r.given.Log.Note(text.Sprintf("Another start of the same run-key has its turn on execution %s; waiting for it.", of))
			}
			got.Others = true
			r.deleteOwn(ctx, waiting)
			r.LeaveTurn(ctx)
		case !r.TurnHolds():
			return got, errTurnLate
		case listed && r.turn.made.IsZero(): // the answer to the create was lost
			r.turn.made = time.Now()
			r.keepTurn(waiting[0].ID)
		case listed && time.Since(r.turn.made) > claimSettles:
			r.keepTurn(waiting[0].ID)
			r.deleteOwn(ctx, waiting[1:])
			got.Mine = true
			return got, nil
		case !listed && r.turn.made.IsZero() && time.Since(r.turn.sent) > claimSettles:
			if err := r.createTurn(ctx, body, of); err != nil {
				return got, err
			}
		}
		if err := patience.Pause(ctx, claimPause); err != nil {
			return got, err
		}
	}
}

// FollowedBy finds an execution of the run-key that another start has begun after this run's last one. t is the run
// test of the key.
func (r *Run) FollowedBy(ctx context.Context, m Match, t calls.RunTest) (same Same, found bool, _ error) {
	tests := []calls.RunTest{t}
	if m.Whole != nil {
		all, err := r.ofKey(ctx, m.Key)
		if err != nil {
			return same, false, err
		}
		tests = append(tests, partsOf(t, all)...)
	}
	for _, t := range tests {
		list, err := r.executionsOf(ctx, t.ID)
		if err != nil && !patience.IsMissing(err) {
			return same, false, err
		}
		for _, e := range slices.Backward(list) { // oldest first
			began := r.execution.StartedAt
			own := slices.ContainsFunc(r.Executions(), func(x verdict.Execution) bool { return x.ID == e.ID })
			if own || r.seen[e.ID] || r.isEarlier(e.ID) || began != nil && e.StartedAt != nil && e.StartedAt.Before(*began) {
				continue
			}
			// Those that a process has held are cancelled when they are over.
			ok := m.Whole != nil
			if !ok {
				if ok, err = r.counts(ctx, m, t, e); err != nil {
					return same, false, err
				}
			}
			if ok {
				return Same{RunTest: t, Execution: e}, true, nil
			}
		}
	}
	return same, false, nil
}

// see records executions of the key that were there when this run began.
func (r *Run) see(list []calls.ExecutionSummary) {
	if r.seen == nil {
		r.seen = map[uuid.UUID]bool{}
	}
	for _, e := range list {
		r.seen[e.ID] = true
	}
}

// IsAtWork reports whether an execution that had ended is running again. One whose status is late for ever does not
// tell.
func (r *Run) IsAtWork(ctx context.Context) (bool, error) {
	if r.Concluded() {
		return false, nil
	}
	p, err := r.standing(ctx, r.execution.ID)
	return err == nil && !p.Status.Terminal(), err
}

// createTurn requests the run test of this run's turn. Whether a lost request had an effect is seen in the list.
func (r *Run) createTurn(ctx context.Context, body client.CreateRunTest, of uuid.UUID) error {
	now := time.Now()
	if r.turn.name == "" {
		r.turn = turn{name: runname.Turn(uuid.New(), of), asked: now}
	}
	body.Name, r.turn.sent = r.turn.name, now
	r.turn.creates++
	t, err := r.given.API.CreateRunTest(ctx, body)
	if err == nil {
		r.turn.made = time.Now()
		r.keepTurn(t.ID)
		return nil
	}
	failure, ok := errors.AsType[*client.Error](err)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !ok, failure.Unsent && failure.Status != 0 && !isNameTaken(failure), r.turn.creates >= turnCreates:
		return fmt.Errorf("no turn among the starts of the same run-key: %w", err)
	}
	r.given.Patience.Failed(err)
	return patience.Pause(ctx, patience.RetryAfter(failure))
}

// turnsOf lists the turns on an execution that have not ended by themselves, oldest first. seen has when they were
// first seen, for servers that do not tell when they were created.
func (r *Run) turnsOf(ctx context.Context, of uuid.UUID, seen map[uuid.UUID]time.Time) ([]calls.RunTest, error) {
	all, err := r.named(ctx, of.String(), func(name string) bool { return runname.IsTurn(name, of) })
	now := r.serverTime(time.Now())
	began := func(t calls.RunTest) time.Time {
		if t.CreatedAt != nil {
			return *t.CreatedAt
		}
		if seen[t.ID].IsZero() {
			seen[t.ID] = now
		}
		return seen[t.ID]
	}
	all = slices.DeleteFunc(all, func(t calls.RunTest) bool { return now.Sub(began(t)) >= claimEnds })
	slices.SortStableFunc(all, func(a, b calls.RunTest) int {
		return cmp.Or(began(a).Compare(began(b)), calls.CompareIDs(a.ID, b.ID))
	})
	return all, err
}

// TurnHolds reports whether others still wait for this run's turn. It is true if this run needs none.
func (r *Run) TurnHolds() bool {
	return r.turn.asked.IsZero() || time.Since(r.turn.asked) <= claimLasts
}

// LeaveTurn ends this run's turn, or its wait for one: others go on at once. It is best effort, since a turn ends by
// itself.
func (r *Run) LeaveTurn(ctx context.Context) {
	left := r.turn
	r.turn = turn{}
	if left.id != uuid.Nil {
		r.deleteTurn(ctx, left.id)
	}
}

// LeaveUnused is [Run.LeaveTurn] unless a start was sent of which it is not certain what came of it.
func (r *Run) LeaveUnused(ctx context.Context) {
	if r.record.Step != StepExecuting {
		r.LeaveTurn(ctx)
	}
}

// keepTurn records the run test of this run's turn.
func (r *Run) keepTurn(id uuid.UUID) {
	r.turn.id = id
	if r.record.Turn != id {
		r.keep(func(rec *Record) { rec.Turn = id })
	}
}

// deleteTurn deletes the run test of a turn.
func (r *Run) deleteTurn(ctx context.Context, id uuid.UUID) {
	look, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), lookTime, ErrNoTime)
	defer cancel()
	if err := r.remove(look, id); err != nil {
		r.given.Log.Note(text.Sprintf("Run test %s could not be deleted, so other starts of the run-key wait for it: %s", id, text.New(err.Error())))
		return
	}
	if r.record.Turn == id {
		r.keep(func(rec *Record) { rec.Turn = uuid.Nil })
	}
}

// deleteOwn deletes run tests of this run's turn: a create whose answer was lost can have made several.
func (r *Run) deleteOwn(ctx context.Context, list []calls.RunTest) {
	for _, t := range list {
		if t.Name.Raw() == r.turn.name && t.ID != r.turn.id {
			r.deleteTurn(ctx, t.ID)
		}
	}
}

// leaveKilled ends the turn of a process that was killed before it had sent anything.
func (r *Run) leaveKilled(ctx context.Context) {
	if r.record.Turn != uuid.Nil && !r.UnderWay() && r.record.Step != StepExecuting {
		r.deleteTurn(ctx, r.record.Turn)
	}
}
