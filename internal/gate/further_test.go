package gate_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// failsAt makes an agent that fails the conversations which are begun at these places, from 1.
func failsAt(places ...int32) *fake {
	var begun atomic.Int32
	return answers(func(q agent.Question) (agent.Answer, error) {
		if q.Turn == 1 {
			n := begun.Add(1)
			if slices.Contains(places, n) {
				return agent.Answer{}, &agent.Error{Kind: agent.KindError, Detail: text.New("no model")}
			}
		}
		return say(q, grants), nil
	})
}

// wantJudged fails the test if not exactly so many calls are judged, each of another row.
func (w *world) wantJudged(got gate.Result, total int) {
	w.t.Helper()
	type slot struct {
		scenario uuid.UUID
		row      uint64
	}
	seen := map[slot]bool{}
	for _, c := range got.Evidence.Calls.All() {
		at := slot{c.ScenarioID, c.Row}
		if seen[at] {
			w.t.Errorf("row %d of %s is judged twice", c.Row, c.Scenario.Line())
		}
		seen[at] = true
	}
	if n := got.Evidence.Calls.Len(); n != total || got.Verdict.Counts.Missing != 0 {
		w.t.Errorf("%d calls are judged and %d missing, want %d", n, got.Verdict.Counts.Missing, total)
	}
}

func TestConversationsAreRerunInAFurtherExecution(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.Options{
		"today's server":           {},
		"before runner endpoints":  {Chats: simulator.Chats{NoALK: true}},
		"a status that is starved": {Chats: simulator.Chats{Starved: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inChats(t, options, func(w *world) {
				w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 25}}
				w.gate.Config.Transcripts = true
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(2)
				w.wantChats(22)
				w.wantJudged(got, 20)
				if c := got.Verdict.Counts; c.Flaky != 2 || c.Succeeded != 20 {
					t.Errorf("counts %+v, want 20 succeeded, 2 of them flaky", c)
				}
				again := 0
				for _, c := range got.Evidence.Calls.All() {
					if c.Attempts == 2 {
						again++
						if c.FirstOutcome != verdict.Failed || c.Execution != 1 {
							t.Errorf("call %s: first %s, execution %d", c.ID, c.FirstOutcome, c.Execution)
						}
					}
					if len(c.Evals) != len(w.server.EvalConfigs()) {
						t.Errorf("call %s has %d evals", c.ID, len(c.Evals))
					}
				}
				if again != 2 || len(got.Evidence.Further) != 1 || got.Evidence.ExecutionOf(verdict.Call{Call: calls.Call{Execution: 1}}).ID == got.Evidence.Execution.ID {
					t.Errorf("%d calls have two attempts; executions %+v", again, got.Evidence.Executions())
				}
				if r := got.Evidence.Reruns; len(r) != 1 || r[0].Requested != 2 || r[0].Accepted != 2 || r[0].Rescued != 2 || r[0].Attempt != 1 {
					t.Errorf("reruns %+v", r)
				}
			}, func() *fake { return failsAt(3, 17) })
		})
	}
}

func TestRerunsOfConversationsAreLimited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(c *config.Config)
		places  []int32
		paid    int
		chats   int
		verdict verdict.Kind
		refusal string
	}{
		{"by rerun-attempts", func(c *config.Config) { c.Reruns.Attempts = 1 }, []int32{1, 21}, 2, 21, verdict.Fail, ""},
		{"by rerun-max-calls", func(c *config.Config) { c.Reruns.Max = kind.Amount{IsShare: true, Percent: 5} }, []int32{1, 2}, 1, 20, verdict.Fail, "2 of 20 failed, over the 5% limit"},
		{"by max-calls", func(c *config.Config) { c.MaxCalls = 20 }, []int32{1}, 1, 20, verdict.Fail, "1 more would make 21 calls, over max-calls 20"},
		{"not within max-calls", func(c *config.Config) { c.MaxCalls = 21 }, []int32{1}, 2, 21, verdict.Pass, ""},
		{"by rerun-type", func(c *config.Config) { c.Reruns.Type = calls.RerunEvalOnly }, []int32{1}, 1, 20, verdict.Fail, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{}, func(w *world) {
				w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 25}}
				c.change(&w.gate.Config)
				w.judgeBy("success_rate >= 100")
				got := w.run()
				w.wantVerdict(got, c.verdict, "")
				w.wantPaid(c.paid)
				w.wantChats(c.chats)
				w.wantJudged(got, 20)
				if c.refusal != "" && (len(got.Evidence.Reruns) != 1 || got.Evidence.Reruns[0].Error.Line() != "Not rerunning: "+c.refusal+" (rerun-max-calls)." && got.Evidence.Reruns[0].Error.Line() != "Not rerunning: "+c.refusal+".") {
					t.Errorf("reruns %+v", got.Evidence.Reruns)
				}
			}, func() *fake { return failsAt(c.places...) })
		})
	}
}

// A rerun that says nothing about the agent does not excuse it.
func TestALostRerunLeavesTheFailure(t *testing.T) {
	t.Parallel()
	var begun atomic.Int32
	options := simulator.Options{Chats: simulator.Chats{Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		if begun.Add(1) > 20 {
			c.Breaks = map[int]string{1: story.ModelError}
		}
		return c
	}}}
	inChats(t, options, func(w *world) {
		w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 25}}
		w.judgeBy("success_rate >= 100")
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantPaid(2)
		w.wantJudged(got, 20)
		if c := got.Verdict.Counts; c.Failed != 1 || c.Lost != 0 {
			t.Errorf("counts %+v, want 1 failed and none lost", c)
		}
		wantTriedAgain(t, got, "")
	}, func() *fake { return failsAt(4) })
}

// Of a scenario with several rows, a rerun can only stand for a call if the server tells which row it plays.
func TestAnotherRowIsNoRecovery(t *testing.T) {
	t.Parallel()
	two := []story.Scenario{{Name: "refunds", Rows: 3}, {Name: "one row", Rows: 1}, {Name: "no dataset", Rows: 1, NoDataset: true}}
	for _, c := range []struct {
		name   string
		place  int32 // of the conversation that fails, in the order of names
		paid   int
		failed int
	}{
		{"a scenario of three rows", 3, 1, 1},
		{"a scenario without dataset", 1, 2, 0},
		{"a scenario of one row", 2, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{OmitCells: true, Scenarios: two}, func(w *world) {
				w.gate.Config.Agent.Concurrency = 1
				w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
				w.judgeBy("failed_calls <= 1")
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(c.paid)
				w.wantChats(4 + c.paid)
				if n := got.Verdict.Counts; n.Failed != c.failed || n.Total != 5 {
					t.Errorf("counts %+v, want %d failed of 5", n, c.failed)
				}
				if c.failed == 0 {
					return
				}
				const why = "Not rerunning 1 conversation: the server does not tell which dataset rows the calls of scenario \"refunds\" play, so another row could pass for the one meant."
				w.wantWarning(got, why)
				if r := got.Evidence.Reruns; len(r) != 1 || r[0].Error.Line() != why || r[0].Requested != 0 {
					t.Errorf("reruns %+v", r)
				}
			}, func() *fake { return failsAt(c.place) })
		})
	}
}

// The rows of a rerun's execution that nobody is to hold keep it from ending, and its status can be late for
// ever: neither makes a rerun of evals wait for the timeout.
func TestMissingEvalsOfARerunAreRerun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		chats simulator.Chats
		keyed bool
	}{
		{"today's server", simulator.Chats{}, false},
		{"a status that is starved", simulator.Chats{Starved: true, NoALK: true}, false},
		{"with a run-key", simulator.Chats{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Chats: c.chats, Scenarios: []story.Scenario{{Name: "refunds", Rows: 4}}, PlanFor: func(n int) story.Plan {
				if n == 0 {
					return story.Plan{}
				}
				return story.Plan{Default: story.Succeeds(9).With("is_helpful", story.EvalPending().Times(1))}
			}}
			inChats(t, options, func(w *world) {
				w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 100}}
				w.gate.Config.Waiting.ResultsWait = time.Minute
				w.judgeBy("success_rate >= 100\neval is_helpful: result_rate >= 100")
				if c.keyed {
					w.keyed()
				}
				began := time.Now()
				got := w.run()
				w.wantVerdict(got, verdict.Pass, "")
				w.wantPaid(2)
				w.wantChats(5)
				if took := time.Since(began); took > 10*time.Minute {
					t.Errorf("it took %s", took)
				}
				if r := got.Evidence.Reruns; len(r) != 2 || r[1].Type != calls.RerunEvalOnly || r[1].Rescued != 1 {
					t.Errorf("reruns %+v", r)
				}
			}, func() *fake { return failsAt(2) })
		})
	}
}

// What does not fit is placed again by whole scenarios: nothing else is sure to be what is left.
func TestASplitOfRowsThatAreNotTold(t *testing.T) {
	t.Parallel()
	split := func(w *world) {
		w.gate.Config.Agent.Concurrency = 1
		w.gate.Config.Agent.TurnTimeout, w.gate.Timeout = 10*time.Minute, 10*time.Hour
		w.agent.think = 5 * time.Minute
	}
	t.Run("whole scenarios", func(t *testing.T) {
		t.Parallel()
		options := simulator.Options{OmitCells: true, Scenarios: []story.Scenario{{Name: "a", Rows: 1}, {Name: "b", Rows: 1}, {Name: "c", Rows: 1}, {Name: "d", Rows: 1}}}
		inChats(t, options, func(w *world) {
			split(w)
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantChats(4)
			if n := len(got.Evidence.Executions()); n < 2 || got.Verdict.Counts.Total != 4 {
				t.Errorf("%d executions, counts %+v", n, got.Verdict.Counts)
			}
		}, func() *fake { return says(grants) })
	})
	t.Run("a part of a scenario", func(t *testing.T) {
		t.Parallel()
		options := simulator.Options{OmitCells: true, Scenarios: []story.Scenario{{Name: "a", Rows: 4}}}
		inChats(t, options, func(w *world) {
			split(w)
			w.judgeBy("success_rate >= 100") // which cannot be told
			got := w.run()
			w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
			w.wantPaid(1)
			w.wantWarning(got, "did not fit into the 25 minutes that calls live and cannot be held in another execution: the server does not tell which dataset rows")
			if n := got.Verdict.Counts; n.Total != 4 || n.Cancelled == 0 {
				t.Errorf("counts %+v", n)
			}
		}, func() *fake { return says(grants) })
	})
}

// wantTriedAgain fails the test if not exactly the one failed call was rerun once, without effect.
func wantTriedAgain(t *testing.T, got gate.Result, why string) {
	t.Helper()
	for _, c := range got.Evidence.Calls.All() {
		if want := 1; c.Outcome() == verdict.Failed {
			want = 2
			if c.Attempts != want || c.FirstOutcome != verdict.Failed {
				t.Errorf("call %s has %d attempts, first %s", c.ID, c.Attempts, c.FirstOutcome)
			}
		} else if c.Attempts != want {
			t.Errorf("call %s has %d attempts", c.ID, c.Attempts)
		}
	}
	r := got.Evidence.Reruns
	if len(r) != 1 || r[0].Requested != 1 || r[0].Accepted != 1 || r[0].Rescued != 0 || r[0].Attempt != 1 || !strings.Contains(r[0].Error.Line(), why) {
		t.Errorf("reruns %+v", r)
	}
}

// A rerun that the timeout, a signal or the agent's death cuts short was made all the same.
func TestARerunThatIsCutShortIsCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		signal error // nil for the timeout
		why    string
	}{
		{"the timeout", nil, "cut short: timed out"},
		{"a signal", gate.ErrTerminated, "cut short: terminated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, simulator.Options{}, func(w *world) {
				rerunsOnce(w)
				var begun atomic.Int32
				w.agent.answer = func(q agent.Question) (agent.Answer, error) {
					if q.Turn > 1 {
						return say(q, grants), nil
					}
					switch begun.Add(1) {
					case 4:
						return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
					case 21:
						time.Sleep(time.Hour)
					}
					return say(q, grants), nil
				}
				w.gate.Config.Agent.TurnTimeout = time.Hour
				w.gate.Timeout = 10 * time.Minute
				var got gate.Result
				if c.signal == nil {
					got = w.run()
				} else {
					got = w.runStoppedAfter(9*time.Minute, c.signal)
				}
				w.wantPaid(2)
				w.wantJudged(got, 20)
				wantTriedAgain(t, got, c.why)
			}, func() *fake { return says(grants) })
		})
	}
}

// An execution that is over for the run and cannot be cancelled is told in the report.
func TestAFurtherExecutionThatCannotBeCancelledIsTold(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		rerunsOnce(w)
		w.judgeBy("success_rate >= 100")
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointCancel, Kind: simulator.FaultServerError, To: 30 * time.Minute})
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantWarning(got, "cancelling execution", "failed, so check it in the dashboard")
		first, second := got.Evidence.Execution, got.Evidence.Further[0]
		if second.Status != calls.ExecutionRunning || !strings.Contains(second.ErrorReason.Line(), "cancelling execution "+second.ID.String()+" failed") {
			t.Errorf("the execution is %s: %s", second.Status, second.ErrorReason)
		}
		if first.Status != calls.ExecutionCompleted || !first.ErrorReason.IsEmpty() {
			t.Errorf("the first execution is %s: %s", first.Status, first.ErrorReason)
		}
		time.Sleep(time.Hour)
		if done := w.gate.Cleanup(w.t.Context(), w.records[len(w.records)-1]); !strings.Contains(done.Line(), "is cancelled") {
			t.Errorf("cleanup says %q", done)
		}
	}, func() *fake { return failsAt(4) })
}

// Cleanup cancels also those that came before the last execution.
func TestCleanupCancelsEveryExecutionThatStillRuns(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Agent.Concurrency = 1
		w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 25}}
		w.server.Inject(simulator.Fault{Endpoint: api.EndpointCancel, Kind: simulator.FaultServerError, To: 30 * time.Minute})
		got := w.run()
		w.wantPaid(3)
		time.Sleep(time.Hour)
		w.gate.Journal = w
		done := w.gate.Cleanup(w.t.Context(), w.records[len(w.records)-1])
		for _, e := range got.Evidence.Further {
			if !strings.Contains(done.Line(), "execution "+e.ID.String()+" is cancelled") {
				t.Errorf("cleanup says %q, want execution %s too", done, e.ID)
			}
		}
		if w.records[len(w.records)-1].LeftBehind() {
			t.Errorf("there is more to clean up: %+v", w.records[len(w.records)-1])
		}
	}, refuses)
}

func TestARerunThatCannotStartLeavesTheRunJudged(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 25}}
		w.judgeBy("success_rate >= 90")
		w.server.Inject(simulator.Fault{Endpoint: talk.EndpointSubset, Kind: simulator.FaultServerError, Count: 99})
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantPaid(1)
		w.wantJudged(got, 20)
		w.wantWarning(got, "A further execution failed, and the run is judged without it")
		if r := got.Evidence.Reruns; len(r) != 1 || r[0].Accepted != 0 || r[0].Error.IsEmpty() {
			t.Errorf("reruns %+v", r)
		}
	}, func() *fake { return failsAt(4) })
}

func TestASuiteThatIsTooLongIsSplit(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		options := simulator.Options{Chats: simulator.Chats{NoALK: old}}
		inChats(t, options, func(w *world) {
			w.gate.Config.Agent.Concurrency = 2
			w.gate.Config.Agent.TurnTimeout = 10 * time.Minute
			w.gate.Timeout = 10 * time.Hour
			w.agent.think = 90 * time.Second
			got := w.run()
			w.wantVerdict(got, verdict.Pass, "")
			w.wantChats(20)
			w.wantJudged(got, 20)
			if n := len(got.Evidence.Executions()); n < 3 || n > 6 {
				t.Errorf("%d executions", n)
			}
			for _, e := range got.Evidence.Executions() {
				if e.Status != calls.ExecutionCompleted {
					t.Errorf("execution %s is %s", e.ID, e.Status)
				}
			}
			for _, c := range got.Evidence.Calls.All() {
				if c.Attempts != 1 || len(c.Evals) != len(w.server.EvalConfigs()) {
					t.Errorf("call %s: %d attempts, %d evals", c.ID, c.Attempts, len(c.Evals))
				}
			}
		}, func() *fake { return says(grants) })
	}
}
