// Package world is the state of a simulated API: its scenarios, run tests, executions,
// calls and evals, and what was paid for. It knows the stories, and no HTTP and no JSON:
// how requests are read and how things are shown is not its business.
//
// Nothing runs in the background. The course of an execution is planned when it starts,
// and where it stands follows from the plan and the time, which every look brings along.
//
// Read scenario, evals and runtest for what can be run; start, schedule and execution for
// how it runs; call, told, results and order for what can be seen of it; cancel, rerun
// and newevals for what changes it; paid and looks for what tests ask.
package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Options are what a world is made of; those of the simulator say more about each.
type Options struct {
	Seed  story.Seed
	Speed float64
	// Deployed makes it the world of the deployed server: what can be seen of it, and
	// what may be done when, differs from that of the documented API.
	Deployed bool
	// Text is whether the agent is a chat agent, where it is not a voice agent.
	Text                     bool
	HostedText, NoChatTarget bool
	WholeRows                bool
	AcceptUnknown            bool
	AgentID                  uuid.UUID
	Elsewhere                []uuid.UUID
	Scenarios                []story.Scenario
	Evals                    []story.Eval
	Concurrency              int
	Chats                    Chats
	// PlanFor is asked for each execution, counting from 0.
	PlanFor func(execution int) story.Plan
}

// World is the state of one simulated organisation. It is not safe for concurrent use,
// and it has no clock: it is told the time.
type World struct {
	Options Options
	agent   uuid.UUID // the one that everybody knows
	agents  map[uuid.UUID]bool

	scenarios  []*Scenario
	scenarioBy map[uuid.UUID]*Scenario
	RunTests   []*RunTest
	runTestBy  map[uuid.UUID]*RunTest
	executions []*Execution
	execBy     map[uuid.UUID]*Execution
	callBy     map[uuid.UUID]*Call
	made       uint64 // ids drawn for things that arise on the way
	paid       Paid
	chats      *chat.Board
}

// New makes a world in which nothing has happened.
func New(opts Options) *World {
	w := &World{
		Options:    opts,
		scenarioBy: map[uuid.UUID]*Scenario{},
		agents:     map[uuid.UUID]bool{},
		runTestBy:  map[uuid.UUID]*RunTest{},
		execBy:     map[uuid.UUID]*Execution{},
		callBy:     map[uuid.UUID]*Call{},
	}
	w.agent = opts.AgentID
	if w.agent == uuid.Nil {
		w.agent = w.ID(story.ForAgent)
	}
	w.agents[w.agent] = true
	for i, sc := range opts.Scenarios {
		w.addScenario(w.newScenario(i, sc))
	}
	for i := range w.Options.Evals {
		e := &w.Options.Evals[i]
		if e.ID == uuid.Nil {
			e.ID = w.ID(story.ForEvalConfig, uint64(i))
		}
		if e.TemplateID == uuid.Nil {
			e.TemplateID = w.ID(story.ForEvalTemplate, uint64(i))
		}
	}
	return w
}

// AgentID is the agent definition that the world knows.
func (w *World) AgentID() uuid.UUID { return w.agent }

// KnowsAgent reports whether there is such an agent, or one is made up.
func (w *World) KnowsAgent(id uuid.UUID) bool {
	if !w.agents[id] && w.acceptsUnknown(id) {
		w.agents[id] = true
	}
	return w.agents[id]
}

// acceptsUnknown reports whether something that is not there is made up under this id:
// not where it belongs to another workspace.
func (w *World) acceptsUnknown(id uuid.UUID) bool {
	return w.Options.AcceptUnknown && !slices.Contains(w.Options.Elsewhere, id)
}

// ID is the identifier of one thing.
func (w *World) ID(kind uint64, parts ...uint64) uuid.UUID { return w.Options.Seed.ID(kind, parts...) }

// next numbers things that arise on the way.
func (w *World) next() uint64 {
	w.made++
	return w.made
}

// Span is how long a simulated duration takes on the clock.
func (w *World) Span(simulated time.Duration) time.Duration {
	if w.Options.Speed == 1 {
		return simulated
	}
	return time.Duration(float64(simulated) / w.Options.Speed)
}

// NativeText reports whether calls of a text agent are left to the voice workflow.
func (w *World) NativeText() bool {
	return w.Options.Text && w.Options.Deployed && !w.Options.HostedText
}

// reached reports whether now is at or after at. The zero time is never reached.
func reached(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// later is the later of two times, where the zero time stands for nothing yet.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
