package gate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// said are the notes and warnings of a run.
func (w *world) said() string {
	var lines []string
	for _, e := range w.events {
		switch e := e.(type) {
		case event.Note:
			lines = append(lines, e.Text.Line())
		case event.Warning:
			lines = append(lines, e.Text.Line())
		}
	}
	return strings.Join(lines, "\n")
}

// wantSaid fails the test when a part was not said.
func (w *world) wantSaid(parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(w.said(), part) {
			w.t.Errorf("it was not said %q, but:\n%s", part, w.said())
		}
	}
}

// wantNothingWritten fails the test when a request was sent that writes, or the journal
// was written.
func (w *world) wantNothingWritten() {
	w.t.Helper()
	counts := w.server.Ledger().Counts
	for _, endpoint := range []api.Endpoint{
		api.EndpointCreate, api.EndpointExecute, api.EndpointRerun, api.EndpointNewEvals,
		api.EndpointEvalConfigs, api.EndpointCancel,
	} {
		if n := counts[endpoint]; n != 0 {
			w.t.Errorf("%d requests to %s were sent, want none", n, endpoint)
		}
	}
	if len(w.records) != 0 {
		w.t.Errorf("the journal was written: %+v", w.records)
	}
}

func TestADryRunOfARunTestShowsThePlanAndStartsNothing(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest, ScenarioIDs: w.server.ScenarioIDs()[:2]}
		w.gate.Config.DryRun = true
		w.gate.Config.Reruns.Attempts = 2
		criteria, err := criteria.Parse("scenario \"Billing dispute\": success_rate >= 80\neach eval: result_rate >= 10\neval tone: share Polite >= 80")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.Rules.Criteria = criteria
		got := w.run()
		w.wantVerdict(got, verdict.Skip, "")
		w.wantNothingWritten()
		w.wantSaid("execute run test "+runTest.String(), "Billing dispute", "History: the newest completed execution")
		if w.api.Dialect() == calls.DialectDeployed {
			w.wantSaid("Calls: about 10, plus up to 4 by reruns", "took ", "cost $")
			if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "OK, dry run: about 10 calls, $") {
				t.Errorf("reason %q, want the number of calls", reason)
			}
		} else {
			w.wantSaid("Calls: not known")
			w.wantReason(got, "OK, dry run: about 10 calls, ", " minutes (as in 1 earlier execution)")
		}
	})
}

func TestADryRunOfACreateKnowsAgentAndScenariosFromTheRunTestsThatUseThem(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.server.AddExecution(w.server.AddRunTest("nightly"), 24*time.Hour)
		w.gate.Config.DryRun = true
		w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{w.server.EvalConfigs()[0].ID}
		criteria, err := criteria.Parse("eval is_helpful: pass_rate >= 80")
		if err != nil {
			t.Fatal(err)
		}
		w.gate.Config.Rules.Criteria = criteria
		got := w.run()
		w.wantVerdict(got, verdict.Skip, "")
		w.wantNothingWritten()
		w.wantSaid("create run test", "Refund for a damaged order", "History: the newest completed execution")
		if strings.Contains(w.said(), "Not checked") {
			t.Errorf("something was not checked:\n%s", w.said())
		}
	})
	bothDialects(t, simulator.Options{}, func(w *world) {
		w.gate.Config.DryRun = true
		w.gate.Config.Create.AgentVersion = uuid.New()
		w.gate.Config.Create.DatasetRowIDs = []uuid.UUID{uuid.New()}
		w.gate.Config.Create.EvaluationsConfig = json.RawMessage(`[{"template_id":"` + uuid.NewString() + `"}]`)
		got := w.run()
		w.wantVerdict(got, verdict.Skip, "")
		w.wantNothingWritten()
		w.wantSaid("Not checked: agent ", "Not checked: scenario ", "Not checked: agent version ", "Not checked: dataset-row-ids", "Not checked: the templates", "History: no execution that ended")
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "could not be checked") || len(got.Evidence.Warnings) == 0 {
			t.Errorf("reason %q and warnings %v, want them to say what was not checked", reason, got.Evidence.Warnings)
		}
	})
}

func TestADryRunOfAnExecutionReadsIt(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{Evals: laterEvals()}, func(w *world) {
		runTest := w.withNewEvals()
		id := w.server.AddExecution(runTest, time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: id}
		w.gate.Config.DryRun = true
		got := w.run()
		w.wantVerdict(got, verdict.Skip, "")
		w.wantNothingWritten()
		w.wantSaid("judge test execution "+id.String(), "completed", "20 calls")
	})
}

func TestADryRunNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	stranger := uuid.MustParse("78d232e4-4949-40ba-b1c1-71b843fa39cd")
	scenarios := []story.Scenario{{Name: "Ready", Rows: 3}, {Name: "Unready", Rows: 4, Status: "Processing"}}
	cases := []struct {
		name     string
		deployed bool // the documented server does not say it
		prepare  func(w *world)
		reasons  []string
	}{
		{"a run test that is not there", false, func(w *world) { w.gate.Config.Target.RunTestID = stranger }, []string{"there is no run test " + stranger.String()}},
		{"an execution that is not there", false, func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: stranger}
		}, []string{"there is no test execution " + stranger.String()}},
		{"a scenario that is not ready, and too many calls", true, func(w *world) { w.gate.Config.MaxCalls = 6 },
			[]string{`"Unready" is not ready: its status is Processing`, "7 calls, more than max-calls 6"}},
		{"a scenario of another run test", false, func(w *world) { w.gate.Config.Target.ScenarioIDs = []uuid.UUID{stranger} }, []string{"is not part of run test"}},
		{"names in criteria that nothing has", false, func(w *world) {
			w.gate.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[:1]
			criteria, err := criteria.Parse("scenario Refunds: success_rate >= 80\neval polite: pass_rate >= 80")
			if err != nil {
				w.t.Fatal(err)
			}
			w.gate.Config.Rules.Criteria = criteria
		}, []string{`scenario "Refunds": success_rate >= 80: no scenario named "Refunds"; available: "Ready"`, `eval "polite": pass_rate >= 80`, `"is_helpful"`}},
		{"new evals of another run test", false, func(w *world) { w.gate.Config.NewEvalConfigIDs = []uuid.UUID{stranger} }, []string{"new-eval-config-ids"}},
		{"a baseline that is not there", false, func(w *world) { w.gate.Config.Baseline.ExecutionID = stranger }, []string{"baseline: there is no test execution"}},
		{"an eval config that no run test has", false, func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeCreate, AgentDefinitionID: w.server.AgentID(), ScenarioIDs: w.server.ScenarioIDs()[:1]}
			w.gate.Config.Create.EvalConfigIDs = []uuid.UUID{stranger}
		}, []string{"eval-config-ids: no run test has the eval config"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			story := func(w *world) {
				w.gate.Config.DryRun = true
				w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
				c.prepare(w)
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
				w.wantNothingWritten()
				for _, reason := range c.reasons {
					if !strings.Contains(got.Verdict.Reason.Line(), reason) {
						t.Errorf("reason %q, want it to say %q", got.Verdict.Reason.Line(), reason)
					}
				}
			}
			if c.deployed {
				inWorld(t, simulator.Options{Scenarios: scenarios}, story)
			} else {
				bothDialects(t, simulator.Options{Scenarios: scenarios}, story)
			}
		})
	}
}

// What the server does not know or refuses before the start is a mistake in the configuration, of a run as of a
// dry run. What it fails at is not.
func TestWhatTheServerRefusesBeforeTheStartIsAMistake(t *testing.T) {
	t.Parallel()
	stranger := uuid.MustParse("78d232e4-4949-40ba-b1c1-71b843fa39cd")
	create := func(status int) func(*world) {
		return func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeCreate, AgentDefinitionID: w.server.AgentID(), ScenarioIDs: w.server.ScenarioIDs()}
			w.server.Inject(simulator.Fault{Endpoint: api.EndpointCreate, Kind: simulator.FaultStatus, Status: status, Count: simulator.Always})
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(*world)
		cause   verdict.Cause
		reason  string
	}{
		{"a run test that is not there", func(*world) {}, verdict.CauseConfig, "check run-test-id"},
		{"one that is not there to be copied", func(w *world) { w.keyed() }, verdict.CauseConfig, "check run-test-id"},
		{"an execution that is not there", func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: stranger}
		}, verdict.CauseConfig, "there is no test execution " + stranger.String()},
		{"a run test that it refuses to create", create(http.StatusBadRequest), verdict.CauseConfig, "create run test"},
		{"a right that the keys lack", create(http.StatusForbidden), verdict.CauseOperational, "create run test"},
		{"something else that goes on", create(http.StatusConflict), verdict.CauseOperational, "create run test"},
		{"a failure", create(http.StatusInternalServerError), verdict.CauseOperational, "create run test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{}, func(w *world) {
				w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: stranger}
				c.prepare(w)
				got := w.run()
				w.wantVerdict(got, verdict.Error, c.cause)
				w.wantReason(got, c.reason)
				if strings.Contains(got.Verdict.Reason.Raw(), "left running") {
					t.Errorf("what is not there cannot be left: %s", got.Verdict.Reason.Raw())
				}
				w.wantPaid(0)
			})
		})
	}
}

// A server refuses to execute scenarios that are still being made, which the run test tells before.
func TestScenariosThatAreNotReadyAreAMistakeBeforeAnythingIsStarted(t *testing.T) {
	t.Parallel()
	for _, keyed := range []bool{false, true} {
		inWorld(t, simulator.Options{Scenarios: []story.Scenario{{Name: "Ready", Rows: 3}, {Name: "Unready", Rows: 4, Status: "Processing"}}}, func(w *world) {
			if keyed {
				w.keyed()
			}
			w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
			ready := func(g *gate.Gate) { g.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[:1] }
			got := w.together(budget.Limits{}, 0, ready, func(*gate.Gate) {})
			w.wantVerdict(got[1], verdict.Error, verdict.CauseConfig)
			w.wantReason(got[1], `"Unready" is not ready: its status is Processing`)
			w.wantReason(got[0], "so none is started")
			w.wantPaid(0)
		})
	}
}

func TestADryRunWithWrongKeysOrWithoutAServerIsAnError(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{APIKey: "another"}, func(w *world) {
		w.gate.Config.DryRun = true
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
	})
	bothDialects(t, simulator.Options{Faults: []simulator.Fault{simulator.Outage(simulator.FaultBadGateway, 0, 0)}}, func(w *world) {
		w.gate.Config.DryRun = true
		w.wantVerdict(w.run(), verdict.Error, verdict.CauseOperational)
		w.wantNothingWritten()
	})
}

func TestATextAgentThatTheServerCannotExecuteIsExplained(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Agent: simulator.Text, Plan: story.Plan{Default: story.Fails("Preparation failed: agent definition has no phone number")}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational) // none of it is the agent's fault
		w.wantSaid("This is a text agent.")
		if reason := got.Verdict.Reason.Line(); !strings.Contains(reason, "hosted runner") {
			t.Errorf("reason %q, want it to name the hosted runner", reason)
		}
	})
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Agent: simulator.Text}, func(w *world) {
		began := time.Now()
		got := w.run() // pending for ever
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "began no call of this text agent", "hosted runner seems to be off")
		if took := time.Since(began); took > 5*time.Minute {
			t.Errorf("it took %s", took)
		}
		w.wantNothingRunning()
	})
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Agent: simulator.Text}, func(w *world) {
		w.gate.Timeout = time.Minute // before it is certain
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		w.wantReason(got, "timed out after 1m0s; the server had begun no call of this text agent", "set agent-command or agent-url")
	})
	inWorld(t, simulator.Options{Dialect: simulator.Deployed, Agent: simulator.Text, HostedText: true, NoChatTarget: true}, func(w *world) {
		w.wantReason(w.run(), "chat target")
	})
	bothDialects(t, simulator.Options{Agent: simulator.Text, HostedText: true}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if len(got.Evidence.Warnings) != 0 {
			t.Errorf("warnings %v about a text agent that was executed, want none", got.Evidence.Warnings)
		}
	})
}

func TestCriteriaOnWhatIsNotThereAreRefusedBeforePaying(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`scenario Refunds: success_rate >= 80`:         `no scenario named "Refunds"`,
		`eval is_helpfull: pass_rate >= 80`:            `did you mean`,
		`eval resolution_quality: score >= 0.7`:        `0.7`,
		`eval groundedness: score >= 0.7`:              `0.7`,
		`each eval: score >= 0.7`:                      `0.7`,
		`scenario "Billing dispute": flaky_calls <= 3`: "",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			bothDialects(t, simulator.Options{AttachEvals: true}, func(w *world) {
				w.judgeBy("success_rate >= 80\n" + line)
				got := w.run()
				if want == "" {
					w.wantVerdict(got, verdict.Pass, "")
					return
				}
				w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
				w.wantReason(got, "line 2", want)
				if n := strings.Count(got.Verdict.Reason.Line(), "nothing was started"); n != 1 {
					t.Errorf("reason %q, want it to say once that nothing was started", got.Verdict.Reason)
				}
				w.wantPaid(0)
			})
		})
	}
}

func TestAnEarlierExecutionTellsTheScaleOfAnEval(t *testing.T) {
	t.Parallel()
	bothDialects(t, simulator.Options{AttachEvals: true}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.server.AddExecution(runTest, 24*time.Hour)
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.judgeBy("success_rate >= 80\neval agent_words: score >= 0.7") // a plain number
		w.wantVerdict(w.run(), verdict.Pass, "")
	})
}
