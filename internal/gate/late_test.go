package gate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestLateResultsAreWaitedForWhileTheVerdictDependsOnThem(t *testing.T) {
	t.Parallel()
	late := story.Plan{LateScores: 90 * time.Second, Default: story.Succeeds(2)}
	for name, c := range map[string]struct {
		criteria string
		want     verdict.Kind
		waits    bool
	}{
		"the score decides":         {"overall_score >= 7", verdict.Fail, true},
		"another criterion decides": {"overall_score >= 7\ntotal_calls <= 3", verdict.Fail, false},
		"nothing looks at it":       {"success_rate >= 90", verdict.Pass, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{Plan: late}, func(w *world) {
				w.judgeBy(c.criteria)
				w.gate.Config.Waiting.PollMaxInterval = 3 * time.Second // the wait does not depend on it
				got := w.run()
				w.wantVerdict(got, c.want, "")
				if waited := strings.Contains(w.said(), "depends on missing results"); waited != c.waits {
					t.Errorf("waited %t, want %t", waited, c.waits)
				}
			})
		})
	}
}

func TestPlannedCallsThatDoNotComeAreUnknown(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: story.Plan{LostRecords: 4}}, func(w *world) {
		w.judgeBy("success_rate >= 90")
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "4 missing")
		if c := got.Verdict.Counts; c.Planned != 20 || c.Total != 16 || c.Missing != 4 || c.Judged != 16 {
			t.Errorf("counts %+v", c)
		}
		if said := fmt.Sprint(got.Verdict.Warnings); !strings.Contains(said, "4 of 20 planned calls are missing") {
			t.Errorf("warnings %s", said)
		}
	})
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: story.Plan{MissingScenarios: []string{"Billing dispute"}}}, func(w *world) {
		w.judgeBy("success_rate >= 60\neach scenario: success_rate >= 60") // 15 of 20 at the worst
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, `"Billing dispute"`)
	})
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: story.Plan{LostRecords: 1}}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		execution := w.server.AddExecution(runTest, time.Hour)
		w.judgeBy("success_rate >= 98")
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: execution}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		if got.Evidence.RunTest.ID != runTest || got.Evidence.Execution.URL == "" || got.Evidence.Execution.AgentName.IsEmpty() || got.Evidence.Execution.StartedAt == nil {
			t.Errorf("the attached execution is %+v of run test %s", got.Evidence.Execution, got.Evidence.RunTest.ID)
		}
	})
}

// unmoved is a server that accepts new evals and leaves the results as they are.
type unmoved struct{ gate.API }

func (u unmoved) RunNewEvals(context.Context, uuid.UUID, client.RunNewEvals) (calls.NewEvalsResult, error) {
	return calls.NewEvalsResult{Calls: new(20)}, nil
}

// hasty is a server whose new results are there, and equal to the older ones, before anybody
// looks: all but that of the first call.
type hasty struct {
	gate.API
	before   *calls.List
	accepted bool
}

func (h *hasty) RunNewEvals(ctx context.Context, runTest uuid.UUID, body client.RunNewEvals) (calls.NewEvalsResult, error) {
	h.accepted = true
	return h.API.RunNewEvals(ctx, runTest, body)
}

func (h *hasty) Collect(ctx context.Context, execution uuid.UUID) (calls.Execution, error) {
	e, err := h.API.Collect(ctx, execution)
	if !h.accepted {
		h.before = e.Calls
		return e, err
	}
	var calls calls.Packer
	for i, c := range e.Calls.All() {
		if i > 0 {
			c = h.before.At(i)
		}
		calls.Add(c)
	}
	e.Calls = calls.List()
	return e, err
}

func TestResultsOfEvalsThatDidNotRunAnewAreNone(t *testing.T) {
	t.Parallel()
	for name, api := range map[string]func(*world) gate.API{
		"accepted and never run": func(w *world) gate.API { return unmoved{w.api} },
		"run":                    func(w *world) gate.API { return w.api },
		"run, and back at once":  func(w *world) gate.API { return &hasty{API: w.api} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Dialect: simulator.Deployed, AttachEvals: true, Evals: []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}}}, func(w *world) {
				runTest := w.server.AddRunTest("nightly")
				w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: w.server.AddExecution(runTest, time.Hour)}
				tests, err := w.api.RunTest(w.t.Context(), runTest)
				if err != nil {
					t.Fatal(err)
				}
				w.gate.Config.NewEvalConfigIDs = []uuid.UUID{tests.EvalConfigs[0].ID}
				w.judgeBy("eval is_helpful: pass_rate >= 50")
				w.gate.API = api(w)
				got := w.run()
				if strings.HasPrefix(name, "run") {
					w.wantVerdict(got, verdict.Pass, "")
					return
				}
				w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
				w.wantReason(got, "is_helpful")
			})
		})
	}
}

func TestWhatCouldNotBeReadIsNotMissing(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Plan: story.Plan{Stuck: story.StatusRunning}}, func(w *world) {
		w.gate.Timeout = 10 * time.Minute
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		if c := got.Verdict.Counts; c.Missing != 0 {
			t.Errorf("counts %+v, want none that never came: nobody looked", c)
		}
		for _, warning := range got.Verdict.Warnings {
			if strings.Contains(warning.Line(), "missing") {
				t.Errorf("warning %q is not known to be true", warning.Line())
			}
		}
	})
}
