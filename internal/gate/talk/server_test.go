package talk_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
)

// The real ones.
var (
	_ talk.API   = (*client.Client)(nil)
	_ talk.Agent = agent.Agent(nil)
)

// fault is what goes wrong with a request.
type fault string

const (
	none       fault = ""
	lostBefore fault = "lost before acting"
	lostAfter  fault = "lost after acting"
	noConnect  fault = "connection refused"
	limited    fault = "429"
	limitedDid fault = "429 after acting"
	busy       fault = "503"
	busyAsks   fault = "503 with Retry-After"
	busyDid    fault = "503 after acting"
	inner      fault = "500"
	bad        fault = "400"
	missing    fault = "404"
	slow       fault = "slow"
)

var faults = []fault{lostBefore, lostAfter, noConnect, limited, limitedDid, busy, busyAsks, busyDid, inner, bad, missing, slow}

// does reports whether the server acts although the answer is no good.
func (f fault) does() bool {
	return f == lostAfter || f == limitedDid || f == busyDid || f == slow || f == none
}

// err is the client's error.
func (f fault) err() error {
	e := &client.Error{Op: "test", Method: "POST", Path: "/"}
	switch f {
	case none:
		return nil
	case noConnect:
		e.Kind, e.Unsent = client.KindUnavailable, true
	case limited, limitedDid:
		e.Kind, e.Status, e.Refused, e.RetryAfter = client.KindRateLimited, http.StatusTooManyRequests, true, 3*time.Second
	case busy, busyDid:
		e.Kind, e.Status, e.Refused = client.KindUnavailable, http.StatusServiceUnavailable, true
	case busyAsks:
		e.Kind, e.Status, e.Refused, e.RetryAfter = client.KindUnavailable, http.StatusServiceUnavailable, true, 7*time.Second
	case inner:
		e.Kind, e.Status, e.Message = client.KindUnavailable, http.StatusInternalServerError, text.New("Failed to send message: model error")
	case bad:
		e.Kind, e.Status, e.Unsent, e.Message = client.KindRejected, http.StatusBadRequest, true, text.New("Messages are required")
	case missing:
		e.Kind, e.Status, e.Unsent, e.Message = client.KindNotFound, http.StatusNotFound, true, text.New("Call execution not found")
	default:
		e.Kind, e.Err = client.KindUnavailable, fmt.Errorf("no answer in time")
	}
	return e
}

// The requests.
const (
	atBegin = "begin"
	atTurn  = "turn"
	atRead  = "read"
	atClose = "close"
)

// storedCall is a call on the server.
type storedCall struct {
	status  calls.Status
	reason  string
	first   string // the customer's first line
	endsAt  int    // the turn to which the customer answers with the end
	silent  bool   // it ends the chat without words
	rows    []storedRow
	begins  int
	turns   []string // what the agent was heard to say, in order
	closes  int
	busy    int // requests at work
	asked   map[string]int
	tools   []string
	hurt    bool // a fault has met a begin or a turn
	latency []time.Duration
}

type storedRow struct {
	row calls.ChatRow
	at  time.Time // when it can be read
}

// server knows the states of chat.md 4.
type server struct {
	mu      sync.Mutex
	calls   map[uuid.UUID]*storedCall
	fault   func(id uuid.UUID, request string, n int) fault // n from 1, of that request and call
	takes   time.Duration
	lag     func() time.Duration // until a row can be read
	say     func(call *storedCall, turn int) string
	work    sync.WaitGroup
	wrong   []string // what must never happen
	hasty   bool     // a begin may come after a close, since there is no time to wait for it
	noModel bool
}

func newServer() *server {
	return &server{
		calls: map[uuid.UUID]*storedCall{},
		fault: func(uuid.UUID, string, int) fault { return none },
		takes: 20 * time.Millisecond,
		lag:   func() time.Duration { return 700 * time.Millisecond },
		say:   func(_ *storedCall, turn int) string { return fmt.Sprintf("customer line %d", turn+1) },
	}
}

// add makes a row whose customer ends the chat in answer to a turn.
func (s *server) add(id uuid.UUID, endsAt int) *storedCall {
	c := &storedCall{status: calls.Pending, endsAt: endsAt, first: "Hello, I would like a refund.", asked: map[string]int{}}
	s.calls[id] = c
	return c
}

// do has the server act after its time, also when nobody waits for it.
func (s *server) do(ctx context.Context, id uuid.UUID, request string, act func(*storedCall) (calls.ChatReply, error)) (calls.ChatReply, error) {
	s.mu.Lock()
	call := s.calls[id]
	call.asked[request]++
	f := s.fault(id, request, call.asked[request])
	if f != none && (request == atBegin || request == atTurn) {
		call.hurt = true
	}
	if call.busy++; call.busy > 1 && request != atRead {
		s.wrong = append(s.wrong, "two requests at once for one call")
	}
	s.mu.Unlock()
	limit := 3 * time.Minute // of the client
	if request == atClose {
		limit = 2 * time.Minute
	}
	type answer struct {
		reply calls.ChatReply
		err   error
	}
	answers := make(chan answer, 1)
	s.work.Go(func() {
		if f == slow {
			pause(limit + 10*time.Second)
		} else {
			pause(s.takes)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		var a answer
		switch {
		case f.does():
			a.reply, a.err = act(call)
		case f == inner && (request == atBegin || request == atTurn):
			call.status, call.reason = calls.Failed, "model error"
		}
		if err := f.err(); err != nil {
			a = answer{err: err}
		}
		answers <- a
	})
	defer func() { s.mu.Lock(); call.busy--; s.mu.Unlock() }()
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case a := <-answers:
		return a.reply, a.err
	case <-timeout.C:
		return calls.ChatReply{}, lostAfter.err()
	case <-ctx.Done():
		return calls.ChatReply{}, &client.Error{Kind: client.KindCancelled, Err: context.Cause(ctx)}
	}
}

func pause(d time.Duration) { <-time.After(d) }

func (s *server) BeginChat(ctx context.Context, id uuid.UUID) (calls.ChatReply, error) {
	return s.do(ctx, id, atBegin, func(c *storedCall) (calls.ChatReply, error) {
		if c.begins++; c.begins > 1 {
			s.wrong = append(s.wrong, "a conversation was begun twice")
		}
		if !s.hasty && (c.status == calls.Cancelled || c.closes > 0) {
			s.wrong = append(s.wrong, "a closed call was begun")
		}
		c.status = calls.Ongoing
		c.rows = append(c.rows, storedRow{calls.ChatRow{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New(c.first)}}, time.Now()})
		return calls.ChatReply{Text: text.New(c.first)}, nil
	})
}

func (s *server) SendTurn(ctx context.Context, id uuid.UUID, messages []calls.ChatMessage, latency time.Duration) (calls.ChatReply, error) {
	return s.do(ctx, id, atTurn, func(c *storedCall) (calls.ChatReply, error) {
		for _, m := range messages {
			if strings.TrimSpace(m.Content) == "" || strings.ContainsRune(m.Content, 0) {
				return calls.ChatReply{}, bad.err()
			}
		}
		if c.status != calls.Ongoing {
			if c.status == calls.Completed || c.status == calls.Analyzing {
				s.wrong = append(s.wrong, "a turn was sent to a call that had ended")
			}
			c.status, c.reason = calls.Failed, "Call execution is not ongoing"
			return calls.ChatReply{}, inner.err()
		}
		if s.noModel {
			c.status, c.reason = calls.Failed, "no model"
			return calls.ChatReply{}, inner.err()
		}
		for _, tool := range messages[0].ToolCalls {
			if slices.Contains(c.tools, tool.ID) {
				s.wrong = append(s.wrong, "a turn was sent twice")
			}
			c.tools = append(c.tools, tool.ID)
		}
		c.turns = append(c.turns, messages[0].Content)
		c.latency = append(c.latency, latency)
		n := len(c.turns)
		reply := calls.ChatReply{Text: text.New(s.say(c, n)), Ended: n == c.endsAt}
		if reply.Ended && c.silent {
			reply.Text = text.Untrusted{}
		}
		var said []text.Untrusted
		for _, m := range messages {
			said = append(said, text.New(strings.TrimSpace(m.Content)))
		}
		rows := []storedRow{
			{calls.ChatRow{Role: calls.RoleAgent, Messages: said}, time.Now().Add(s.lag())},
			{calls.ChatRow{Role: calls.RoleCustomer, Messages: []text.Untrusted{reply.Text}}, time.Now().Add(s.lag())},
		}
		if n%3 == 2 { // out of order
			slices.Reverse(rows)
		}
		c.rows = append(c.rows, rows...)
		if reply.Ended {
			c.status, c.reason = calls.Analyzing, "Customer is satisfied"
		}
		return reply, nil
	})
}

func (s *server) Chat(ctx context.Context, id uuid.UUID) (calls.Chat, error) {
	read := make(chan calls.Chat, 1)
	_, err := s.do(ctx, id, atRead, func(c *storedCall) (calls.ChatReply, error) {
		chat := calls.Chat{ID: id, Status: c.status, EndedReason: text.New(c.reason)}
		for _, r := range c.rows {
			if !r.at.After(time.Now()) {
				chat.Rows = append(chat.Rows, r.row)
			}
		}
		read <- chat
		return calls.ChatReply{}, nil
	})
	if err != nil {
		return calls.Chat{}, err // it may still be read
	}
	return <-read, nil
}

func (s *server) CloseChat(ctx context.Context, id uuid.UUID, end calls.ChatEnd) error {
	_, err := s.do(ctx, id, atClose, func(c *storedCall) (calls.ChatReply, error) {
		if c.closes++; c.closes == 1 && (c.status == calls.Completed || c.status == calls.Analyzing) && !c.hurt && !s.hasty {
			s.wrong = append(s.wrong, "a call that the customer had ended was closed")
		}
		c.status, c.reason = end.Status, end.Reason
		return calls.ChatReply{}, nil
	})
	return err
}

// state is a call as it stands.
func (s *server) state(id uuid.UUID) storedCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.calls[id]
}
