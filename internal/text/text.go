// Package text holds the one type for words that strangers wrote, and the doors through
// which such words may leave the program.
//
// Scenario names, eval reasons, ended reasons and the server's error messages come from
// language models and from other people. Printed as they are, they can forge workflow
// commands, Markdown tables or a verdict. An [Untrusted] cannot be joined to a string,
// and everything that formats it goes through a door, one for each kind of sink:
// [Untrusted.Line], [Untrusted.Cell], [Untrusted.Fence], [Untrusted.XML],
// [Untrusted.HTML] and [Untrusted.Label]. Only JSON carries the words unchanged, because
// its encoding escapes them already.
//
// Its parts, from the outside in: doors.go has the doors, with markdown.go and label.go for the
// larger ones, and format.go for building texts from texts. Below them
// clean.go removes what cannot be seen (ansi.go: terminal sequences), and command.go
// breaks commands to CI runners. distance.go, plural.go and utf8.go are small helpers for
// text of our own. The package redact hides secrets.
//
// The package imports nothing else of this module, and knows no report and no CI system
// beyond the syntax that a text must not forge.
package text

import (
	"encoding/json"
	"unicode/utf8"
)

// Untrusted is text that comes neither from the user of agent-gate nor from its own code.
// The zero value is the empty text. Values are comparable and can be map keys.
type Untrusted struct{ raw string }

// New marks s as untrusted.
func New(s string) Untrusted { return Untrusted{raw: s} }

// IsEmpty reports whether the text has no characters.
func (t Untrusted) IsEmpty() bool { return t.raw == "" }

// Raw returns the text unchanged. Use it to compare and to look up, never to write.
func (t Untrusted) Raw() string { return t.raw }

// Beginning returns the first n bytes of the text, cut at a character boundary, and an
// ellipsis; the whole text if it is no longer than n bytes.
func (t Untrusted) Beginning(n int) Untrusted {
	if len(t.raw) <= n {
		return t
	}
	for n > 0 && !utf8.RuneStart(t.raw[n]) {
		n--
	}
	return Untrusted{raw: t.raw[:n] + ellipsis}
}

// String is the door for log lines, so that %s and %v of package fmt are safe.
func (t Untrusted) String() string { return t.Line() }

// MarshalJSON writes the text unchanged as a JSON string.
func (t Untrusted) MarshalJSON() ([]byte, error) { return json.Marshal(t.raw) }

// UnmarshalJSON reads a JSON string.
func (t *Untrusted) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &t.raw) }
