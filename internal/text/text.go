// Package text holds the one type for words that strangers wrote, and the doors
// through which such words may leave the program.
//
// Scenario names, eval reasons, ended reasons and the server's error messages come
// from language models and from other people. Printed as they are they can forge
// workflow commands, markdown tables or a verdict. An [Untrusted] cannot be joined
// to a string, and everything that formats it goes through a door, one for each
// kind of sink: [Untrusted.Line], [Untrusted.Cell], [Untrusted.Fence], [Untrusted.XML],
// [Untrusted.HTML], [Untrusted.Label] and [Untrusted.Diagram]. Only JSON carries the words unchanged, since its encoding is
// an escape of its own.
package text

import (
	"encoding/json"
	"unicode/utf8"
)

// Untrusted is a piece of text that did not come from the user of agent-gate or
// from its own code. The zero value is the empty text. Values can be compared and
// used as map keys.
type Untrusted struct{ raw string }

// New marks s as untrusted.
func New(s string) Untrusted { return Untrusted{raw: s} }

// IsEmpty reports whether the text has no characters at all.
func (t Untrusted) IsEmpty() bool { return t.raw == "" }

// Raw returns the text as it came. It is for comparing and looking up, never for
// writing.
func (t Untrusted) Raw() string { return t.raw }

// Beginning is the first n bytes of the text, up to the boundary of a character, and an
// ellipsis; all of it when it is no longer than that.
func (t Untrusted) Beginning(n int) Untrusted {
	if len(t.raw) <= n {
		return t
	}
	for n > 0 && !utf8.RuneStart(t.raw[n]) {
		n--
	}
	return Untrusted{raw: t.raw[:n] + ellipsis}
}

// String is the door of log lines, so that %s and %v of the fmt package are safe.
func (t Untrusted) String() string { return t.Line() }

// MarshalJSON writes the text unchanged as a JSON string.
func (t Untrusted) MarshalJSON() ([]byte, error) { return json.Marshal(t.raw) }

// UnmarshalJSON reads a JSON string.
func (t *Untrusted) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &t.raw) }
