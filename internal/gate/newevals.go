package gate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// owesEvals reports whether new evals were asked for and have not been run.
func (r *run) owesEvals() bool {
	return len(r.Config.NewEvalConfigIDs) > 0 && !r.evaluated && !r.paid.Evaluated()
}

// newEvals runs the evals of new-eval-config-ids on the execution and waits for their
// end. When they cannot be run the run goes on, to report what there is, and does not
// pass.
func (r *run) newEvals(ctx context.Context) error {
	if !r.owesEvals() {
		return nil
	}
	if r.paid.Guessed() {
		return r.withoutEvals(text.New("the execution may be that of others"))
	}
	if r.unsure {
		return r.withoutEvals(text.New("an earlier process of this job attempt asked for them before it was killed, and whether they ran is not known"))
	}
	r.log.Tell(event.Phase{Name: "New evals"})
	switch {
	case r.gathered.Calls().Len() == 0:
		// The deployed server would refuse, and leave the execution evaluating for ever
		// (contract, section 3.11).
		return r.withoutEvals(text.New("the execution has no calls"))
	case r.paid.Execution().Status != client.ExecutionCompleted:
		return r.withoutEvals(text.Sprintf("the execution is %s, and the server runs them only on a completed one", r.paid.Execution().Status))
	}
	asked := r.Config.NewEvalConfigIDs
	before := r.gathered.Calls()
	calls := before.IDs()
	older := evidence.ResultsOf(before, asked)
	r.log.Note(text.Sprintf("Running new evals on %d calls (%d asked for); no call is placed.", len(calls), len(asked)))
	r.paid.BeginEvals()
	result, err := r.sendEvals(ctx, client.RunNewEvals{
		ExecutionID:          r.paid.ID(),
		EvalConfigIDs:        asked,
		EnableToolEvaluation: r.Config.Create.EnableToolEvaluation,
	}, calls, before)
	switch {
	case err != nil && ctx.Err() != nil:
		return r.patience.CauseOf(ctx, err)
	case err != nil:
		return r.withoutEvals(text.New(err.Error()))
	case result.Calls != nil && *result.Calls == 0:
		return r.withoutEvals(text.Sprintf("the server found no call to evaluate: %s", result.Message))
	case result.DispatchFailed:
		return r.withoutEvals(text.Sprintf("the server took them but could not start them: %s", result.Message))
	}
	r.paid.EvalsTaken()
	r.paid.Expect(client.ExecutionEvaluating)
	r.forgetBlanked(ctx, older)
	changed, err := r.awaitChange(ctx, calls, before)
	if err != nil {
		return err
	}
	if !changed {
		r.gathered.Unchanged(asked)
		r.log.Warn(text.Sprintf("The server accepted the new evals, but no call changed within %s: older results of them do not count.", rerunGrace))
	}
	r.evaluated = true
	if err := r.collect(ctx); err != nil {
		return err
	}
	if n := r.gathered.DropUnchanged(older); n > 0 {
		r.log.Warn(text.Sprintf("%s of the new evals did not change: they did not run anew, and the older ones do not count.", text.Plural(n, "result")))
	}
	return nil
}

// withoutEvals notes why new evals were not run.
func (r *run) withoutEvals(why text.Untrusted) error {
	r.gathered.WithoutEvals(r.Config.NewEvalConfigIDs, text.Sprintf("the new evals were not run: %s", why))
	r.log.Warn(text.Sprintf("The new evals were not run: %s", why))
	return nil
}

// sendEvals asks for new evals. When the answer is lost, or a refusal, it finds out whether
// they are being run. Only after a refusal that had no effect, on an execution that this run
// started, they are asked for again.
func (r *run) sendEvals(ctx context.Context, body client.RunNewEvals, calls []uuid.UUID, before verdict.Calls) (result client.NewEvalsResult, _ error) {
	again := text.New("The server refused the new evals, and the execution shows no sign of them: asking again.")
	sent, err := r.sendWork(ctx, calls, before, again, func() (err error) {
		result, err = r.API.RunNewEvals(ctx, r.paid.RunTest().ID, body)
		return err
	})
	switch sent {
	case wasAnswered:
		return result, err
	case wasTakenUp:
		r.log.Warn(text.New("The request to run new evals had no usable answer, but the execution has changed since: they were started."))
		return client.NewEvalsResult{}, nil
	case wasNotRead, wasNotSeen:
	}
	return client.NewEvalsResult{}, err
}

// awaitChange waits until work on a terminal execution has ended that the server has
// accepted. A terminal status is believed when the execution was seen at work since, or
// when one of the calls has changed: else it may be the status from before. changed is
// false when neither was seen and only time has passed.
func (r *run) awaitChange(ctx context.Context, calls []uuid.UUID, before verdict.Calls) (changed bool, _ error) {
	began := time.Now()
	var readErr error
	r.doubted = true
	err := r.watchUntil(ctx, func(p client.Progress) bool {
		switch {
		case !p.Status.Terminal():
			changed = true
		case changed || time.Since(began) > rerunGrace:
			return true
		default:
			changed, readErr = r.changed(ctx, calls, before)
		}
		r.doubted = !changed
		return p.Status.Terminal() && changed || readErr != nil
	})
	if err == nil {
		err, r.doubted = readErr, false
	}
	return changed, err
}

// forgetBlanked reads the calls once after the server has accepted new evals, and forgets the
// older results of evals that it has taken away: what comes in their place is new. When the
// calls cannot be read, all are forgotten.
func (r *run) forgetBlanked(ctx context.Context, older map[evidence.Result]client.Eval) {
	if len(older) == 0 {
		return
	}
	e, err := r.API.Collect(ctx, r.paid.ID())
	if err != nil && e.Calls.Len() == 0 {
		clear(older)
		return
	}
	evidence.ForgetRun(verdict.CallsOf(e.Calls, nil), older)
}
