package gate

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// turnError says why more work was not asked for: other starts of the run-key may do so.
type turnError struct{ err error }

// Error implements error.
func (e turnError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e turnError) Unwrap() error { return e.err }

// asTurn is err unless it ends the run.
func asTurn(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return turnError{err}
}

// turnBody returns a run test that can be created, to stand for a turn. It is never executed.
func (t *tools) turnBody(ctx context.Context) (client.CreateRunTest, error) {
	body := client.CreateRunTest{Description: "A turn of agent-gate: it is deleted again", AgentDefinitionID: t.config.Target.AgentDefinitionID}
	some := t.config.Target.ScenarioIDs
	if t.config.Target.Mode != config.ModeCreate || len(some) == 0 {
		of, err := t.api.RunTest(ctx, t.paid.FirstRunTest().ID)
		if err != nil {
			return body, err
		}
		body.AgentDefinitionID, some = of.AgentID, nil
		for _, s := range of.Scenarios {
			some = append(some, s.ID)
		}
	}
	body.ScenarioIDs = some[:min(1, len(some))]
	return body, nil
}

// awaitTurn waits until this run may ask for more work on calls of the execution, which it has then read again. mine
// is false if another start of the run-key was at it: its work has ended then, and what is left is to be decided
// anew. Starts with another run-key than that of the attempt, and only those, share executions.
func (c *collector) awaitTurn(ctx context.Context, list []uuid.UUID) (mine bool, _ error) {
	if !c.config.FindsByKey() {
		return true, nil
	}
	before := c.gathered.Current()
	body, err := c.turnBody(ctx)
	if err != nil {
		return false, asTurn(ctx, err)
	}
	turn, err := c.paid.TakeTurn(ctx, c.paid.ID(), body, c.paid.IsAtWork)
	if err != nil {
		return false, asTurn(ctx, err)
	}
	ran := !turn.Mine
	if turn.Mine {
		e, err := c.calls(ctx, false)
		if err == nil && c.isOver(e) && c.paid.TurnHolds() {
			c.take(e)
			if turn.Others {
				c.gathered.CountOthers(list, before, false)
			}
			return true, nil
		}
		c.paid.LeaveTurn(ctx)
		if err != nil {
			return false, err
		}
		ran = !c.isOver(e)
	}
	if err := c.collect(ctx); err != nil {
		return false, err
	}
	c.gathered.CountOthers(list, before, ran)
	return false, nil
}

// inTurn picks the calls to rerun when it is this run's turn to do so.
func (r *rerunner) inTurn(ctx context.Context, attempt int, typ calls.RerunType) (list []uuid.UUID, refusal text.Untrusted, _ error) {
	for mine := false; ; {
		list, refusal = r.rerunnable(r.gathered.Current(), typ, nil)
		switch {
		case mine && len(list) == 0:
			r.paid.LeaveTurn(ctx)
			return list, refusal, nil
		case mine, len(list) == 0:
			return list, refusal, nil
		}
		var err error
		mine, err = r.collector.awaitTurn(ctx, list)
		r.back(typ, len(list)) // they are picked anew
		if err == nil {
			continue
		}
		if _, ok := errors.AsType[turnError](err); !ok {
			return nil, refusal, err
		}
		r.noMore = true
		r.gathered.AddRerun(verdict.Rerun{Attempt: attempt, Type: typ, Requested: len(list), Error: text.New(err.Error())})
		r.log.Warn(text.Sprintf("Not rerunning %s, because another start of the same run-key may do so: %s", text.Plural(len(list), "call"), text.New(err.Error())))
		return nil, text.Untrusted{}, nil
	}
}

// back gives back calls that were reserved for a rerun in the budget of all gates.
func (r *rerunner) back(typ calls.RerunType, n int) {
	if r.company != nil && typ == calls.RerunCallAndEval {
		r.company.Back(n)
	}
}

// inTurn waits until this run may run new evals. ran is true if they are not to be run: another start of the run-key
// has run them meanwhile, or it cannot be known.
func (e *evaluator) inTurn(ctx context.Context, asked []uuid.UUID) (ran bool, _ error) {
	if !e.config.FindsByKey() {
		return false, nil
	}
	before := e.gathered.Current()
	for {
		mine, err := e.collector.awaitTurn(ctx, nil)
		if _, ok := errors.AsType[turnError](err); ok {
			e.without(text.Sprintf("another start of the same run-key may do so: %s", text.New(err.Error())))
			return true, nil
		}
		switch {
		case err == nil && evidence.HaveRun(asked, before, e.gathered.Current()):
			e.paid.LeaveTurn(ctx)
			e.done = true
			e.log.Note(text.New("Another start of the same run-key has run the new evals."))
			return true, nil
		case mine, err != nil:
			return false, err
		}
	}
}

// mayBegin waits until this run may begin another execution, and reports whether it may. A trial that another start of
// the run-key has begun is taken up instead.
func (r *run) mayBegin(ctx context.Context, from ready, l leg) (bool, error) {
	if !r.config.FindsByKey() {
		return true, nil
	}
	match := paid.Match{Key: runname.Key(r.starter.name), MaxAge: r.config.ReuseMaxAge, Version: func(calls.RunTest) text.Untrusted { return text.Untrusted{} }}
	if r.config.Agent.Given() {
		match.Whole = r.starter.whole
	}
	body, err := r.turnBody(ctx)
	if err == nil {
		_, err = r.paid.TakeTurn(ctx, r.paid.ID(), body, func(ctx context.Context) (found bool, err error) {
			r.starter.same, found, err = r.paid.FollowedBy(ctx, match, from.runTest)
			return found, err
		})
	}
	id := r.starter.same.Execution.ID
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err == nil && id != uuid.Nil && r.config.Agent.Given():
		r.starter.same = paid.Same{}
		err = errors.New(text.Sprintf("another start of the same run-key has begun execution %s, whose conversations it holds", id).Raw())
	}
	if err == nil {
		return true, nil
	}
	if l.reruns() {
		r.gathered.AddRerun(verdict.Rerun{Attempt: l.attempt - 1, Type: calls.RerunCallAndEval, Requested: len(l.instead), Error: text.New(err.Error())})
	}
	r.log.Warn(text.Sprintf("No further execution was started, and the run is judged without it: %s", text.New(err.Error())))
	return false, nil
}
