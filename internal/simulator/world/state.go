// Package world is the state of a simulated API: scenarios, run tests, executions, calls
// and evals, and a ledger of what clients did. It builds on package story. It must not
// import net/http, encode JSON or read a clock.
//
// Nothing runs in the background. An execution is planned when it starts; its state
// follows from that plan and the time, which callers pass in.
//
// Reading order: this file; scenario, evals and runtest hold what can be run; start,
// schedule and execution run it; call, details, results and order are what can be seen of
// it; cancel, rerun and newevals change it; ledger and inspect are for tests.
package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Options configure a world. The fields without a comment are those of
// simulator.Options.
type Options struct {
	Seed  story.Seed
	Speed float64
	// Deployed selects the deployed server's rules over the documented API's.
	Deployed bool
	// Text makes the agent a chat agent instead of a voice agent.
	Text                     bool
	HostedText, NoChatTarget bool
	WholeRows                bool
	AcceptUnknown            bool
	Prompts, Elsewhere       []uuid.UUID
	Scenarios                []story.Scenario
	Evals                    []story.Eval
	Concurrency              int
	Chats                    Chats
	// PlanFor returns the plan of the n-th execution, from 0.
	PlanFor func(n int) story.Plan
}

// World is the state of one simulated organization. It is not safe for concurrent use.
type World struct {
	Options Options
	agent   uuid.UUID // the organization's own agent
	agents  map[uuid.UUID]bool
	// published counts the agent versions that were made since the world began.
	published int

	scenarios  []*Scenario
	scenarioBy map[uuid.UUID]*Scenario
	RunTests   []*RunTest
	runTestBy  map[uuid.UUID]*RunTest
	deleted    map[uuid.UUID]bool // run tests
	executions []*Execution
	execBy     map[uuid.UUID]*Execution
	callBy     map[uuid.UUID]*Call
	made       uint64 // ids drawn by next
	ledger     Ledger
	chats      *chat.Board
}

// New returns a world in which nothing has run yet. It fills in the missing ids of
// opts.Evals in place.
func New(opts Options) *World {
	w := &World{
		Options:    opts,
		scenarioBy: map[uuid.UUID]*Scenario{},
		agents:     map[uuid.UUID]bool{},
		runTestBy:  map[uuid.UUID]*RunTest{},
		deleted:    map[uuid.UUID]bool{},
		execBy:     map[uuid.UUID]*Execution{},
		callBy:     map[uuid.UUID]*Call{},
	}
	w.agent = w.ID(story.ForAgent)
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

// AgentID returns the organization's own agent definition.
func (w *World) AgentID() uuid.UUID { return w.agent }

// KnowsAgent reports whether the agent exists; it makes one up if unknown ids are
// accepted.
func (w *World) KnowsAgent(id uuid.UUID) bool {
	if !w.agents[id] && w.acceptsUnknown(id) {
		w.agents[id] = true
	}
	return w.agents[id]
}

// acceptsUnknown reports whether an unknown id may be made up. Ids of another workspace
// never are.
func (w *World) acceptsUnknown(id uuid.UUID) bool {
	return w.Options.AcceptUnknown && !slices.Contains(w.Options.Elsewhere, id)
}

// ID returns the id of the thing that kind and parts identify; see [story.Seed.ID].
func (w *World) ID(kind uint64, parts ...uint64) uuid.UUID { return w.Options.Seed.ID(kind, parts...) }

// next returns a new number for an id, counting from 1.
func (w *World) next() uint64 {
	w.made++
	return w.made
}

// Span converts a duration in simulated time to time on the clock.
func (w *World) Span(simulated time.Duration) time.Duration {
	if w.Options.Speed == 1 {
		return simulated
	}
	return time.Duration(float64(simulated) / w.Options.Speed)
}

// NativeText reports whether the voice workflow runs the calls of a text agent, as on a
// deployed server without a hosted runner.
func (w *World) NativeText() bool {
	return w.Options.Text && w.Options.Deployed && !w.Options.HostedText
}

// reached reports whether now is at or after at. The zero time is never.
func reached(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
