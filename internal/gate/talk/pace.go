package talk

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// rowLife is how old a row may be when its conversation ends. The server fails one after 30
// minutes (chat.md 4.3); the rest is for what goes slower than expected.
const rowLife = 25 * time.Minute

// pace tells whether there is time for one more conversation.
type pace struct {
	earlier time.Duration // of earlier executions; 0 when not known
	held    []time.Duration
	open    map[uuid.UUID]time.Time // when those that are open were begun
}

// begin notes that a conversation begins.
func (p *pace) begin(id uuid.UUID, now time.Time) { p.open[id] = now }

// end notes how a conversation ended. One that failed says nothing about how long they take.
func (p *pace) end(c Conversation) {
	delete(p.open, c.ID)
	if c.End == Ended || c.End == TurnLimit {
		p.held = append(p.held, c.Duration)
	}
}

// allows tells whether the conversation of a row can end in time when it begins now.
func (p *pace) allows(row Row, now time.Time) bool {
	return !now.Add(p.expected(now)).After(row.MadeAt.Add(rowLife))
}

// expected is how long nine of ten conversations take at most. Short ones end first, so those
// that are open count too when they have taken longer.
func (p *pace) expected(now time.Time) time.Duration {
	all := slices.Clone(p.held)
	least := ninth(all)
	if len(all) == 0 {
		least = p.earlier
	}
	for _, began := range p.open {
		all = append(all, now.Sub(began))
	}
	return max(least, ninth(all))
}

// ninth is the smallest of all that nine of ten do not exceed; 0 of none. It sorts all.
func ninth(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)*9+9)/10-1]
}
