package gate

import (
	"context"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// evaluator runs the evals of new-eval-config-ids.
type evaluator struct {
	*tools
	asker     *asker
	collector *collector
	// done is true once the evals have run.
	done bool
}

// owes reports whether new evals were requested and have not run.
func (e *evaluator) owes() bool { return e.evalsToCome() && !e.done }

// evaluate runs the evals of new-eval-config-ids on the execution and waits for their end. If they
// cannot run, the gate still reports what there is, but does not pass.
func (e *evaluator) evaluate(ctx context.Context) error {
	if !e.owes() {
		return nil
	}
	if e.paid.Guessed() {
		e.without(text.New("the execution may belong to someone else"))
		return nil
	}
	if e.paid.Unsure() {
		e.without(text.New("an earlier process of this job requested them before it was killed, and it is not known whether they ran"))
		return nil
	}
	e.log.Tell(event.Phase{Name: "New evals"})
	switch {
	case e.paid.OfPrompt() && e.paid.Concluded():
		e.without(text.New("the server has not ended the execution, and runs new evals only on a completed one"))
		return nil
	case e.gathered.Current().Len() == 0:
		// The deployed server would refuse and leave the execution evaluating forever
		// (contract, section 3.11).
		e.without(text.New("the execution has no calls"))
		return nil
	case e.paid.Execution().Status != calls.ExecutionCompleted:
		e.without(text.Sprintf("the execution is %s, and the server runs new evals only on a completed execution", e.paid.Execution().Status))
		return nil
	}
	asked := e.config.NewEvalConfigIDs
	if ran, err := e.inTurn(ctx, asked); ran || err != nil {
		return err
	}
	before := e.gathered.Current()
	list := before.IDs()
	older := evidence.ResultsOf(before, asked)
	e.log.Note(text.Sprintf("Running %s on %s; no new calls are placed.", text.Plural(len(asked), "new eval"), text.Plural(len(list), "call")))
	e.paid.BeginEvals()
	result, err := e.sendEvals(ctx, client.RunNewEvals{
		ExecutionID:          e.paid.ID(),
		EvalConfigIDs:        asked,
		EnableToolEvaluation: e.config.Create.EnableToolEvaluation,
	}, list, before)
	switch {
	case err != nil && ctx.Err() != nil:
		return e.patience.CauseOf(ctx, err)
	case err != nil:
		e.without(text.New(err.Error()))
		return nil
	case result.Calls != nil && *result.Calls == 0:
		e.without(text.Sprintf("the server found no call to evaluate: %s", result.Message))
		return nil
	case result.DispatchFailed:
		e.without(text.Sprintf("the server accepted them but could not start them: %s", result.Message))
		return nil
	}
	e.paid.EvalsTaken()
	e.paid.Expect(calls.ExecutionEvaluating)
	e.forgetBlanked(ctx, older)
	changed, err := e.asker.awaitChange(ctx, list, before)
	if err != nil {
		return err
	}
	if !changed {
		e.gathered.Unchanged(asked)
		e.log.Warn(text.Sprintf("The server accepted the new evals, but no call changed within %s: their older results do not count.", workGrace))
	}
	e.done = true
	if err := e.collector.collect(ctx); err != nil {
		return err
	}
	if n := e.gathered.DropUnchanged(older); n > 0 {
		e.log.Warn(text.Sprintf("%s of the new evals did not change, so these evals did not run again: their older results do not count.", text.Plural(n, "result")))
	}
	return nil
}

// without records why new evals did not run.
func (e *evaluator) without(why text.Untrusted) {
	e.gathered.WithoutEvals(e.config.NewEvalConfigIDs, text.Sprintf("the new evals were not run: %s", why))
	e.log.Warn(text.Sprintf("The new evals were not run: %s", why))
}

// sendEvals requests new evals. If the response is lost or a refusal, it finds out whether they
// were started anyway. They are requested again only after a refusal without effect, on an
// execution that this run started.
func (e *evaluator) sendEvals(ctx context.Context, body client.RunNewEvals, list []uuid.UUID, before verdict.Calls) (result calls.NewEvalsResult, _ error) {
	again := text.New("The server refused the new evals, and the execution shows no sign of them. Requesting them again")
	sent, err := e.asker.send(ctx, list, before, again, func() (err error) {
		result, err = e.api.RunNewEvals(ctx, e.paid.RunTest().ID, body)
		return err
	})
	switch sent {
	case wasAnswered:
		return result, err
	case wasTakenUp:
		e.log.Warn(text.New("The request for new evals got no usable response, but the execution has changed since: they count as started."))
		return calls.NewEvalsResult{}, nil
	case wasNotRead, wasNotSeen:
	}
	return calls.NewEvalsResult{}, err
}

// forgetBlanked reads the calls once after the server accepted new evals, and forgets the older
// results of evals that it has removed: what replaces them is new. If the calls cannot be read, it
// forgets all.
func (e *evaluator) forgetBlanked(ctx context.Context, older map[evidence.Result]calls.Eval) {
	if len(older) == 0 {
		return
	}
	now, err := e.api.Collect(ctx, e.paid.ID())
	if err != nil && now.Calls.Len() == 0 {
		clear(older)
		return
	}
	evidence.ForgetRun(verdict.CallsOf(now.Calls, nil), older)
}
