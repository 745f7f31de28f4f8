package gate_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/text"
)

// grants is an answer that grants what any of the simulated customers wants.
const grants = "It is settled: the refund is credited, the subscription cancelled, the appointment booked."

// fake is an agent under test in this process.
type fake struct {
	start, ready error
	answer       func(q agent.Question) (agent.Answer, error)
	think        time.Duration

	asked, closed atomic.Int32
	dead          chan struct{}
	dying         sync.Once
	why           error
}

// says makes an agent that always says the same, but for the turn: the simulated server counts turns
// that are alike as sent twice.
func says(words string) *fake {
	return answers(func(q agent.Question) (agent.Answer, error) { return say(q, words), nil })
}

// say is an answer.
func say(q agent.Question, words string) agent.Answer {
	return agent.Answer{Content: text.New(fmt.Sprintf("%s (%d)", words, q.Turn))}
}

// answers makes an agent.
func answers(answer func(q agent.Question) (agent.Answer, error)) *fake {
	return &fake{answer: answer, think: 100 * time.Millisecond, dead: make(chan struct{})}
}

// Ready implements agent.Agent.
func (f *fake) Ready(context.Context) error { return f.ready }

// Ask implements agent.Agent.
func (f *fake) Ask(ctx context.Context, q agent.Question) (agent.Answer, error) {
	f.asked.Add(1)
	select {
	case <-ctx.Done():
		return agent.Answer{}, &agent.Error{Kind: agent.KindTimeout, Wait: time.Minute, Err: context.Cause(ctx)}
	case <-f.dead:
		return agent.Answer{}, f.why
	case <-time.After(f.think):
	}
	a, err := f.answer(q)
	select {
	case <-f.dead:
		if err == nil {
			return a, nil // it died after that
		}
		return a, f.why
	default:
		return a, err
	}
}

// die lets the agent's process die.
func (f *fake) die() error {
	f.dying.Do(func() {
		f.why = &agent.Error{
			Kind: agent.KindDied, Exit: "exit status 7", Detail: text.New("KeyError"),
			Stderr: []text.Untrusted{text.New("Traceback"), text.New("KeyError")},
		}
		close(f.dead)
	})
	return f.why
}

// Dead implements agent.Agent.
func (f *fake) Dead() <-chan struct{} { return f.dead }

// Err implements agent.Agent.
func (f *fake) Err() error {
	select {
	case <-f.dead:
		return f.why
	default:
		return nil
	}
}

// Close implements agent.Agent.
func (f *fake) Close() error {
	f.closed.Add(1)
	f.dying.Do(func() {
		f.why = agent.ErrClosed
		close(f.dead)
	})
	return nil
}

// inChats runs a story of a text agent in virtual time.
func inChats(t *testing.T, options simulator.Options, story func(w *world), under func() *fake) {
	t.Helper()
	options.Agent, options.AttachEvals = simulator.Text, true
	inWorld(t, options, func(w *world) {
		w.useAgent(under())
		story(w)
		tally := w.server.Ledger().ChatTally()
		if w.overlaps {
			tally.Overlaps = 0
		}
		if tally.Begins != tally.Begun || tally.Repeats+tally.Refused+tally.Overlaps+tally.DoubleRows != 0 {
			t.Errorf("something was sent twice, too late or at once: %+v", tally)
		}
		if started, closed := w.agentStarts, w.agent.closed.Load(); started != closed {
			t.Errorf("the agent was started %d times and closed %d times", started, closed)
		}
		w.wantNothingRunning()
		if tally := w.server.Ledger().ChatTally(); tally.Open != 0 {
			t.Errorf("%d calls are open at the end", tally.Open)
		}
	})
}

// useAgent lets the gate talk to an agent.
func (w *world) useAgent(f *fake) {
	w.agent, w.agentStarts = f, 0
	w.gate.Config.Agent = config.Agent{
		Command: "fake", Ready: time.Minute, Concurrency: 5, TurnTimeout: time.Minute, MaxTurns: 30,
	}
	w.gate.Agent = func(context.Context, func(text.Untrusted)) (agent.Agent, error) {
		if f.start != nil {
			return nil, f.start
		}
		w.agentStarts++
		return f, nil
	}
}

// wantChats fails the test when not exactly so many conversations were begun.
func (w *world) wantChats(begun int) {
	w.t.Helper()
	if got := w.server.Ledger().ChatTally().Begun; got != begun {
		w.t.Errorf("%d conversations were begun, want %d", got, begun)
	}
}

// wantCancels fails the test when the execution was not cancelled so many times.
func (w *world) wantCancels(n int) {
	w.t.Helper()
	if got := w.server.Ledger().Counts[api.EndpointCancel]; got != n {
		w.t.Errorf("%d cancels were sent, want %d", got, n)
	}
}
