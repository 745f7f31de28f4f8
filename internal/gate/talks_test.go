package gate_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestAGoodTextAgentPasses(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.Options{
		"today's server":           {},
		"before runner endpoints":  {Chats: simulator.Chats{NoALK: true}},
		"scenarios without rows":   {Scenarios: []story.Scenario{{Name: "one", NoDataset: true}, {Name: "two", NoDataset: true}}},
		"transcripts out of order": {Chats: simulator.Chats{Shuffled: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inChats(t, options, func(w *world) {
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(1)
				w.wantChats(got.Evidence.Calls.Len())
				if got.Evidence.Execution.Status != calls.ExecutionCompleted {
					t.Errorf("the execution is %s", got.Evidence.Execution.Status)
				}
				for _, c := range got.Evidence.Calls.All() {
					if len(c.Evals) != len(w.server.EvalConfigs()) {
						t.Errorf("call %s has %d evals", c.ID, len(c.Evals))
					}
				}
				if last := w.records[len(w.records)-1]; last.Step != paid.StepFinished {
					t.Errorf("the journal ends with the step %q, want %q", last.Step, paid.StepFinished)
				}
				if n := w.server.Ledger().Counts[api.EndpointExecute]; n != 0 {
					t.Errorf("the hosted runner was asked %d times", n)
				}
			}, func() *fake { return says(grants) })
		})
	}
}

// A call that we closed is shown as we closed it, and with what we heard.
func TestWhoFailedIsToldApart(t *testing.T) {
	t.Parallel()
	fails := func(q agent.Question) (agent.Answer, error) {
		if q.Turn == 2 {
			return agent.Answer{}, &agent.Error{Kind: agent.KindError, Detail: text.New("no model")}
		}
		return say(q, "One moment."), nil
	}
	broken := simulator.Chats{Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		c.Breaks = map[int]string{1: story.ModelError}
		return c
	}}
	// Nobody gives up before the limit.
	patient := simulator.Chats{Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		c.Patience = 99
		return c
	}}
	for _, c := range []struct {
		name    string
		chats   simulator.Chats
		under   func() *fake
		kind    verdict.Kind
		outcome verdict.Outcome
		reason  string
		limited int
	}{
		{"the agent", patient, func() *fake { return answers(fails) }, verdict.Fail, verdict.Failed, "agent: it reported an error: no model", 0},
		{"nobody", patient, func() *fake { return says("One moment.") }, verdict.Fail, verdict.Failed, "turn limit (3)", 5},
		{"the simulator", broken, func() *fake { return says(grants) }, verdict.Error, verdict.Lost, "simulator: ", 0},
	} {
		for _, old := range []bool{false, true} {
			name := c.name
			if old {
				name += ", before runner endpoints"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				chats := c.chats
				chats.NoALK = old
				options := simulator.Options{Chats: chats, Scenarios: []story.Scenario{{Name: "refunds"}}}
				inChats(t, options, func(w *world) {
					w.gate.Config.Agent.MaxTurns = 3
					w.gate.Config.Transcripts = true
					got := w.run()
					cause := verdict.Cause("")
					if c.kind == verdict.Error {
						cause = verdict.CauseOperational
					}
					w.wantVerdict(got, c.kind, cause)
					w.wantChats(5)
					if got.Verdict.Counts.TurnLimit != c.limited {
						t.Errorf("%d calls reached the turn limit, want %d", got.Verdict.Counts.TurnLimit, c.limited)
					}
					for _, call := range got.Evidence.Calls.All() {
						if call.Outcome() != c.outcome || !strings.HasPrefix(call.EndedReason.Line(), c.reason) {
							t.Errorf("call %s: %s, %q, want %s, %q", call.ID, call.Outcome(), call.EndedReason.Line(), c.outcome, c.reason)
						}
						if c.outcome == verdict.Failed && (call.Transcript == nil || len(call.Transcript.Turns) < 3 || call.Transcript.Turns[1].Text.Line() != "One moment. (1)") {
							t.Errorf("call %s: transcript %+v", call.ID, call.Transcript)
						}
					}
				}, c.under)
			})
		}
	}
}

func TestNothingIsPaidForAnAgentThatIsNotReady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		agent   simulator.AgentType
		under   func() *fake
		reasons []string
	}{
		{"does not start", simulator.Text, func() *fake { f := says(grants); f.start = errors.New("no such program"); return f }, []string{"agent-command: no such program", "nothing was started"}},
		{"dies", simulator.Text, func() *fake {
			f := says(grants)
			f.ready = &agent.Error{Kind: agent.KindDied, Starting: true, Exit: "exit status 1", Detail: text.New("no module"), Stderr: []text.Untrusted{text.New("no module")}}
			return f
		}, []string{"agent-command: agent: not ready: process died (exit status 1): no module"}},
		{"of a voice agent", simulator.Voice, func() *fake { return says(grants) }, []string{"agent-command: this is a voice agent"}},
	} {
		for _, dry := range []bool{false, true} {
			name := c.name
			if dry {
				name += ", dry run"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				inWorld(t, simulator.Options{Agent: c.agent}, func(w *world) {
					w.useAgent(c.under())
					w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
					w.gate.Config.DryRun = dry
					got := w.run()
					w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
					w.wantReason(got, c.reasons[0])
					if !dry {
						w.wantReason(got, c.reasons...)
					}
					w.wantPaid(0)
					if w.agentStarts != w.agent.closed.Load() {
						t.Errorf("the agent was started %d times and closed %d times", w.agentStarts, w.agent.closed.Load())
					}
				})
			})
		}
	}
}

func TestADryRunAsksTheAgentAndEndsIt(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly")}
		w.gate.Config.DryRun = true
		w.wantVerdict(w.run(), verdict.Skip, "")
		w.wantPaid(0)
		if n := w.agent.asked.Load(); n != 1 {
			t.Errorf("the agent was asked %d times, want once", n)
		}
	}, func() *fake { return says("Hello.") })
}

func TestATextAgentThatIsNotHereNamesBothWays(t *testing.T) {
	t.Parallel()
	inWorld(t, simulator.Options{Agent: simulator.Text}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "set agent-command or agent-url", "turn the hosted runner on")
	})
}

func TestALostResponseStartsNoChatTwice(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []api.Endpoint{talk.EndpointStart, talk.EndpointLockedRows, talk.EndpointRows, talk.EndpointBegin, talk.EndpointTurn} {
		for _, kind := range []simulator.FaultKind{simulator.FaultLost, simulator.FaultTruncated, simulator.FaultRefused, simulator.FaultRateLimit} {
			t.Run(string(endpoint)+": "+string(kind), func(t *testing.T) {
				t.Parallel()
				options := simulator.Options{Faults: []simulator.Fault{{Endpoint: endpoint, Kind: kind}}}
				options.Chats.NoALK = endpoint == talk.EndpointRows
				inChats(t, options, func(w *world) {
					w.overlaps = kind == simulator.FaultLost
					got := w.run()
					w.wantVerdict(got, verdict.Pass, "")
					w.wantPaid(1)
					w.wantChats(20)
				}, func() *fake { return says(grants) })
			})
		}
	}
}

func TestAStatusThatNeverFollowsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Chats: simulator.Chats{Starved: true, NoALK: true}, Scenarios: []story.Scenario{{Name: "refunds"}}}
	inChats(t, options, func(w *world) {
		var n atomic.Int32
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if n.Add(1) == 1 {
				time.Sleep(10 * time.Minute) // so that this call is the last to end, and failed
				return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
			}
			return say(q, grants), nil
		}
		w.gate.Config.Agent.TurnTimeout = 20 * time.Minute
		w.judgeBy("success_rate >= 80")
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		w.wantCancels(1)
	}, func() *fake { return says(grants) })
}

func TestASubsetOfARunTestIsStarted(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		inChats(t, simulator.Options{Chats: simulator.Chats{NoALK: old}}, func(w *world) {
			w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: w.server.AddRunTest("nightly"), ScenarioIDs: w.server.ScenarioIDs()[:2]}
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantPaid(1)
			w.wantChats(10)
			if named := w.gate.Config.Target.RunTestID == got.Evidence.RunTest.ID; named == old {
				t.Errorf("old server %t: run test %s was executed, of %s", old, got.Evidence.RunTest.ID, w.gate.Config.Target.RunTestID)
			}
		}, func() *fake { return says(grants) })
	}
}

func TestRowsThatWereNotMadeAreMissing(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Plan: story.Plan{MissingRows: 2}}
	inChats(t, options, func(w *world) {
		got := w.run()
		if got.Verdict.Counts.Missing != 2 {
			t.Errorf("counts %+v, want 2 missing", got.Verdict.Counts)
		}
	}, func() *fake { return says(grants) })
}

func TestAServerWithoutAModelIsNamed(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{Chats: simulator.Chats{NoModel: true}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantWarning(got, "model")
		if n := got.Verdict.Counts.Lost; n != 20 {
			t.Errorf("%d calls are lost, want all 20", n)
		}
	}, func() *fake { return says(grants) })
}

// Whoever started an execution holds its conversations.
func TestConversationsOfSomebodyElseAreLeftAlone(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		runTest := w.server.AddRunTest("nightly")
		w.gate.Config.Target = config.Target{Mode: config.ModeExecute, RunTestID: runTest}
		w.gate.Others = func() bool { return true }
		w.server.Inject(simulator.Fault{Endpoint: talk.EndpointStart, Kind: simulator.FaultLost})
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "no conversation was held", "was not cancelled, because others may have started it")
		w.wantChats(0)
	}, func() *fake { return says(grants) })
}
