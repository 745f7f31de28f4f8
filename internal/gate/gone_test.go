package gate_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// forgetful is a server whose list of calls leaves out the failed ones after a rerun.
type forgetful struct {
	gate.API
	rerun bool
}

func (f *forgetful) RerunCalls(ctx context.Context, execution uuid.UUID, typ calls.RerunType, calls []uuid.UUID) (calls.RerunResult, error) {
	f.rerun = true
	return f.API.RerunCalls(ctx, execution, typ, calls)
}

func (f *forgetful) Collect(ctx context.Context, execution uuid.UUID) (calls.Execution, error) {
	e, err := f.API.Collect(ctx, execution)
	if !f.rerun {
		return e, err
	}
	var kept calls.Packer
	for _, c := range e.Calls.All() {
		if c.Status != calls.Failed {
			kept.Add(c)
		}
	}
	e.Calls = kept.List()
	return e, err
}

func TestACallThatWasSeenIsNotForgotten(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Calls: map[int]story.Outcome{3: story.Fails("no-answer")}}
	bothDialects(t, simulator.Options{Plan: plan}, func(w *world) {
		w.gate.API = &forgetful{API: w.gate.API}
		w.gate.Config.Reruns.Attempts = 1
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(100)}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "missing now") {
			t.Errorf("reason %q, want it to say that a call is missing", reason)
		}
	})
}

func TestARunThatTurnedOutTooLargeWhenItHadEndedIsSaid(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Dialect: simulator.Documented, Plan: story.Plan{Default: story.Succeeds(9).Lasting(1)}}
	inWorld(t, options, func(w *world) {
		w.gate.Config.MaxCalls = 10
		w.gate.Config.Waiting.PollMinInterval = w.gate.Timeout / 2
		w.gate.Config.Waiting.PollMaxInterval = w.gate.Timeout / 2
		got := w.run()
		if got.Verdict.Kind == verdict.Error {
			return // its size showed while it ran: cancelled
		}
		said := false
		for _, warning := range got.Evidence.Warnings {
			said = said || strings.Contains(warning.Line(), "more than max-calls 10")
		}
		if !said {
			t.Errorf("warnings %v, want one about max-calls", got.Evidence.Warnings)
		}
	})
}
