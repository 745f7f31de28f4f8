package dialect

import (
	"encoding/json"
	"hash/maphash"
	"strings"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// textSlots is how many texts are remembered. An execution has a few dozen that recur:
// scenarios, statuses, evals and their types, ended reasons.
const textSlots = 1024

// texts deduplicates the texts of calls: most recur in every call, so a hundred thousand calls
// share one copy. Each slot holds the latest text with its hash, so unique texts cost nothing
// extra.
type texts struct {
	secrets *Redactor
	seed    maphash.Seed
	slots   []textSlot
}

// textSlot is a text before and after redaction, usually the same.
type textSlot struct {
	raw  string
	kept text.Untrusted
}

// newTexts returns an empty texts.
func newTexts(secrets *Redactor) texts {
	return texts{secrets: secrets, seed: maphash.MakeSeed()}
}

// of returns the text in a JSON string; empty if raw is not a string. whole is false if raw is
// only the start of it.
func (t *texts) of(raw json.RawMessage, whole bool) text.Untrusted {
	if !jsonstream.IsString(raw) {
		return text.Untrusted{}
	}
	if !whole {
		return t.secrets.beginning(unfinished(raw))
	}
	if plain, ok := jsonstream.Plain(raw); ok {
		return t.keep(plain)
	}
	return t.label(jsonstream.String(raw))
}

// label returns the text s.
func (t *texts) label(s string) text.Untrusted { return t.keep([]byte(s)) }

// keep returns the text b, which may be overwritten afterwards.
func (t *texts) keep(b []byte) text.Untrusted {
	if t.slots == nil {
		t.slots = make([]textSlot, textSlots)
	}
	slot := &t.slots[maphash.Bytes(t.seed, b)%textSlots]
	if slot.raw != string(b) {
		s := string(b)
		*slot = textSlot{raw: s, kept: t.secrets.Keep(s)}
	}
	return slot.kept
}

// unfinished returns the text of a truncated JSON string, without an incomplete escape at its
// end.
func unfinished(raw json.RawMessage) string {
	const escape = len(`\u1234`)
	for n := len(raw); n > len(raw)-escape && n > 0; n-- {
		if s := jsonstream.String(append(raw[:n:n], '"')); s != "" {
			return s
		}
	}
	return ""
}

// beginning returns a truncated text. A partial secret at its end is removed.
func (r *Redactor) beginning(s string) text.Untrusted {
	var b strings.Builder
	_, _ = r.Writer(&b).Write([]byte(s)) // a Builder never fails
	return r.Keep(b.String() + "…")
}
