package talk

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// API is what is needed of the client. Begin, turn and close are sent once each by it, with a
// time limit of its own; reads are repeated. Errors are *client.Error.
type API interface {
	BeginChat(ctx context.Context, callID uuid.UUID) (calls.ChatReply, error)
	SendTurn(ctx context.Context, callID uuid.UUID, messages []calls.ChatMessage, latency time.Duration) (calls.ChatReply, error)
	Chat(ctx context.Context, callID uuid.UUID) (calls.Chat, error)
	CloseChat(ctx context.Context, callID uuid.UUID, end calls.ChatEnd) error
}

// Agent is what is needed of the agent under test, as [agent.Agent] has it. It must be ready.
type Agent interface {
	Ask(ctx context.Context, q agent.Question) (agent.Answer, error)
	Dead() <-chan struct{}
	Err() error
}

// Row is a call of the execution, which waits to be begun.
type Row struct {
	ID       uuid.UUID
	Scenario text.Untrusted // its name
	// MadeAt is when the row was made, by the clock of this machine: the server fails it 30
	// minutes later, begun or not (chat.md 4.3). Of a request that made several, its start.
	MadeAt time.Time
}

// Settings say how conversations are held.
type Settings struct {
	Concurrency int           // conversations at a time; at least 1
	TurnTimeout time.Duration // the longest wait for one answer of the agent
	MaxTurns    int           // turns of the agent, after which a conversation is closed; at least 1
	// CloseWithin is how long it may take to close everything once the context has ended;
	// 2.5 s when not positive, which leaves the rest of the time after a signal to the gate.
	CloseWithin time.Duration
	// Pace is how long a conversation took in earlier executions of the same run; 0 when not
	// known. It counts until the first conversation has ended.
	Pace time.Duration
	// Slots limits conversations beside those of this Hold: one is taken for each that is open; nil for no
	// further limit.
	Slots    chan struct{}
	Observer Observer
}

// Observer is told what happens, one thing at a time. Its functions may be nil, and must not
// block.
type Observer struct {
	Begun func(Row) // about to be begun
	// Ended gets a conversation that was begun, once it is ended and closed. When it returns
	// true, no other is begun, and those that are open go on.
	Ended func(Conversation) (stop bool)
	Warn  func(text.Untrusted) // a sentence for the log and the reports
}

// closeWithin is the default of [Settings.CloseWithin].
const closeWithin = 2500 * time.Millisecond

// Hold holds the conversations of rows, in their order, and returns when each has ended or will
// not be begun. The rows must belong to one execution, all of whose rows are made: it completes
// at once when those that exist have ended (chat.md 0.4).
//
// The error tells why not all were held, and the result is complete also then: the cause of the
// context, whose end closes what is open as [Cancelled], or why the agent is dead, which closes
// it as [AgentFailed].
func Hold(ctx context.Context, api API, under Agent, rows []Row, s Settings) (Result, error) {
	if s.CloseWithin <= 0 {
		s.CloseWithin = closeWithin
	}
	h := &holder{
		Settings: s, api: api, agent: under,
		rows: rows, all: make([]Conversation, len(rows)),
		pace:  pace{earlier: s.Pace, open: map[uuid.UUID]time.Time{}},
		stops: newStops(ctx),
	}
	for i, row := range rows {
		h.all[i] = Conversation{Row: row, End: NotReached}
	}
	var lanes, watch sync.WaitGroup
	done := make(chan struct{})
	watch.Go(func() { h.stops.watch(ctx, under, s.CloseWithin, done) })
	for range min(max(s.Concurrency, 1), len(rows)) {
		lanes.Go(h.lane)
	}
	lanes.Wait()
	close(done)
	watch.Wait()
	h.stops.release()
	if h.hunch.noModel() {
		h.warn(noModel)
	}
	return Result{Conversations: h.all, Pace: h.pace.expected(time.Now())}, h.err
}

// holder is what the conversations have in common.
type holder struct {
	Settings
	api   API
	agent Agent
	stops *stops

	mu      sync.Mutex // guards what follows
	rows    []Row      // those that nobody has taken
	taken   int
	stopped bool // by the observer
	err     error
	pace    pace
	hunch   hunch
	// stubborn is true while the server closes no call.
	stubborn bool

	all []Conversation // of each row; each is written by the lane that took it

	telling sync.Mutex // the observer is told one thing at a time
	cutSaid sync.Once
}

// lane holds one conversation after the other.
func (h *holder) lane() {
	for {
		release, ok := h.slot()
		if !ok {
			return
		}
		row, place, ok := h.next()
		if !ok {
			release()
			return
		}
		h.tellBegun(row)
		c := newChat(h, row)
		c.hold()
		h.all[place] = c.result
		h.ended(c)
		release()
	}
}

// slot waits for the right to hold one more conversation; ok is false if everything is to end. Then next says
// why.
func (h *holder) slot() (release func(), ok bool) {
	if h.Slots == nil {
		return func() {}, true
	}
	select {
	case h.Slots <- struct{}{}:
		return func() { <-h.Slots }, true
	case <-h.stops.ctx.Done():
		_, _, _ = h.next()
		return func() {}, false
	}
}

// next takes the next row that is to be begun, and tells its place.
func (h *holder) next() (row Row, place int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.agent.Dead():
		h.stops.died(h.agent.Err()) // the watch may not have seen it yet
	default:
	}
	for ; len(h.rows) > 0; h.rows, h.taken = h.rows[1:], h.taken+1 {
		if cause := h.stops.cause(); cause != nil {
			h.err = cause
			return Row{}, 0, false
		}
		if h.stopped {
			return Row{}, 0, false
		}
		now := time.Now()
		row, place = h.rows[0], h.taken
		if !h.pace.allows(row, now) {
			h.all[place].End = LeftOver
			continue
		}
		h.pace.begin(row.ID, now)
		h.rows, h.taken = h.rows[1:], h.taken+1
		return row, place, true
	}
	return Row{}, 0, false
}

// ended notes a conversation that is over.
func (h *holder) ended(c *chat) {
	h.mu.Lock()
	h.pace.end(c.result)
	h.hunch.add(c)
	if c.halted && c.result.End != Ended {
		h.err = h.stops.cause()
	}
	h.mu.Unlock()
	if !c.result.End.Begun() {
		return
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	if h.Observer.Ended != nil && h.Observer.Ended(c.result) {
		h.mu.Lock()
		h.stopped = true
		h.mu.Unlock()
	}
}

// tellBegun tells the observer that a row is being begun.
func (h *holder) tellBegun(row Row) {
	if h.Observer.Begun == nil {
		return
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	h.Observer.Begun(row)
}

// warn tells the observer a sentence.
func (h *holder) warn(s text.Untrusted) {
	if h.Observer.Warn == nil {
		return
	}
	h.telling.Lock()
	defer h.telling.Unlock()
	h.Observer.Warn(s)
}
