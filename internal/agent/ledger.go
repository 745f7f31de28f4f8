package agent

import (
	"errors"
	"sync"
)

// ledger records what was asked, so that no turn is asked twice and no conversation has two
// open questions. The zero value is empty.
type ledger struct {
	mu   sync.Mutex
	open map[string]bool
	last map[string]int // the last turn asked, by conversation
}

// begin records a question. Unless it returns an error, call end afterwards.
func (l *ledger) begin(q Question) error {
	if q.Conversation == "" || q.Turn < 1 || len(q.Messages) == 0 {
		return errors.New("a question needs a conversation, a turn and a message")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open[q.Conversation]:
		return ErrBusy
	case l.last[q.Conversation] >= q.Turn:
		return ErrAsked
	}
	if l.open == nil {
		l.open, l.last = map[string]bool{}, map[string]int{}
	}
	l.open[q.Conversation], l.last[q.Conversation] = true, q.Turn
	return nil
}

// end records that the question of a conversation is over, answered or not.
func (l *ledger) end(conversation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conversation)
}
