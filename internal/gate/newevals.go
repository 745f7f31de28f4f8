package gate

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// checkNewEvals makes sure that the evals of new-eval-config-ids belong to the run test,
// since the server runs no others on its executions (contract, section 3.11).
func (r *run) checkNewEvals(t client.RunTest) error {
	var missing []text.Untrusted
	for _, id := range r.Config.NewEvalConfigIDs {
		if !slices.ContainsFunc(t.EvalConfigs, func(e client.EvalConfig) bool { return e.ID == id }) {
			missing = append(missing, text.New(id.String()))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	hint := text.Untrusted{}
	if r.Config.Target.Mode == config.ModeCreate {
		hint = text.New(". Evals that should run with the calls of a created run test are given by eval-config-ids or evaluations-config")
	}
	return configError{text.Sprintf("new-eval-config-ids: %s is not an eval config of run test %s, and the server runs no other on its executions; it has %s%s",
		text.Join(", ", missing...), t.ID, evalNames(t.EvalConfigs), hint)}
}

// evalNames lists evals with their ids.
func evalNames(evals []client.EvalConfig) text.Untrusted {
	if len(evals) == 0 {
		return text.New("none")
	}
	const shown = 10
	var all []text.Untrusted
	for i, e := range evals {
		if i == shown {
			all = append(all, text.Sprintf("%d more", len(evals)-i))
			break
		}
		all = append(all, text.Sprintf("%s %q", e.ID, e.Name))
	}
	return text.Join(", ", all...)
}

// attachedRunTest finds the run test of an execution that somebody else started, when
// new evals are to run on it: they are started at the run test.
func (r *run) attachedRunTest(ctx context.Context) error {
	if len(r.Config.NewEvalConfigIDs) == 0 {
		return nil
	}
	execution := r.paid.ID()
	p, err := r.API.Poll(ctx, execution)
	if err != nil {
		return err
	}
	if p.RunTestID != uuid.Nil {
		t, err := r.API.RunTest(ctx, p.RunTestID)
		if err != nil {
			return err
		}
		return r.useAttached(t)
	}
	// The deployed server does not say which run test an execution belongs to. Evals
	// belong to one: it is a run test that has them and this execution.
	for t, err := range r.API.RunTests(ctx, "") {
		if err != nil {
			return err
		}
		if r.checkNewEvals(t) != nil {
			continue
		}
		executions, err := r.API.Executions(ctx, t.ID)
		if err != nil {
			return err
		}
		if lists(executions, execution) {
			return r.useAttached(t)
		}
	}
	return configError{text.Sprintf("new-eval-config-ids: no run test was found that has these eval configs and, among its newest executions, %s; "+
		"the server does not say to which run test an execution belongs. Check that the eval configs belong to the run test of this execution, "+
		"or run new evals in the job that starts the execution, with run-test-id", execution)}
}

// useAttached notes the run test of an attached execution.
func (r *run) useAttached(t client.RunTest) error {
	if err := r.checkNewEvals(t); err != nil {
		return err
	}
	r.paid.UseRunTest(t, false)
	// Evals that the run test has got since are none of this execution.
	r.evidence.Evals = slices.DeleteFunc(slices.Clone(t.EvalConfigs), func(e client.EvalConfig) bool { return !runsLater(r.Config, e.ID) })
	r.paid.UseExecution(r.paid.ID())
	return nil
}

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
	case r.evidence.Calls.Len() == 0:
		// The deployed server would refuse, and leave the execution evaluating for ever
		// (contract, section 3.11).
		return r.withoutEvals(text.New("the execution has no calls"))
	case r.paid.Execution().Status != client.ExecutionCompleted:
		return r.withoutEvals(text.Sprintf("the execution is %s, and the server runs them only on a completed one", r.paid.Execution().Status))
	}
	asked := r.Config.NewEvalConfigIDs
	before := r.evidence.Calls
	calls := before.IDs()
	older := resultsOf(before, asked)
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
		r.stale = r.Config.NewEvalConfigIDs
		r.log.Warn(text.Sprintf("The server accepted the new evals, but no call changed within %s: older results of them do not count.", rerunGrace))
	}
	r.evaluated = true
	if err := r.collect(ctx); err != nil {
		return err
	}
	r.dropUnchanged(older)
	return nil
}

// withoutEvals notes why new evals were not run.
func (r *run) withoutEvals(why text.Untrusted) error {
	r.stale = r.Config.NewEvalConfigIDs
	r.withoutStale()
	r.evidence.Unevaluated = text.Sprintf("the new evals were not run: %s", why)
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

// runsLater reports whether an eval is one that does not run with the calls, but only
// once they have ended.
func runsLater(c config.Config, id uuid.UUID) bool { return slices.Contains(c.NewEvalConfigIDs, id) }
