package gate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// wantEvals fails the test when the run was judged on other evals.
func (w *world) wantEvals(got []calls.EvalConfig, names ...string) {
	w.t.Helper()
	var have []string
	for _, e := range got {
		have = append(have, e.Name.Line())
	}
	if strings.Join(have, ",") != strings.Join(names, ",") {
		w.t.Errorf("evals %v, want %v", have, names)
	}
}

func TestEvalsThatTheServerIgnoredAreCopiedFromTheirRunTest(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.server.AddRunTest("nightly")
		all := w.server.EvalConfigs()
		w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{all[0].ID, all[2].ID}
		w.gate.Config.Create.EvaluationsConfig = json.RawMessage(`[{"template_id":"` + all[1].TemplateID.String() + `","name":"inline"}]`)
		criteria, err := criteria.Parse("eval is_helpful: pass_rate >= 90\neval tone: share Polite >= 90\neval inline: result_rate >= 100")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.Rules.Criteria = criteria
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := len(w.server.Ledger().Created); n != 1 {
			t.Errorf("%d run tests were created, want 1", n)
		}
		if n := len(got.Evidence.Evals); n != 3 {
			t.Errorf("%d evals, want the 3 that were asked for", n)
		}
		w.wantPaid(1)
	})
}

func TestEvalsThatCannotBeCopiedStopTheRunBeforePaying(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		prepare func(w *world)
		reason  string
	}{
		{"no run test has it", func(w *world) {
			w.server.AddRunTest("nightly")
			w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[0].ID, uuid.MustParse("78d232e4-4949-40ba-b1c1-71b843fa39cd")}
		}, "78d232e4-4949-40ba-b1c1-71b843fa39cd"},
		{"the name is taken", func(w *world) {
			w.server.AddRunTest("nightly")
			all := w.server.EvalConfigs()
			w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{all[0].ID}
			w.gate.Config.Create.EvaluationsConfig = json.RawMessage(`[{"template_id":"` + all[1].TemplateID.String() + `","name":"is_helpful"}]`)
		}, "already exists"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{Dialect: simulator.Deployed}, func(w *world) {
				c.prepare(w)
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
				if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, c.reason) || !strings.Contains(reason, "nothing was started") {
					t.Errorf("reason %q, want it to say %q", reason, c.reason)
				}
				w.wantPaid(0)
			})
		})
	}
}

func TestALostAnswerToTheCopyAttachesNothingTwice(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.FaultLost, simulator.FaultTruncated, simulator.FaultSlow} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Dialect: simulator.Deployed, Faults: []simulator.Fault{{Endpoint: api.EndpointEvalConfigs, Kind: kind}}}
			inWorld(t, options, func(w *world) {
				w.server.AddRunTest("nightly")
				w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[0].ID}
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantEvals(got.Evidence.Evals, "is_helpful")
			})
		})
	}
}
