package comment

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// space is the UUID name space of keys.
var space = uuid.MustParse("5d1c1b0e-3f0a-5b52-9a56-0f4c3c1de7a4")

// NewKey makes the key of a job from what identifies it: the same parts give the same
// key. It is a hash, so that no name can imitate another job's marker or end the HTML
// comment around it.
func NewKey(parts ...string) uuid.UUID {
	encoded, _ := json.Marshal(parts) // strings always encode; JSON keeps "a","bc" and "ab","c" apart
	return uuid.NewSHA1(space, encoded)
}

// maxHistory is how many earlier verdicts a marker keeps.
const maxHistory = 5

// Entry is a verdict as the marker stores it. None of it is free text.
type Entry struct {
	Verdict verdict.Kind
	SHA     string // commit that was judged, hexadecimal; empty when unknown
	// Run and Attempt order the verdicts: a later pipeline has a higher number, and so
	// has a later attempt. 0 when unknown.
	Run, Attempt uint64

	before []Entry
}

// newerThan reports whether e is from a later run or attempt. Unknown numbers are not
// newer.
func (e Entry) newerThan(other Entry) bool {
	if e.Run != other.Run {
		return e.Run > other.Run && other.Run != 0
	}
	return e.Attempt > other.Attempt && other.Attempt != 0
}

// same reports whether two entries describe the same verdict.
func (e Entry) same(other Entry) bool {
	return e.Run == other.Run && e.Attempt == other.Attempt && e.Verdict == other.Verdict && e.SHA == other.SHA
}

// history returns the earlier verdicts once now replaces e, newest first: e and its own
// history. The same attempt replaces itself.
func (e Entry) history(now Entry) []Entry {
	if e.Verdict == "" {
		return nil
	}
	all := e.before
	if e.Run == 0 || e.Run != now.Run || e.Attempt != now.Attempt {
		all = slices.Insert(slices.Clone(all), 0, Entry{Verdict: e.Verdict, SHA: e.SHA})
	}
	return all[:min(len(all), maxHistory)]
}

const (
	markerStart = "<!-- agent-gate:"
	markerEnd   = " -->"
	// markerLimit bounds what is parsed, in bytes: far more than the longest marker.
	markerLimit = 4096
)

// mark is the JSON in the marker. The key must come first, see prefix.
type mark struct {
	Key     uuid.UUID `json:"key"`
	Run     string    `json:"run"` // a string: the number may exceed JavaScript's precision
	Attempt string    `json:"attempt"`
	past
	Before []past `json:"before,omitempty"`
}

type past struct {
	Verdict verdict.Kind `json:"verdict"`
	SHA     string       `json:"sha"`
}

// prefix returns how a marker with this key begins.
func prefix(key uuid.UUID) string { return markerStart + `{"key":"` + key.String() + `",` }

// marker returns the first line of a comment.
func marker(key uuid.UUID, now Entry, before []Entry) string {
	m := mark{Key: key, Run: strconv.FormatUint(now.Run, 10), Attempt: strconv.FormatUint(now.Attempt, 10), past: pastOf(now)}
	for _, e := range before {
		m.Before = append(m.Before, pastOf(e))
	}
	encoded, _ := json.Marshal(m) // strings and numbers always encode
	return markerStart + string(encoded) + markerEnd
}

func pastOf(e Entry) past {
	if !isSHA(e.SHA) {
		e.SHA = ""
	}
	return past{Verdict: e.Verdict, SHA: e.SHA}
}

// parse reads the marker at the start of a comment. It trusts only the form that marker
// writes, because someone may have edited the comment.
func parse(key uuid.UUID, body string) (Entry, bool) {
	line, _, _ := strings.Cut(body[:min(len(body), markerLimit)], "\n")
	rest, begins := strings.CutPrefix(line, markerStart)
	encoded, _, ends := strings.Cut(rest, markerEnd)
	var m mark
	if !begins || !ends || json.Unmarshal([]byte(encoded), &m) != nil || m.Key != key {
		return Entry{}, false
	}
	e, ok := m.entry()
	if !ok {
		return Entry{}, true // ours, but with nothing usable in it
	}
	e.Run, e.Attempt = Number(m.Run), Number(m.Attempt)
	for _, p := range m.Before[:min(len(m.Before), maxHistory)] {
		if old, ok := p.entry(); ok {
			e.before = append(e.before, old)
		}
	}
	return e, true
}

// isSHA reports whether s looks like a commit ID, SHA-1 or SHA-256.
func isSHA(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && (len(s) == 40 || len(s) == 64)
}

// entry validates what was read.
func (p past) entry() (Entry, bool) {
	if !slices.Contains([]verdict.Kind{verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Error, verdict.Skip}, p.Verdict) {
		return Entry{}, false
	}
	if !isSHA(p.SHA) {
		p.SHA = ""
	}
	return Entry{Verdict: p.Verdict, SHA: p.SHA}, true
}

// Number parses a run or attempt number; 0 when it is not one.
func Number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
