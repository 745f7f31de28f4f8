package dialect

import (
	"encoding/json"
	"hash/maphash"
	"strings"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// textSlots is how many texts are remembered. An execution has some tens that come again
// and again: scenarios, statuses, evals and their types, ended reasons.
const textSlots = 1024

// texts keeps the texts of calls. Those that came before are not kept a second time:
// most are the same in all calls, so that a hundred thousand calls hold one copy. Each
// place holds the text that came last, so that what does not repeat costs nothing more.
type texts struct {
	secrets *Redactor
	seed    maphash.Seed
	slots   []textSlot
}

// textSlot is a text as it came and as it is kept, mostly the same.
type textSlot struct {
	raw  string
	kept text.Untrusted
}

// newTexts makes a texts.
func newTexts(secrets *Redactor) texts {
	return texts{secrets: secrets, seed: maphash.MakeSeed()}
}

// of is the text in a JSON string; empty when it is something else. whole is false when
// raw is only the beginning of it.
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

// label is the text s.
func (t *texts) label(s string) text.Untrusted { return t.keep([]byte(s)) }

// keep is the text b, which may be overwritten afterwards.
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

// ofString keeps the text in a JSON string; empty when it is something else. whole is false
// when raw is only the beginning of it.
func (r *Redactor) ofString(raw json.RawMessage, whole bool) text.Untrusted {
	switch {
	case !jsonstream.IsString(raw):
		return text.Untrusted{}
	case !whole:
		return r.beginning(unfinished(raw))
	}
	return r.Keep(jsonstream.String(raw))
}

// unfinished is the text of a JSON string that is cut off, maybe in an escape, which is
// left out then.
func unfinished(raw json.RawMessage) string {
	const escape = len(`\u1234`)
	for n := len(raw); n > len(raw)-escape && n > 0; n-- {
		if s := jsonstream.String(append(raw[:n:n], '"')); s != "" {
			return s
		}
	}
	return ""
}

// beginning keeps the beginning of a text of the server, of which the rest is not known:
// a secret that begins at its end is left out.
func (r *Redactor) beginning(s string) text.Untrusted {
	var b strings.Builder
	_, _ = r.Writer(&b).Write([]byte(s)) // a Builder takes everything
	return r.Keep(b.String() + "…")
}
