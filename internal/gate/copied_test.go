package gate_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// sloppy is a server that leaves out an eval of each run test that it creates, as the vendor's does with templates
// that it does not find.
type sloppy struct{ gate.API }

func (f sloppy) CreateRunTest(ctx context.Context, body client.CreateRunTest) (calls.RunTest, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(body.EvaluationsConfig, &entries); err != nil {
		return calls.RunTest{}, err
	}
	body.EvaluationsConfig, _ = json.Marshal(entries[1:])
	return f.API.CreateRunTest(ctx, body)
}

// edited is a server on which somebody has changed a run test.
type edited struct {
	gate.API
	id   uuid.UUID
	edit func(*calls.RunTest)
}

func (e edited) RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error) {
	t, err := e.API.RunTest(ctx, id)
	if id == e.id {
		e.edit(&t)
	}
	return t, err
}

// nightly makes the gate of a world run a run test of the user's by a key, so that it executes a copy.
func (w *world) nightly() uuid.UUID {
	w.keyed()
	id := w.server.AddRunTest("nightly")
	w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: id}
	return id
}

func TestACopyThatLacksAnEvalIsNotRun(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{}, func(w *world) {
		w.nightly()
		w.gate.API = sloppy{w.gate.API}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
		w.wantReason(got, "cannot be copied: the server left out its eval", "was deleted again")
		w.wantPaid(0)
	})
}

func TestWhatWasRunOfAnotherContentIsNotJudgedAgain(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*calls.RunTest){
		"a mapping": func(t *calls.RunTest) {
			e := &t.EvalConfigs[0]
			var fields map[string]json.RawMessage
			_ = json.Unmarshal(e.Definition, &fields)
			fields["mapping"] = json.RawMessage(`{"conversation":"another"}`)
			e.Definition, _ = json.Marshal(fields)
		},
		"the evaluation of tools": func(t *calls.RunTest) { t.ToolEvaluation = new(true) },
		"the rows of a scenario":  func(t *calls.RunTest) { t.Scenarios[0].DatasetRows = new(7) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, simulator.Options{}, func(w *world) {
				id := w.nightly()
				w.run()
				w.later()
				w.run()
				w.wantPaid(1)
				w.gate.API = edited{w.gate.API, id, edit}
				w.run()
				w.wantPaid(2)
			})
		})
	}
}

// What somebody else runs later on the run test of a key is not ours.
func TestTheFirstExecutionOfTheKeyIsTheOneThatIsJudgedAgain(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.keyed()
		first := w.run()
		w.server.AddExecution(first.Evidence.RunTest.ID, 0)
		time.Sleep(time.Hour)
		w.later()
		again := w.run()
		if again.Evidence.Execution.ID != first.Evidence.Execution.ID || again.Evidence.Reused == nil {
			t.Errorf("judged %s after %s, reused %+v", again.Evidence.Execution.ID, first.Evidence.Execution.ID, again.Evidence.Reused)
		}
	})
}

// start without a run-key leaves the execution to the next run of the attempt, and to nobody's cleanup.
func TestWhatStartBeganIsTakenUpInTheSameAttempt(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		started := w.gate.Start(w.t.Context())
		w.wantReason(started, "run in the same attempt of a CI job waits for it and judges it")
		left := w.records[len(w.records)-1]
		if left.LeftBehind() || !left.Unfinished() {
			t.Errorf("cleanup would end it, or run not find it: %+v", left)
		}
		w.records, w.gate.Earlier = nil, &left
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		if got.Evidence.Execution.ID != started.Evidence.Execution.ID {
			t.Errorf("judged %s, started %s", got.Evidence.Execution.ID, started.Evidence.Execution.ID)
		}
		for _, r := range w.records {
			if r.Left {
				t.Error("the run leaves it to another one")
			}
		}
	})
}

func TestARunTestThatIsNotExecutedIsDeletedAgain(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.judgeBy(`eval "nobody has it": pass_rate >= 90`)
		w.wantReason(w.run(), "was deleted again")
		if l := w.server.Ledger(); len(l.Created) != 1 || len(l.Deleted) != 1 {
			t.Errorf("%d run tests created, %d deleted", len(l.Created), len(l.Deleted))
		}
	})
}

func TestCriteriaThatAreAllInQuarantineCostNothing(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.judgeBy(`scenario "Billing dispute": success_rate >= 90`)
		w.gate.Quarantine = []verdict.Quarantined{{Scenario: text.New("Billing dispute")}}
		w.wantReason(w.run(), "nothing is left to judge by")
		w.wantPaid(0)
	})
}

// The list is read for as long as the server asks to wait, before the start is sent again.
func TestAStartIsNotSentAgainBeforeTheServerAllowsIt(t *testing.T) {
	t.Parallel()
	for _, asked := range []time.Duration{20 * time.Second, 5 * time.Minute} {
		fault := simulator.Fault{Endpoint: api.EndpointExecute, Kind: simulator.FaultUnavailable, RetryAfter: asked}
		bothDialects(t, simulator.Options{Faults: []simulator.Fault{fault}}, func(w *world) {
			began := time.Now()
			w.wantVerdict(w.run(), verdict.Pass, "")
			w.wantPaid(1)
			if waited := w.server.Ledger().Started[0].At.Sub(began); waited < asked {
				t.Errorf("sent again after %s, asked to wait %s", waited, asked)
			}
		})
	}
}
