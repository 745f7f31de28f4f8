package event

import "github.com/agent-gate/agent-gate/internal/text"

// Log tells an observer what happens, and keeps the warnings. The zero Log tells nobody.
type Log struct {
	observe  func(Event)
	warnings []text.Untrusted
}

// NewLog makes a log for an observer, which may be nil.
func NewLog(observe func(Event)) *Log { return &Log{observe: observe} }

// Tell tells the observer, if there is one.
func (l *Log) Tell(e Event) {
	if l.observe != nil {
		l.observe(e)
	}
}

// Note tells a sentence for the log.
func (l *Log) Note(s text.Untrusted) { l.Tell(Note{Text: s}) }

// Warn tells a sentence for the log and keeps it for the reports.
func (l *Log) Warn(s text.Untrusted) {
	l.warnings = append(l.warnings, s)
	l.Tell(Warning{Text: s})
}

// Warnings are the sentences that were kept, in order.
func (l *Log) Warnings() []text.Untrusted { return l.warnings }

// Silence forgets the observer, which may be what has panicked.
func (l *Log) Silence() { l.observe = nil }
