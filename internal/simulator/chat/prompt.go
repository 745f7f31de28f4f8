package chat

import (
	"cmp"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// PromptRules say how the conversations of a prompt go.
type PromptRules struct {
	Bad    bool   // its agent grants nothing
	Broken string // the raw error of a model that cannot be called
}

const promptTurns = 10 // of the agent, at most

// Queue makes all rows of an execution of a prompt at once: the server holds their
// conversations itself (chat.md 9). rules is asked for each call by its index.
func (e *Execution) Queue(rules func(index int) PromptRules, now time.Time) []*Call {
	for i := range e.rows {
		r := &e.rows[i]
		if r.Broken || r.Plain || e.noRows {
			continue // a scenario without dataset makes no call
		}
		r.seen = now
		c := e.add(r, now)
		c.Status = story.StatusQueued
		c.prompted = rules(c.Index)
	}
	return e.Calls
}

// claim is the 30-second job that takes up queued calls, a few at a time.
func (b *Board) claim(at time.Time) {
	b.claiming = false
	talking, queued := 0, false
	for _, e := range b.executions {
		for _, c := range e.Calls {
			if e.Kind == Prompt && c.Status == story.StatusOngoing {
				talking++
			}
		}
	}
	for _, e := range b.executions {
		for _, c := range e.Calls {
			switch {
			case e.Kind != Prompt || c.Status != story.StatusQueued || e.Status.Terminal():
			case talking == claimMost:
				queued = true
			default:
				talking++
				c.converse(at)
			}
		}
	}
	if queued {
		b.wake(at)
	}
}

// converse holds a conversation as the server does, a step after another, until the
// customer ends it or the agent has had its turns.
func (c *Call) converse(at time.Time) {
	if _, err := c.Begin(at); err != nil {
		return
	}
	c.Stats = Stats{}
	c.step(1, at)
}

func (c *Call) step(n int, at time.Time) {
	session := c.session
	c.exec.board.schedule(c.after(at, 1, 3, 100+uint64(n)), func(at time.Time) {
		if c.Status != story.StatusOngoing || c.session != session {
			return // cancelled, or closed
		}
		if broken := cmp.Or(c.prompted.Broken, c.muted()); broken != "" {
			c.fail(broken)
			return
		}
		agent := []Message{{Role: story.RoleCustomer, Content: c.customer.PromptAnswer(n, c.prompted.Bad)}}
		latency := 400.0
		reply, err := c.Send(Turn{Messages: agent, Latency: &latency}, at)
		switch {
		case err != nil || reply.Ended:
		case n == promptTurns:
			c.analyze("", at)
		default:
			c.step(n+1, at)
		}
		c.Stats = Stats{}
	})
}

// muted is the error where the customer's model cannot be called.
func (c *Call) muted() string {
	if c.customer.Mute {
		return story.NoModel
	}
	return ""
}
