package world

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Chats are the switches of the chat protocol. Durations are simulated.
type Chats struct {
	// NoModel is a server without the customer's model: every first line is "Hi!", and every
	// first turn answers 500 (chat.md 10, row 7).
	NoModel bool
	// Shuffled stores quick turns out of order. Starved keeps the 60-second job from ever
	// reaching an execution, so that its status can be late for ever.
	Shuffled, Starved bool
	// NoALK is a server without the vendor's runner endpoints: they answer 404 in HTML.
	NoALK bool
	// Lifetime is how long a row may stay open, 30 minutes by default, on the clock at any
	// speed.
	Lifetime time.Duration
	// ReplyTime is how long the customer's model takes, 400 ms by default; StoreLag how long
	// after its answer a turn is stored, 700 ms by default.
	ReplyTime, StoreLag time.Duration
	// BreakRate is the share of calls, 0 to 1, in which the customer's model fails at one of
	// the first two turns. Calls that the plan lets fail do, too.
	BreakRate float64
	// Customer changes the customer that was drawn for a call. It runs under the server's
	// lock and must not call the server.
	Customer func(story.CallRef, story.Customer) story.Customer
	// OtherKey is an API key of another workspace of the same organisation.
	OtherKey string
}

// PromptOf is what a run test of a prompt runs.
type PromptOf struct {
	Template, Version uuid.UUID
	VersionName       string
}

// board is that of all chat executions. The server had been up for a while when the first
// one began, so that the jobs come at no round times.
func (w *World) board(now time.Time) *chat.Board {
	if w.chats == nil {
		o := &w.Options.Chats
		w.chats = chat.NewBoard(chat.Rules{
			Seed: w.Options.Seed, Span: w.Span, Starved: o.Starved, Shuffled: o.Shuffled,
			Lifetime: o.Lifetime, ReplyTime: o.ReplyTime, StoreLag: o.StoreLag,
		}, now.Add(-17*time.Second))
	}
	w.chats.Advance(now)
	return w.chats
}

// setupTime is when an execution fails whose calls cannot be made.
const setupTime = 3 * time.Second

// StartChats begins an execution of chats with the given scenarios. Of a prompt's, the
// calls are there at once.
func (w *World) StartChats(kind chat.Kind, rt *RunTest, scenarios []*Scenario, simulator uuid.UUID, now time.Time) *Execution {
	board := w.board(now)
	e := w.newExecution(rt, scenarios, simulator, now)
	e.Plan.Rates = story.Rates{} // the agent decides
	e.records = now
	var rows []chat.Row
	for _, sc := range scenarios {
		if e.Plan.NoCalls {
			break
		}
		for row := range sc.Rows {
			ref := story.CallRef{Execution: e.n, Index: len(rows), Row: story.Row{Scenario: sc.Name, Row: row}}
			fate := e.Plan.Fate(w.Options.Seed, ref)
			broken := fate.Never || slices.Contains(e.Plan.MissingScenarios, sc.Name)
			rows = append(rows, chat.Row{ScenarioID: sc.ID, Plain: sc.NoDataset, Broken: broken, Make: func(index int) (uuid.UUID, story.Customer) {
				return w.newChat(e, sc, row, index)
			}})
		}
	}
	e.Chat = board.Start(kind, e.n, rows, now)
	e.Chat.Stuck, e.Chat.CancelBegun = e.Plan.Stuck != "", e.Plan.CancelBegun
	if e.Plan.SetupError != "" {
		e.reason = e.Plan.SetupError
		e.Chat.FailAt(now.Add(w.Span(setupTime)))
	}
	if d := e.Plan.CancelAfter; d > 0 {
		e.Chat.CancelAt(now.Add(w.Span(d)))
	}
	if kind == chat.Prompt {
		e.Taken(e.Chat.Queue(e.promptRules, now))
	}
	return e
}

// newChat makes the call of a row, and its customer.
func (w *World) newChat(e *Execution, sc *Scenario, row, index int) (uuid.UUID, story.Customer) {
	c := &Call{Execution: e, Index: index, ID: w.ID(story.ForCall, uint64(e.n), uint64(index)), Scenario: sc, Row: row}
	ref := story.CallRef{Execution: e.n, Index: index, Row: story.Row{Scenario: sc.Name, Row: row}}
	c.fate = e.Plan.Fate(w.Options.Seed, ref)
	attempt := 0 // a further execution of the run test tries the row again
	for _, other := range e.RunTest.executions {
		for _, before := range other.Calls {
			if other != e && before.Chat != nil && before.Scenario == sc && before.Row == row {
				attempt++
			}
		}
	}
	c.Outcome = c.fate.In(attempt)
	rng := w.Options.Seed.Draw(story.ForCustomer, uint64(e.n), uint64(index), 0)
	customer := c.Conversation().CustomerFor(attempt, rng)
	customer.Mute = w.Options.Chats.NoModel
	if len(customer.Breaks) == 0 && rng.Float64() < w.Options.Chats.BreakRate {
		customer.Breaks = map[int]string{1 + rng.IntN(2): story.Pick(rng, []string{story.EmptyTwice, story.ModelError})}
	}
	if change := w.Options.Chats.Customer; change != nil {
		customer = change(ref, customer)
	}
	e.Calls = append(e.Calls, c)
	w.callBy[c.ID] = c
	return c.ID, customer
}

// promptRules are how the conversation of a prompt's call goes.
func (e *Execution) promptRules(index int) chat.PromptRules {
	o := &e.Calls[index].Outcome
	rules := chat.PromptRules{Bad: o.Low}
	if o.Fails {
		rules.Broken = o.FailReason
		if rules.Broken == "" {
			rules.Broken = "CustomAIModel matching query does not exist."
		}
	}
	return rules
}

// Taken joins new chats with the calls that were made for them.
func (e *Execution) Taken(chats []*chat.Call) {
	for _, c := range chats {
		call := e.Calls[c.Index]
		call.Chat, call.Attempt.Created = c, c.Created
	}
	e.Chat.Evals = func(c *chat.Call) []chat.Eval { return e.evalsOf(e.Calls[c.Index]) }
}

// evalsOf are the evals that run when a chat has completed. What the plan leaves out never
// runs.
func (e *Execution) evalsOf(c *Call) []chat.Eval {
	var evals []chat.Eval
	for _, cfg := range e.Evals {
		if _, late, absent := c.judgeChat(cfg); !absent {
			evals = append(evals, chat.Eval{ID: cfg.ID, Late: late})
		}
	}
	return evals
}

// judgeChat is the result of an eval on the chat as the agent has led it.
func (c *Call) judgeChat(cfg *EvalConfig) (result *story.EvalOutput, late time.Duration, absent bool) {
	status := "Completed"
	if c.Chat.Rerun() {
		status = "completed"
	}
	o := c.Outcome
	o.Low = o.Low || !c.Chat.Granted()
	v := c.Conversation()
	v.Outcome = &o
	if c.Chat.Stats.Begins == 0 && c.Execution.Chat.Kind != chat.Prompt {
		return v.EvalWithoutTranscript(&cfg.Eval, status), 0, false
	}
	e, i, n := c.seed()
	round := c.round + c.Execution.rounds[cfg.ID].n
	rng := c.Execution.w.Options.Seed.Draw(story.ForEval, e, i, story.Mix(n, story.Fold(cfg.ID), uint64(round)))
	return v.Judge(&cfg.Eval, round, status, rng)
}

// chatEntries are the results that are there now.
func (c *Call) chatEntries(now time.Time) []EvalEntry {
	var entries []EvalEntry
	for _, cfg := range c.Execution.Evals {
		if !c.Chat.EvalReady(cfg.ID, now) {
			continue
		}
		if result, _, absent := c.judgeChat(cfg); !absent {
			entries = append(entries, EvalEntry{cfg, result})
		}
	}
	return entries
}

// chatScore is the CSAT score: high when the customer got what it wanted.
func (c *Call) chatScore() *float64 {
	if !c.Chat.Judged() || c.Outcome.NoScore {
		return nil
	}
	if c.Outcome.Score != nil {
		return new(*c.Outcome.Score)
	}
	e, i, n := c.seed()
	r := c.Execution.w.Options.Seed.Draw(story.ForContent, e, i, n)
	if c.Outcome.Low || !c.Chat.Granted() {
		return new(float64(1 + r.IntN(4)))
	}
	return new(float64(7 + r.IntN(4)))
}

// chatMeasures are the counts of a chat, once it is judged.
func (c *Call) chatMeasures(now time.Time) (story.Measures, bool) {
	if !c.Chat.Judged() {
		return story.Measures{}, false
	}
	n := c.Chat.Counts(now)
	return story.Measures{Turns: n.Turns, TokensIn: n.In, TokensOut: n.Out, ChatLatency: n.Latency}, true
}

// chatNewEvals runs evals on the completed chats of the execution, as run-new-evals does.
func (e *Execution) chatNewEvals(configs []*EvalConfig, now time.Time) {
	for _, cfg := range configs {
		if e.runs(cfg) {
			e.rounds[cfg.ID] = evalRound{n: e.rounds[cfg.ID].n + 1, ready: now}
		} else {
			e.Evals = append(e.Evals, cfg)
		}
	}
	e.Finished = e.Chat.Ended
	for _, c := range e.Calls {
		var evals []chat.Eval
		for _, ev := range e.evalsOf(c) {
			if slices.ContainsFunc(configs, func(cfg *EvalConfig) bool { return cfg.ID == ev.ID }) {
				evals = append(evals, ev)
			}
		}
		c.Chat.Judge(evals, now)
	}
}

// chatAgain runs calls again: their evals, or of a prompt nothing, which empties them
// (chat.md 9).
func (e *Execution) chatAgain(typ string, calls []*Call, now time.Time) (refused []RefusedRerun) {
	e.Finished = e.Chat.Ended
	for _, c := range calls {
		if typ == EvalOnly {
			c.round++
			c.Chat.Again(now)
			continue
		}
		c.Chat.Empty(now)
		refused = append(refused, RefusedRerun{c.ID.String(), "'NoneType' object has no attribute 'id'"})
	}
	return refused
}

// Prompt is the one prompt that the organisation has, in its one version.
func (w *World) Prompt() PromptOf {
	return PromptOf{Template: w.ID(story.ForPrompt), Version: w.ID(story.ForPrompt, 1), VersionName: "v1"}
}

// AddPromptRunTest makes a run test of the prompt with all scenarios and evals of the
// options. The ledger does not count it.
func (w *World) AddPromptRunTest(name string, now time.Time) uuid.UUID {
	rt := w.complete(uuid.Nil, name, now)
	rt.Prompt = new(w.Prompt())
	return rt.ID
}

// MakeAgent makes an agent definition.
func (w *World) MakeAgent() uuid.UUID {
	id := w.ID(story.ForAgent, w.next())
	w.agents[id] = true
	return id
}

// MakeScenario makes the scenario of a persona: completed, with one row (chat.md 8).
func (w *World) MakeScenario(of string, p story.Persona) *Scenario {
	n := len(w.scenarios)
	sc := w.newScenario(n, story.Scenario{ID: w.ID(story.ForScenario, uint64(n), w.next()), Name: of + " · " + p.Name, Rows: 1})
	sc.Script = p.Script()
	return w.addScenario(sc)
}
