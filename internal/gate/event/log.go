package event

import (
	"slices"
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Log passes events to an observer, one at a time, and keeps the warnings. The zero Log has no
// observer. It may be used by several goroutines.
type Log struct {
	mu       sync.Mutex
	observe  func(Event)
	warnings []text.Untrusted
}

// NewLog makes a log for an observer, which may be nil.
func NewLog(observe func(Event)) *Log { return &Log{observe: observe} }

// Tell passes an event to the observer, if there is one.
func (l *Log) Tell(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(e)
}

// tell is Tell with the lock held.
func (l *Log) tell(e Event) {
	if l.observe != nil {
		l.observe(e)
	}
}

// Note emits a sentence for the log.
func (l *Log) Note(s text.Untrusted) { l.Tell(Note{Text: s}) }

// Warn emits a sentence for the log and keeps it for the reports, once.
func (l *Log) Warn(s text.Untrusted) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.warnings, s) {
		return
	}
	l.warnings = append(l.warnings, s)
	l.tell(Warning{Text: s})
}

// Warnings returns the sentences passed to Warn, in order.
func (l *Log) Warnings() []text.Untrusted {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.warnings)
}

// Silence removes the observer, which may be what panicked.
func (l *Log) Silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observe = nil
}
