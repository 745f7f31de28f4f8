package gate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// inPrompt runs a story of a run test of a prompt in virtual time, and checks that it was executed
// where the API executes those, once.
func inPrompt(t *testing.T, options simulator.Options, executes int, tell func(w *world)) {
	t.Helper()
	if options.Scenarios == nil {
		options.Scenarios = []story.Scenario{{Name: "Refunds", Rows: 3}, {Name: "Bookings", Rows: 2}}
	}
	inWorld(t, options, func(w *world) {
		w.usePrompt()
		tell(w)
		counts := w.server.Ledger().Counts
		if n := counts[talk.EndpointPromptExecute]; n != executes {
			t.Errorf("the prompt was executed %d times, want %d", n, executes)
		}
		if n := counts[api.EndpointExecute] + counts[talk.EndpointStart] + counts[talk.EndpointSubset]; n != 0 {
			t.Errorf("%d executions of agents were asked for", n)
		}
		w.wantNothingRunning()
	})
}

// usePrompt lets the gate execute a run test of a prompt.
func (w *world) usePrompt() {
	w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddPromptRunTest("nightly")}
}

func TestAGoodPromptPasses(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{AttachEvals: true}, 1, func(w *world) {
		w.judgeBy("pass_rate >= 90\noverall_score >= 6")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		x := got.Evidence.Execution
		if x.AgentType != calls.AgentText || x.AgentName.Line() != "Support prompt" || x.PromptVersion.Line() != "v1" {
			t.Errorf("tested %q %q, %s, want the prompt", x.AgentName, x.PromptVersion, x.AgentType)
		}
		for _, c := range got.Evidence.Calls.All() {
			if len(c.Evals) != len(w.server.EvalConfigs()) {
				t.Errorf("call %s has %d evals", c.ID, len(c.Evals))
			}
		}
		if c := got.Verdict.Counts; c.Total != 5 || c.Planned != 5 {
			t.Errorf("counts %+v, want 5 calls", c)
		}
		if len(got.Evidence.Warnings) != 0 {
			t.Errorf("warnings %v", got.Evidence.Warnings)
		}
	})
}

func TestABadPromptFails(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{Plan: story.Plan{Default: story.LowScore()}}, 1, func(w *world) {
		w.judgeBy("overall_score >= 6")
		w.wantVerdict(w.run(), verdict.Fail, "")
	})
}

func TestSomeScenariosOfAPromptAreExecuted(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 1, func(w *world) {
		w.gate.Config.Target.ScenarioIDs = w.server.ScenarioIDs()[1:]
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if c := got.Verdict.Counts; c.Total != 2 || c.Planned != 2 {
			t.Errorf("counts %+v, want the 2 calls of one scenario", c)
		}
	})
}

func TestATurnLimitOfThePromptsServerIsNoFailure(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Chats: simulator.Chats{Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		c.Patience, c.Grants = 1000, nil
		return c
	}}}
	inPrompt(t, options, 1, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		for _, c := range got.Evidence.Calls.All() {
			if c.Status != calls.Completed || !c.EndedReason.IsEmpty() {
				t.Errorf("call %s is %s: %s", c.ID, c.Status, c.EndedReason)
			}
		}
	})
}

func TestWhatCannotBeExecutedOfAPromptIsRefusedBeforePaying(t *testing.T) {
	t.Parallel()
	mixed := []story.Scenario{{Name: "Refunds", Rows: 3}, {Name: "Small talk", NoDataset: true}, {Name: "Weather", NoDataset: true}}
	for _, c := range []struct {
		name      string
		scenarios []story.Scenario
		change    func(w *world)
		reason    string
	}{
		{"an agent is given", nil, func(w *world) { w.useAgent(says(grants)) }, "the server holds those conversations itself"},
		{"a scenario without dataset", mixed[:2], nil, `scenario "Small talk" has no dataset: with a prompt the server makes no call`},
		{"scenarios without dataset", mixed, nil, `2 scenarios have no dataset ("Small talk", "Weather")`},
		{"a simulator", nil, func(w *world) { w.gate.Config.Target.SimulatorID = uuid.New() }, "simulator-id: "},
		{"more calls than allowed", nil, func(w *world) { w.gate.Config.MaxCalls = 4 }, "would place 5 calls, more than max-calls 4"},
	} {
		for name, dry := range map[string]bool{c.name: false, c.name + ", dry run": true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				inPrompt(t, simulator.Options{Scenarios: c.scenarios}, 0, func(w *world) {
					w.gate.Config.DryRun = dry
					if c.change != nil {
						c.change(w)
					}
					got := w.run()
					w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
					w.wantReason(got, c.reason)
					w.wantPaid(0)
					if w.agentStarts > 0 {
						t.Error("the agent was started")
					}
				})
			})
		}
	}
}

func TestADryRunNamesThePromptAndItsVersion(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 0, func(w *world) {
		w.gate.Config.DryRun = true
		got := w.run()
		w.wantVerdict(got, verdict.Skip, "")
		w.wantReason(got, `OK, dry run: about 5 calls of the prompt "Support prompt" version v1; nothing was started; no problems found`)
		w.wantPaid(0)
	})
}

// rowless is a server that does not say how many rows the scenarios have.
type rowless struct{ gate.API }

// RunTest implements gate.API.
func (a rowless) RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error) {
	t, err := a.API.RunTest(ctx, id)
	for i := range t.Scenarios {
		t.Scenarios[i].DatasetRows = nil
	}
	return t, err
}

func TestAPromptWithoutACallIsAnError(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{Scenarios: []story.Scenario{{Name: "Small talk", NoDataset: true}}}, 1, func(w *world) {
		w.gate.API = rowless{w.api}
		began := time.Now()
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "without a call", "has no dataset")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAPromptThatTurnsOutTooLargeIsCancelled(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 1, func(w *world) {
		w.gate.API, w.gate.Config.MaxCalls = rowless{w.api}, 4
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
		w.wantReason(got, "places 5 calls, more than max-calls 4")
		w.wantCancels(1)
		if n := w.server.CallsPlaced(); n != 0 {
			t.Errorf("%d conversations took place", n)
		}
	})
}

func TestNewEvalsOfAPromptWaitForNoEndThatDoesNotCome(t *testing.T) {
	t.Parallel()
	options := simulator.Options{
		Evals: laterEvals(), Chats: simulator.Chats{Starved: true}, Scenarios: []story.Scenario{{Name: "Refunds", Rows: 2}},
		Plan: story.Plan{Default: story.Fails("no model")},
	}
	inPrompt(t, options, 1, func(w *world) {
		w.withNewEvals()
		w.usePrompt()
		got := w.run()
		w.wantWarning(got, "the server has not ended the execution, and runs new evals only on a completed one")
		if n := w.server.Ledger().Counts[api.EndpointNewEvals]; n != 0 {
			t.Errorf("%d requests for new evals", n)
		}
	})
}

func TestAnExecutionOfAPromptIsJudgedWithoutItsVersionBeingGuessed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"as it is":       func(*world) {},
		"with new evals": func(w *world) { w.withNewEvals() }, // started on its run test
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inPrompt(t, simulator.Options{Evals: laterEvals()}, 1, func(w *world) {
				first := w.run()
				change(w)
				w.gate.Config.Target = config.Target{Mode: config.ModeAttach, TestExecutionID: first.Evidence.Execution.ID}
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				if x := got.Evidence.Execution; x.AgentType != calls.AgentText || x.AgentName.Line() != "Support prompt" || !x.PromptVersion.IsEmpty() {
					t.Errorf("tested %q %q, %s: its run test may run another version by now", x.AgentName, x.PromptVersion, x.AgentType)
				}
			})
		})
	}
}

func TestFailedCallsOfAPromptAreNotPlacedAgain(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Plan: story.Plan{Calls: map[int]story.Outcome{1: story.Fails("no model")}}}
	inPrompt(t, options, 1, func(w *world) {
		w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 100}}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		if n := w.server.Ledger().Counts[api.EndpointRerun]; n != 0 {
			t.Errorf("%d reruns were sent, and each empties its calls", n)
		}
		if len(got.Evidence.Reruns) != 1 || !strings.Contains(got.Evidence.Reruns[0].Error.Line(), "cannot place calls of a prompt again") {
			t.Errorf("reruns %+v, want it to say why there was none", got.Evidence.Reruns)
		}
	})
}

func TestEvalsOfAPromptRunAgain(t *testing.T) {
	t.Parallel()
	options := simulator.Options{
		AttachEvals: true, Scenarios: []story.Scenario{{Name: "Refunds", Rows: 4}},
		Plan: story.Plan{Calls: map[int]story.Outcome{1: story.Succeeds(9).With("is_helpful", story.EvalErrored().Times(1))}},
	}
	inPrompt(t, options, 1, func(w *world) {
		w.judgeBy("eval \"is_helpful\": result_rate >= 100")
		w.gate.Config.Reruns = config.Reruns{Attempts: 1, Type: calls.RerunEvalOnly, Max: kind.Amount{IsShare: true, Percent: 100}}
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		if n := len(w.server.Ledger().Reruns); n != 1 {
			t.Errorf("%d reruns", n)
		}
	})
}

// withoutPrompt is a server on which a prompt was deleted after the run test was read.
type withoutPrompt struct{ gate.API }

// ExecutePrompt implements gate.API.
func (a withoutPrompt) ExecutePrompt(ctx context.Context, _, runTest uuid.UUID, scenarios []uuid.UUID) (calls.Started, error) {
	return a.API.ExecutePrompt(ctx, uuid.New(), runTest, scenarios)
}

func TestAPromptThatIsGoneIsNamed(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 1, func(w *world) {
		w.gate.API = withoutPrompt{w.api}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, `the prompt "Support prompt" version v1 could not be executed; the server says that too if it, or its run test, no longer exists: `, "Failed to execute simulation")
		w.wantPaid(0)
	})
}

func TestARefusedPromptSaysWhy(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{Scenarios: []story.Scenario{{Name: "Refunds", Rows: 3, Status: "Processing"}}}, 1, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "not completed")
		w.wantPaid(0)
	})
}

func TestTheRunSaysThatTheServerHoldsThePromptsConversations(t *testing.T) {
	t.Parallel()
	inPrompt(t, simulator.Options{}, 1, func(w *world) {
		w.run()
		said := 0
		for _, e := range w.events {
			if note, ok := e.(event.Note); ok && strings.Contains(note.Text.Line(), `tests the prompt "Support prompt" version v1. The server holds its conversations.`) {
				said++
			}
		}
		if said != 1 {
			t.Errorf("said %d times, want once", said)
		}
	})
}

func TestTrialsOfAPromptAreJudgedTogether(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]story.Plan{
		"each ends":            {},
		"the server ends none": {Default: story.Fails("no model")}, // which takes a job that is starved
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Chats: simulator.Chats{Starved: true}, Plan: plan}
			inPrompt(t, options, 3, func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 3, Max: 3}
				w.judgeBy("failed_calls <= 15")
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantTrials(got, 5, 5, 5)
				w.wantPaid(3)
				for _, x := range got.Evidence.Executions() {
					if x.AgentName.Line() != "Support prompt" || x.PromptVersion.Line() != "v1" {
						t.Errorf("trial %d tested %q %q", x.Trial, x.AgentName, x.PromptVersion)
					}
				}
			})
		})
	}
}
