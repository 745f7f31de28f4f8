package talk

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// chat is one conversation. One goroutine holds it, so there is one request at a time: of two
// turns at once the customer forgets one (chat.md 4.2).
type chat struct {
	*holder
	result Conversation
	from   time.Time

	history []agent.Message // ours: in the server's the roles are not reliable (chat.md 4.4)
	lines   []Line
	// sent and heard count the texts of both sides, by which they are found in what the server
	// has stored.
	sent, heard map[string]int

	touched     bool // the server may have got something
	unsure      bool // it is not known whether the last request was carried out
	begun       bool // it surely has begun
	halted      bool // everything had to end
	answered    bool // the customer has answered the agent
	brokeAtOnce bool // the server failed at the agent's first answer
	firstLine   text.Untrusted
}

// ending is how a conversation ends.
type ending struct {
	end    End
	reason text.Untrusted
	open   bool // the call has to be closed
	doubt  bool // and it may be ended already, so that it has to be read first
	broke  bool // the server failed at the request
}

// newChat makes a conversation that has not begun.
func newChat(h *holder, row Row) *chat {
	return &chat{holder: h, result: Conversation{Row: row}, sent: map[string]int{}, heard: map[string]int{}}
}

// hold holds the conversation from the begin until it is ended or closed.
func (c *chat) hold() {
	c.from = time.Now()
	e := c.course()
	took := time.Since(c.from)
	if e.open {
		c.result.Open = c.close(e, took)
	}
	c.result.End, c.result.Reason = e.end, e.reason
	if e.end.Begun() {
		c.result.Began, c.result.Duration = c.from, took
	}
	c.result.Transcript, c.result.Left = compact(c.lines)
	c.history, c.lines, c.sent, c.heard = nil, nil, nil, nil
}

// course is the conversation itself: the customer begins, and the agent answers each line.
func (c *chat) course() *ending {
	reply, e := c.begin()
	for turn := 1; e == nil; turn++ {
		if reply.Ended {
			return &ending{end: Ended}
		}
		if turn > c.MaxTurns {
			return &ending{end: TurnLimit, reason: text.Sprintf("turn limit (%d)", c.MaxTurns), open: true}
		}
		reply, e = c.turn(turn)
	}
	return e
}

// begin begins the conversation.
func (c *chat) begin() (calls.ChatReply, *ending) {
	reply, e := c.exchange(request{
		what: text.New("begin"),
		send: func(ctx context.Context) (calls.ChatReply, error) { return c.api.BeginChat(ctx, c.result.ID) },
		find: findBegin,
	})
	if e == nil {
		c.begun, c.firstLine = true, reply.Text
		c.hear(reply, time.Since(c.from))
	}
	return reply, e
}

// turn asks the agent and sends what it says.
func (c *chat) turn(n int) (calls.ChatReply, *ending) {
	answer, latency, e := c.ask(n)
	if e != nil {
		return calls.ChatReply{}, e
	}
	all := messages(answer)
	said := key(all[0].Content)
	c.sent[said]++
	from := time.Now()
	reply, e := c.exchange(request{
		what: text.Sprintf("turn %d", n),
		send: func(ctx context.Context) (calls.ChatReply, error) {
			return c.api.SendTurn(ctx, c.result.ID, all, latency)
		},
		find: func(call calls.Chat) (calls.ChatReply, sight) { return c.findTurn(call, said) },
		late: true,
	})
	if e != nil {
		c.brokeAtOnce = n == 1 && e.broke
		return reply, e
	}
	c.answered = true
	c.hear(reply, time.Since(from))
	return reply, nil
}

// hear notes what the customer said.
func (c *chat) hear(reply calls.ChatReply, took time.Duration) {
	c.heard[key(reply.Text.Raw())]++
	if reply.Text.IsEmpty() {
		return // it ended the chat without words
	}
	c.history = append(c.history, agent.Message{Role: agent.RoleUser, Content: reply.Text})
	c.lines = append(c.lines, Line{Role: calls.RoleCustomer, Text: reply.Text, At: time.Since(c.from), Latency: took})
}

// ask asks the agent for its answer, and notes it with how long it took. It is asked once,
// whatever comes of it.
func (c *chat) ask(turn int) (agent.Answer, time.Duration, *ending) {
	if c.stops.cause() != nil {
		return agent.Answer{}, 0, c.halt(false)
	}
	from := time.Now()
	ctx, cancel := context.WithTimeout(c.stops.ctx, c.TurnTimeout)
	answer, err := c.agent.Ask(ctx, agent.Question{
		Conversation: c.result.ID.String(), Turn: turn,
		// What is appended later must not get into what an agent still holds.
		Messages: c.history[:len(c.history):len(c.history)],
		Scenario: c.result.Scenario,
	})
	cancel()
	took := time.Since(from)
	if err == nil && isBlank(answer.Content) && len(answer.ToolCalls) == 0 {
		err = &agent.Error{Kind: agent.KindEmpty}
	}
	if err != nil {
		return agent.Answer{}, 0, c.unanswered(err)
	}
	answer, cut := passable(answer)
	if cut {
		c.cutSaid.Do(func() {
			c.warn(text.Sprintf("turn %d of the agent in scenario %s is longer than %d KB and was cut; so is any other that is", turn, c.result.Scenario, maxTurn/1000))
		})
	}
	c.result.Turns++
	c.history = append(c.history, answer.Messages()...)
	at := time.Since(c.from)
	c.lines = append(c.lines, Line{Role: calls.RoleAgent, Text: answer.Content, ToolCalls: answer.ToolCalls, At: at, Latency: took})
	for _, result := range answer.ToolResults {
		c.lines = append(c.lines, Line{Role: calls.RoleOther, Text: result.Content, Tool: result.Name, At: at})
	}
	return answer, took, nil
}

// unanswered is how the conversation ends when the agent gave no answer.
func (c *chat) unanswered(err error) *ending {
	failure, its := errors.AsType[*agent.Error](err)
	if its && failure.Kind == agent.KindDied || errors.Is(err, agent.ErrClosed) {
		c.stops.died(err) // before another conversation is begun
	}
	if c.stops.cause() != nil {
		// What the end of the context does to the agent, or to the wait for it, is not the
		// agent's failure.
		if !its || failure.Kind == agent.KindDied || failure.Kind == agent.KindTimeout || failure.Kind == agent.KindUnreachable {
			return c.halt(false)
		}
	}
	if its {
		return &ending{end: AgentFailed, reason: failure.Reason(), open: true}
	}
	return &ending{end: Cancelled, reason: text.Sprintf("cancelled: the agent was not asked: %s", text.New(err.Error())), open: true}
}

// halt ends the conversation since everything has to end.
func (c *chat) halt(doubt bool) *ending {
	c.halted = true
	if !c.touched {
		return &ending{end: NotReached}
	}
	e := c.stops.ending(doubt)
	if !c.begun && c.unsure {
		// The agent was not asked, so it has not failed.
		e.end, e.reason = Cancelled, text.Sprintf("cancelled: %s; the begin was sent, but not answered: the conversation may have begun", c.stops.cause())
	}
	return e
}
