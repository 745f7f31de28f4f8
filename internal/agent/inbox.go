package agent

import (
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// probeConversation is the conversation of the harmless question.
const probeConversation = "agent-gate-ready"

// result is the outcome of a question.
type result struct {
	answer Answer
	err    error
}

// waiting is an open question.
type waiting struct {
	turn   int
	result chan result // buffered for the one result
}

// inbox matches the lines of a program with the open questions.
type inbox struct {
	screen screen
	warner *warner

	ready     chan struct{} // closed when the program is ready
	readyOnce sync.Once

	mu   sync.Mutex
	open map[string]*waiting // by conversation
}

func newInbox(s screen, w *warner) *inbox {
	return &inbox{screen: s, warner: w, ready: make(chan struct{}), open: map[string]*waiting{}}
}

// wait opens a question. Call forget afterwards.
func (b *inbox) wait(conversation string, turn int) *waiting {
	w := &waiting{turn: turn, result: make(chan result, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[conversation] = w
	return w
}

// forget closes the question of a conversation, if it is still open.
func (b *inbox) forget(conversation string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, conversation)
}

// setReady records that the program is ready.
func (b *inbox) setReady() { b.readyOnce.Do(func() { close(b.ready) }) }

// claimOnly closes and returns the open question if there is exactly one, else nil.
func (b *inbox) claimOnly() *waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.open) != 1 {
		return nil
	}
	for conversation, w := range b.open {
		delete(b.open, conversation)
		return w
	}
	return nil
}

// deliver gives the open question of a conversation its result. A line for another turn, or
// for no open question, is dropped with a warning.
func (b *inbox) deliver(conversation string, turn *float64, resultOf func(turn int) result) {
	w, open := b.claim(conversation, turn)
	switch {
	case w != nil:
		w.result <- resultOf(w.turn)
	case open != 0:
		b.warner.warn(func() text.Untrusted {
			return text.Sprintf("an answer of the agent for conversation %s was dropped: it is for turn %g, and turn %d is open",
				b.screen.excerpt(conversation), *turn, open)
		})
	case conversation != probeConversation: // it became ready meanwhile
		b.warner.warn(func() text.Untrusted {
			return text.Sprintf("an answer of the agent for conversation %s was dropped: no question is open", b.screen.excerpt(conversation))
		})
	}
}

// claim closes and returns the open question of a conversation. If its turn is not the one
// given, it stays open and claim returns its turn instead.
func (b *inbox) claim(conversation string, turn *float64) (w *waiting, open int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w = b.open[conversation]
	switch {
	case w == nil:
		return nil, 0
	case turn != nil && *turn != float64(w.turn):
		return nil, w.turn
	}
	delete(b.open, conversation)
	return w, 0
}
