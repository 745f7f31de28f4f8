package event

import "github.com/agent-gate/agent-gate/internal/text"

// Log passes events to an observer and keeps the warnings. The zero Log has no observer.
type Log struct {
	observe  func(Event)
	warnings []text.Untrusted
}

// NewLog makes a log for an observer, which may be nil.
func NewLog(observe func(Event)) *Log { return &Log{observe: observe} }

// Tell passes an event to the observer, if there is one.
func (l *Log) Tell(e Event) {
	if l.observe != nil {
		l.observe(e)
	}
}

// Note emits a sentence for the log.
func (l *Log) Note(s text.Untrusted) { l.Tell(Note{Text: s}) }

// Warn emits a sentence for the log and keeps it for the reports.
func (l *Log) Warn(s text.Untrusted) {
	l.warnings = append(l.warnings, s)
	l.Tell(Warning{Text: s})
}

// Warnings returns the sentences passed to Warn, in order.
func (l *Log) Warnings() []text.Untrusted { return l.warnings }

// Silence removes the observer, which may be what panicked.
func (l *Log) Silence() { l.observe = nil }
