package chat

import (
	"cmp"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Turn is what the agent says at once.
type Turn struct {
	Messages []Message
	// Latency is how long the agent took, in milliseconds, where that was told.
	Latency *float64
}

// Reply is the customer's answer to a begin or a turn.
type Reply struct {
	Text    string
	History []Message // the newest turn in it with the roles as sent (chat.md 4.4)
	Ended   bool
	Takes   time.Duration
}

// The refusals of a begin and of a turn that leave the call as it is (chat.md 4.1, 4.2).
var (
	ErrNoBegin = errors.New("the execution has ended")
	ErrNoTurn  = errors.New("the execution is not running")
)

// BrokenError is an inner error: the call is failed by it.
type BrokenError struct {
	Reason string // the call's ended_reason
	Takes  time.Duration
}

func (e *BrokenError) Error() string { return e.Reason }

// notOngoing is the reason of a call that got a turn when it was not ongoing.
const notOngoing = "Call execution is not ongoing"

// emptyTakes is how long the customer's model tries before it is empty for the second time.
const emptyTakes = 5 * time.Second

// Begin opens the conversation, or another one on the same call: the call's own state is
// not looked at, and the customer forgets what there was (chat.md 4.1).
func (c *Call) Begin(now time.Time) (Reply, error) {
	e := c.exec
	switch e.Status {
	case story.StatusPending, story.StatusRunning, story.StatusEvaluating:
	default:
		return Reply{}, ErrNoBegin
	}
	c.Stats.Begins++
	c.occupy(now)
	e.running()
	c.Status, c.Reason = story.StatusOngoing, ""
	first := Message{Role: story.RoleCustomer, Content: c.customer.Hears(nil).Text}
	if c.customer.Mute {
		first.Content = story.NoModelOpening
	}
	c.begun = now
	if c.firstLine.IsZero() {
		c.firstLine = now
		e.begins(now)
	}
	c.session = e.board.rules.Seed.ID(story.ForSession, e.n, uint64(c.Index), uint64(c.Stats.Begins))
	c.memory = memory{history: []Message{first}}
	c.store(story.RoleCustomer, []Message{first}, now) // before the answer
	return Reply{Text: first.Content, History: c.memory.history, Takes: c.answering()}, nil
}

// Send gives the customer a turn of the agent. One to a call that is not ongoing fails it,
// also when it had completed (chat.md 4.2).
func (c *Call) Send(t Turn, now time.Time) (Reply, error) {
	e := c.exec
	if e.Status != story.StatusRunning && e.Status != story.StatusEvaluating {
		return Reply{}, ErrNoTurn
	}
	if n := len(c.lines) - 2; n >= 0 && reflect.DeepEqual(c.lines[n].Messages, t.Messages) {
		c.Stats.Repeats++
	}
	if c.Status != story.StatusOngoing {
		c.Stats.Refused++
		c.fail(notOngoing)
		return Reply{}, &BrokenError{Reason: notOngoing}
	}
	known := c.occupy(now)
	turns := append(append([]string(nil), known.turns...), textOf(t.Messages))
	if broken := c.breaks(len(turns)); broken != nil {
		if !c.customer.Unsaved {
			c.fail(broken.Reason)
		}
		return Reply{}, broken
	}
	c.Stats.Turns++
	says := c.customer.Hears(turns)
	answer := Message{Role: story.RoleCustomer, Content: says.Text}
	shown := append(append([]Message(nil), known.history...), t.Messages...)
	shown = append(shown, answer)
	c.forgotten = known
	c.memory = memory{history: append(plainly(known.history, t.Messages), answer), turns: turns}
	c.granted = says.Granted
	if t.Latency != nil {
		c.latencies = append(c.latencies, *t.Latency)
	}
	takes := c.answering()
	stored := now.Add(takes + c.lag())
	c.store(story.RoleAgent, t.Messages, stored)
	c.store(story.RoleCustomer, []Message{answer}, stored.Add(100*time.Microsecond))
	switch {
	case !says.Ended, c.customer.Unsaved:
	case c.customer.Spoils != "":
		c.fail(c.customer.Spoils)
	default:
		c.analyze(cmp.Or(says.Reason, story.EndedBySimulator), stored)
	}
	return Reply{Text: says.Text, History: shown, Ended: says.Ended, Takes: takes}, nil
}

// breaks is the inner error of the customer's model at a turn of the agent, if there is one.
func (c *Call) breaks(turn int) *BrokenError {
	text, broken := c.customer.Breaks[turn]
	if c.customer.Mute {
		text, broken = story.NoModel, true
	}
	if !broken {
		return nil
	}
	err := &BrokenError{Reason: "Failed to send message: " + text, Takes: c.answering()}
	if text == story.EmptyTwice {
		err.Takes = c.exec.board.rules.Span(emptyTakes)
	}
	return err
}

// occupy gives what the customer knows: of a request that is still under way nothing.
func (c *Call) occupy(now time.Time) memory {
	known := c.memory
	if now.Before(c.busy) {
		c.Stats.Overlaps++
		known = c.forgotten
	}
	c.busy = now.Add(c.answering())
	return known
}

// answering is how long the customer's model takes.
func (c *Call) answering() time.Duration {
	return c.exec.board.rules.Span(c.exec.board.rules.ReplyTime)
}

// lag is how long after its answer a turn is stored.
func (c *Call) lag() time.Duration {
	r := &c.exec.board.rules
	lag := r.StoreLag
	if r.Shuffled {
		// A worker that is starting stores turns late, every second one later than the next.
		lag += time.Duration(c.Stats.Turns%2*2) * (r.ReplyTime + r.StoreLag + time.Second)
	}
	return r.Span(lag)
}

// store adds a line to the transcript that is there from a time on.
func (c *Call) store(role string, messages []Message, at time.Time) {
	e := c.exec
	c.lines = append(c.lines, Line{
		ID:      e.board.rules.Seed.ID(story.ForTurn, story.Fold(c.ID), uint64(len(c.lines))+1),
		Session: c.session, Role: role, Messages: messages, Stored: at,
	})
}

// textOf is what the customer hears of a turn: text, and nothing of tools.
func textOf(messages []Message) string {
	var texts []string
	for _, m := range messages {
		if m.Role != story.RoleTool {
			texts = append(texts, m.Content)
		}
	}
	return strings.Join(texts, "\n")
}

// plainly appends a turn to a history as later answers tell it: the agent's texts as
// assistant, without tools.
func plainly(history, turn []Message) []Message {
	told := append([]Message(nil), history...)
	for _, m := range turn {
		if m.Role != story.RoleTool {
			told = append(told, Message{Role: story.RoleAgent, Content: m.Content, Metadata: m.Metadata})
		}
	}
	return told
}
