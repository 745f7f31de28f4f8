package gate_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestAProcessThatDiesInAConversationFailsTheRunAtOnce(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		var n atomic.Int32
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if n.Add(1) == 30 {
				return agent.Answer{}, w.agent.die()
			}
			return say(q, grants), nil
		}
		w.judgeBy("success_rate >= 1%") // which the calls before that meet
		began := time.Now()
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "agent: process died (exit status 7): KeyError", "is cancelled")
		if d := time.Since(began); d > time.Minute {
			t.Errorf("the run took %s", d)
		}
		if c := got.Verdict.Counts; c.Failed == 0 || c.Succeeded == 0 || c.Cancelled == 0 || c.Total != 20 {
			t.Errorf("counts %+v, want some of each of 20", c)
		}
		again := verdict.Judge(got.Evidence, w.gate.Config.Rules)
		if again.Kind != verdict.Fail {
			t.Errorf("judged again: %s %s", again.Kind, again.Reason)
		}
		w.wantPaid(1)
	}, func() *fake { return says(grants) })
}

// A process that dies before a conversation is open was never ready for one: nothing is started for it,
// and what was is cancelled.
func TestAProcessThatDiesBeforeTheFirstConversationWasNotReady(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		dies  api.Endpoint // with the first such request
		paid  int
		rows  int
		kind  verdict.Kind
		cause verdict.Cause
		rest  string
	}{
		{"at once", "", 0, 0, verdict.Error, verdict.CauseConfig, "nothing was started"},
		{"before the start", api.EndpointCreate, 0, 0, verdict.Error, verdict.CauseConfig, "nothing was started"},
		{"with the start", talk.EndpointStart, 1, 0, verdict.Error, verdict.CauseConfig, "is cancelled"},
		{"with the rows", talk.EndpointLockedRows, 1, 20, verdict.Error, verdict.CauseConfig, "is cancelled"},
		{"with the first begin", talk.EndpointBegin, 1, 20, verdict.Fail, "", "is cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			under := says(grants)
			options := simulator.Options{OnRequest: func(to api.Endpoint, _ *http.Request) {
				if to == c.dies {
					_ = under.die()
				}
			}}
			inChats(t, options, func(w *world) {
				if c.dies == "" {
					_ = under.die()
				}
				got := w.run()
				w.wantVerdict(got, c.kind, c.cause)
				w.wantReason(got, "process died (exit status 7): KeyError", c.rest)
				if c.kind == verdict.Error {
					w.wantReason(got, "agent-command: the agent was ready and died before the first conversation")
					w.wantChats(0)
				}
				w.wantPaid(c.paid)
				if rows := w.server.Ledger().ChatTally().Calls; rows != c.rows {
					t.Errorf("%d rows were made, want %d", rows, c.rows)
				}
			}, func() *fake { return under })
		})
	}
}

// The first conversation is known from a run before: turns is how many answers it takes.
func TestAProcessThatDiesBetweenConversationsIsNotTheAgentsFailure(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Scenarios: []story.Scenario{{Name: "refunds", Rows: 3}}}
	turns := 0
	inChats(t, options, func(w *world) {
		w.gate.Config.Agent.Concurrency = 1
		conversation := ""
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if conversation == "" {
				conversation = q.Conversation
			}
			if q.Conversation == conversation {
				turns++
			}
			return say(q, grants), nil
		}
		w.wantVerdict(w.run(), verdict.Pass, "")
	}, func() *fake { return says(grants) })
	inChats(t, options, func(w *world) {
		w.gate.Config.Agent.Concurrency = 1
		var n atomic.Int32
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if int(n.Add(1)) == turns {
				_ = w.agent.die()
			}
			return say(q, grants), nil
		}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "the agent died while no conversation was open", "is cancelled")
		w.wantChats(1)
	}, func() *fake { return says(grants) })
}

func TestSignalsAndTimeoutsEndConversations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		after  time.Duration
		signal error // nil for the timeout
		cause  verdict.Cause
	}{
		{"interrupt", 3 * time.Second, gate.ErrInterrupted, verdict.CauseInterrupted},
		{"terminate", 3 * time.Second, gate.ErrTerminated, verdict.CauseTerminated},
		{"timeout", 3 * time.Second, nil, verdict.CauseTimeout},
		{"interrupt while the agent thinks", 30 * time.Second, gate.ErrInterrupted, verdict.CauseInterrupted},
		{"interrupt at the start", 50 * time.Millisecond, gate.ErrInterrupted, verdict.CauseInterrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{}, func(w *world) {
				w.gate.Config.Waiting.CancelOnExit = false // has no effect
				if c.after > 10*time.Second {
					w.agent.think = time.Hour
				}
				began := time.Now()
				var got gate.Result
				if c.signal == nil {
					w.gate.Timeout = c.after
					got = w.run()
				} else {
					got = w.runStoppedAfter(c.after, c.signal)
				}
				w.wantVerdict(got, verdict.Error, c.cause)
				if c.after > time.Second {
					w.wantReason(got, "of 20 conversations had ended", "is cancelled")
				}
				if d := time.Since(began) - c.after; d > 8*time.Second {
					t.Errorf("stopping took %s", d)
				}
				if c.after > time.Second && got.Evidence.Calls.Len() != 20 {
					t.Errorf("%d calls are reported, want 20", got.Evidence.Calls.Len())
				}
			}, func() *fake { return says(grants) })
		})
	}
}

// What was said before the timeout is in the report, also if the server cannot be read any more.
func TestConversationsBeforeTheTimeoutAreReported(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]simulator.Fault{
		"the server answers":     nil,
		"the calls are not read": {{Endpoint: api.EndpointExecution, Kind: simulator.FaultServerError, After: 1, Count: simulator.Always}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{Faults: faults}, func(w *world) {
				w.gate.Config.Agent.Concurrency = 1
				w.agent.answer = func(q agent.Question) (agent.Answer, error) {
					if w.agent.asked.Load() <= 3 {
						return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
					}
					time.Sleep(time.Hour)
					return say(q, grants), nil
				}
				w.gate.Config.Agent.TurnTimeout, w.gate.Timeout = time.Hour, time.Minute
				got := w.run()
				w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
				if c := got.Verdict.Counts; c.Total != 20 || c.Failed != 3 || c.Cancelled < 1 {
					t.Errorf("counts %+v, want 20 calls, 3 of which failed", c)
				}
			}, func() *fake { return says(grants) })
		})
	}
}

// Closing what the timeout cut short ends the execution, which must not make it a run that ended.
func TestConversationsThatTheTimeoutCutsShortAreNotJudged(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Agent.Concurrency = 25 // all of them are begun
		w.gate.Config.Agent.TurnTimeout = time.Hour
		w.agent.think = time.Hour
		w.judgeBy("total_calls >= 1") // met, whatever was not said
		w.gate.Timeout = 30 * time.Second
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseTimeout)
		w.wantReason(got, "0 of 20 conversations had ended")
	}, func() *fake { return says(grants) })
}

// The timeout may pass while only the execution's status is missing.
func TestATimeoutAfterTheConversationsIsNone(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Chats: simulator.Chats{Starved: true, NoALK: true}, Scenarios: []story.Scenario{{Name: "refunds"}}}
	inChats(t, options, func(w *world) {
		w.agent.answer = func(agent.Question) (agent.Answer, error) {
			return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty} // so that only a job could end it
		}
		w.judgeBy("failed_calls <= 5")
		w.gate.Timeout = time.Minute
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantCancels(1)
	}, func() *fake { return says(grants) })
}

func TestConversationsThatCannotSaveTheRunAreCutShort(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.FailFast = true
		w.agent.answer = func(agent.Question) (agent.Answer, error) {
			return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
		}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "can no longer be met", "is cancelled")
		if tally := w.server.Ledger().ChatTally(); tally.Begun >= 15 {
			t.Errorf("%d conversations were begun, want few", tally.Begun)
		}
		if c := got.Verdict.Counts; c.Failed == 0 || c.Cancelled == 0 {
			t.Errorf("counts %+v, want failed and cancelled ones", c)
		}
	}, func() *fake { return says(grants) })
}

func TestMoreRowsThanMaxCallsBeginNoConversation(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		inChats(t, simulator.Options{Chats: simulator.Chats{NoALK: old}}, func(w *world) {
			w.gate.API = silentAPI{w.gate.API} // so that the number is not known before
			w.gate.Config.MaxCalls = 5
			got := w.run()
			w.wantVerdict(got, verdict.Error, verdict.CauseConfig)
			w.wantReason(got, "more than max-calls 5", "is cancelled")
			w.wantChats(0)
		}, func() *fake { return says(grants) })
	}
}

func TestABugOfTheObserverLeavesNoConversationOpen(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		var told atomic.Int32
		w.gate.Observe = func(e event.Event) {
			if p, ok := e.(event.ProgressMade); ok && *p.Progress.Completed >= 2 && told.Add(1) == 1 {
				panic("a bug")
			}
		}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "internal error, please report it: a bug")
	}, func() *fake { return says(grants) })
}

// What a killed process held cannot be held on: its execution is cancelled, and a new one started.
func TestConversationsOfAKilledProcessAreStartedAnew(t *testing.T) {
	t.Parallel()
	// Nothing that the first process does after its death arrives.
	const death, later = 20 * time.Second, 40 * time.Second
	for _, c := range []struct {
		name    string
		fault   simulator.Fault
		step    paid.Step
		started int
	}{
		{"in conversations", simulator.Fault{}, paid.StepStarted, 2},
		{"in the start", simulator.Fault{Endpoint: talk.EndpointStart, Kind: simulator.FaultSlow}, paid.StepExecuting, 2},
		{"before the start arrived", simulator.Fault{Endpoint: talk.EndpointStart, Kind: simulator.FaultReset}, paid.StepExecuting, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Faults: []simulator.Fault{simulator.Outage(simulator.FaultRefused, death, later)}}
			if c.fault.Kind != "" {
				options.Faults = append(options.Faults, c.fault)
			}
			inChats(t, options, func(w *world) {
				w.agent.think = 10 * time.Second
				w.runStoppedAfter(death, gate.ErrTerminated)
				if n := w.server.Running(); n != c.started-1 {
					t.Fatalf("%d executions are left behind, want %d", n, c.started-1)
				}
				time.Sleep(later - death)
				w.gate.Earlier = w.killedAt(c.step)
				w.useAgent(says(grants))
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				if n := got.Evidence.Calls.Len(); n != 20 {
					t.Errorf("%d calls were judged, want the 20 of a new execution", n)
				}
				w.wantPaid(c.started)
				if n := len(w.server.Ledger().Created); n != 1 {
					t.Errorf("%d run tests were created, want one", n)
				}
			}, func() *fake { return says(grants) })
		})
	}
}

func TestCleanupEndsConversationsThatNobodyHolds(t *testing.T) {
	t.Parallel()
	const death, later = 20 * time.Second, 40 * time.Second
	inChats(t, simulator.Options{Faults: []simulator.Fault{simulator.Outage(simulator.FaultRefused, death, later)}}, func(w *world) {
		w.agent.think = 10 * time.Second
		w.runStoppedAfter(death, gate.ErrTerminated)
		time.Sleep(later - death)
		w.gate.Config.Waiting.CancelOnExit = false
		if done := w.gate.Cleanup(w.t.Context(), *w.killedAt(paid.StepStarted)); !strings.Contains(done.Line(), "is cancelled") {
			t.Errorf("cleanup says %q", done.Line())
		}
	}, func() *fake { return says(grants) })
}

func TestConversationsThatSomebodyCancelsAreAnError(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		var n atomic.Int32
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if n.Add(1) == 20 {
				w.server.CancelExecution(w.server.Executions()[0].ID)
			}
			return say(q, grants), nil
		}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "cancelled")
		if got.Evidence.Execution.Status != calls.ExecutionCancelled {
			t.Errorf("the execution is %s", got.Evidence.Execution.Status)
		}
	}, func() *fake { return says(grants) })
}

func TestNoRowsAtAllAreAnError(t *testing.T) {
	t.Parallel()
	none := simulator.Fault{
		Endpoint: talk.EndpointLockedRows, Kind: simulator.FaultStatus, Status: http.StatusBadRequest, ContentType: "application/json",
		Body: `{"status":false,"detail":"No remaining call executions to create. All scenarios and rows have been processed."}`,
	}
	inChats(t, simulator.Options{Faults: []simulator.Fault{none}}, func(w *world) {
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantReason(got, "the server made no calls", "another workspace", "is cancelled")
		w.wantChats(0)
	}, func() *fake { return says(grants) })
}
