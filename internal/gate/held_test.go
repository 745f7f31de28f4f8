package gate_test

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// refuses makes an agent that fails every conversation whose customer begins with the same words as in the
// conversation which is begun first. It is for one conversation at a time.
func refuses() *fake {
	first := ""
	return answers(func(q agent.Question) (agent.Answer, error) {
		said := q.Messages[0].Content.Raw()
		if first == "" {
			first = said
		}
		if said == first {
			return agent.Answer{}, &agent.Error{Kind: agent.KindError, Detail: text.New("no model")}
		}
		return say(q, grants), nil
	})
}

// laterChats makes the gate of a later start of the same key, with an agent of its own.
func (w *world) laterChats(f *fake) {
	w.t.Helper()
	if started, closed := w.agentStarts, w.agent.closed.Load(); started != closed {
		w.t.Errorf("the agent was started %d times and closed %d times", started, closed)
	}
	w.later()
	w.useAgent(f)
}

// wantSame fails the test if a later start did not judge the very same calls.
func (w *world) wantSame(first, again gate.Result) {
	w.t.Helper()
	a, b := first.Evidence, again.Evidence
	if len(a.Executions()) != len(b.Executions()) || a.Calls.Len() != b.Calls.Len() {
		w.t.Fatalf("%d executions and %d calls after %d and %d", len(b.Executions()), b.Calls.Len(), len(a.Executions()), a.Calls.Len())
	}
	for i, e := range a.Executions() {
		if o := b.Executions()[i]; e.ID != o.ID || e.Trial != o.Trial || e.Status != o.Status {
			w.t.Errorf("execution %d is %+v, was %+v", i, o, e)
		}
	}
	places := b.Calls.Places(a.Calls.IDs())
	for _, c := range a.Calls.All() {
		at, ok := places[c.ID]
		if !ok {
			w.t.Errorf("call %s is not judged again", c.ID)
			continue
		}
		if o := b.Calls.At(at); o.Attempts != c.Attempts || o.FirstOutcome != c.FirstOutcome || o.Outcome() != c.Outcome() || o.Execution != c.Execution || len(o.Evals) != len(c.Evals) {
			w.t.Errorf("call %s has %d attempts, %s, first %s, in %d; it had %d, %s, first %s, in %d", c.ID, o.Attempts, o.Outcome(), o.FirstOutcome, o.Execution, c.Attempts, c.Outcome(), c.FirstOutcome, c.Execution)
		}
	}
	if n, o := first.Verdict.Counts, again.Verdict.Counts; n != o {
		w.t.Errorf("counts %+v, were %+v", o, n)
	}
	if again.Evidence.Reused == nil {
		w.t.Error("it is not said that the calls were paid for before")
	}
}

// A text agent's run can have several executions. All of them are the run that a later start of the key judges.
func TestALaterStartOfTheKeyTakesUpAllExecutions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options simulator.Options
		change  func(w *world)
		agent   func() *fake
		paid    int // executions; 0 for several
	}{
		{"one", simulator.Options{}, func(*world) {}, func() *fake { return says(grants) }, 1},
		{"one with a late status", simulator.Options{Chats: simulator.Chats{Starved: true, NoALK: true}}, func(*world) {}, func() *fake { return says(grants) }, 1},
		{"with a rerun that recovers", simulator.Options{}, rerunsOnce, func() *fake { return failsAt(3, 17) }, 2},
		{"with a rerun that fails too", simulator.Options{}, rerunsOnce, refuses, 2},
		{"with a rerun of a copy", simulator.Options{Chats: simulator.Chats{NoALK: true}}, rerunsOnce, func() *fake { return failsAt(3) }, 2},
		{"with two reruns of copies", simulator.Options{Chats: simulator.Chats{NoALK: true}}, func(w *world) {
			w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 25}}
		}, func() *fake { return failsAt(3, 21) }, 3},
		{"with a split", simulator.Options{}, func(w *world) {
			w.gate.Config.Agent.Concurrency, w.gate.Config.Agent.TurnTimeout = 2, 10*time.Minute
			w.gate.Timeout, w.agent.think = 10*time.Hour, 90*time.Second
		}, func() *fake { return says(grants) }, 0},
		{"with trials", simulator.Options{}, func(w *world) { w.gate.Config.Trials = config.Trials{Count: 2, Max: 2} }, func() *fake { return says(grants) }, 2},
		{"with trials and reruns", simulator.Options{}, func(w *world) {
			rerunsOnce(w)
			w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
		}, func() *fake { return failsAt(3, 25) }, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, c.options, func(w *world) {
				w.keyed()
				w.gate.Config.Agent.Concurrency = 1
				c.change(w)
				w.judgeBy("success_rate >= 90")
				first := w.run()
				w.wantVerdict(first, verdict.Pass, "")
				paid, begun := len(w.server.Ledger().Started), w.server.Ledger().ChatTally().Begun
				if c.paid > 0 {
					w.wantPaid(c.paid)
				}
				time.Sleep(time.Minute)
				w.laterChats(says(grants))
				c.change(w)
				w.agent.think = 100 * time.Millisecond
				again := w.run()
				w.wantVerdict(again, verdict.Pass, "")
				w.wantPaid(paid)
				w.wantChats(begun)
				w.wantSame(first, again)
			}, c.agent)
		})
	}
}

func rerunsOnce(w *world) {
	w.gate.Config.Reruns = config.Reruns{Attempts: 1, Max: kind.Amount{IsShare: true, Percent: 25}}
}

// Reruns that were asked for and not yet made are made, no call more often than rerun-attempts.
func TestALaterStartOfTheKeyMakesTheRerunsThatAreLeft(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{}, func(w *world) {
		w.keyed()
		rerunsOnce(w)
		w.gate.Config.Agent.Concurrency = 1
		w.judgeBy("success_rate >= 100")
		w.wantVerdict(w.run(), verdict.Fail, "")
		w.wantPaid(2)
		w.laterChats(says(grants))
		w.gate.Config.Reruns = config.Reruns{Attempts: 2, Max: kind.Amount{IsShare: true, Percent: 25}}
		again := w.run()
		w.wantVerdict(again, verdict.Pass, "")
		w.wantPaid(3)
		w.wantChats(22)
		w.wantJudged(again, 20)
		for _, c := range again.Evidence.Calls.All() {
			if c.Execution > 0 && (c.Attempts != 3 || c.Execution != 2 || c.FirstOutcome != verdict.Failed) {
				t.Errorf("a call of execution %d has %d attempts, first %s", c.Execution, c.Attempts, c.FirstOutcome)
			}
		}
		if r := again.Evidence.Reruns; len(r) != 2 || r[0].Rescued != 0 || r[1].Rescued != 1 || r[1].Attempt != 2 {
			t.Errorf("reruns %+v", r)
		}
	}, refuses)
}

// What was cut short, and what cannot be told, is paid for again, which is said before.
func TestWhatAnEarlierStartCutShortIsHeldAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options simulator.Options
		change  func(w *world)
		agent   func() *fake
		before  func(w *world)
		paid    int
		said    string
	}{
		{"a signal", simulator.Options{}, func(*world) {}, func() *fake { return says(grants) }, func(w *world) { w.runStoppedAfter(20*time.Second, gate.ErrTerminated) }, 2, "conversations did not come to an end"},
		{"reruns of rows that are not told", simulator.Options{OmitCells: true, Scenarios: []story.Scenario{{Name: "a", Rows: 1}, {Name: "b", Rows: 5}}}, rerunsOnce, func() *fake { return failsAt(1) }, func(w *world) { w.run() }, 2, ""},
		{"trials of rows that are not told", simulator.Options{OmitCells: true}, func(w *world) { w.gate.Config.Trials = config.Trials{Count: 2, Max: 2} }, func() *fake { return says(grants) }, func(w *world) { w.run() }, 4, "it is not certain which calls those of execution"},
		{
			"trials in which nothing succeeded", simulator.Options{Scenarios: []story.Scenario{{Name: "a", Rows: 2}}},
			func(w *world) {
				w.gate.Config.Trials = config.Trials{Count: 2, Max: 2}
				w.judgeBy("success_rate >= 50")
			}, func() *fake { return failsAt(1, 2, 3, 4) }, func(w *world) { w.run() }, 4, "it cannot be told whether execution",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inChats(t, c.options, func(w *world) {
				w.keyed()
				w.gate.Config.Agent.Concurrency = 1
				c.change(w)
				c.before(w)
				time.Sleep(time.Minute)
				w.laterChats(says(grants))
				c.change(w)
				again := w.run()
				w.wantVerdict(again, verdict.Pass, "")
				w.wantPaid(c.paid)
				if c.said == "" {
					return
				}
				w.wantWarning(again, "is not judged again", c.said)
				w.laterChats(says(grants))
				c.change(w)
				if third := w.run(); c.paid == 2 && (len(third.Evidence.Warnings) > 0 || third.Evidence.Reused == nil) {
					t.Errorf("reused %+v, warnings %v", third.Evidence.Reused, third.Evidence.Warnings)
				}
			}, c.agent)
		})
	}
}
