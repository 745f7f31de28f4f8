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

// space is the name space of keys.
var space = uuid.MustParse("5d1c1b0e-3f0a-5b52-9a56-0f4c3c1de7a4")

// NewKey makes the key of a job from what names it: the same parts make the same key. It
// is a hash, so that no name, whatever stands in it, can look like the marker of another
// job or end the HTML comment that the marker is.
func NewKey(parts ...string) uuid.UUID {
	encoded, _ := json.Marshal(parts) // strings always encode; and "a","bc" is not "ab","c"
	return uuid.NewSHA1(space, encoded)
}

// maxHistory is how many earlier verdicts a marker keeps.
const maxHistory = 5

// Entry is a verdict as the marker keeps it. Nothing of it is text that somebody chose.
type Entry struct {
	Verdict verdict.Kind
	SHA     string // commit that was judged, hexadecimal; empty when not known
	// Run and Attempt order the verdicts: a pipeline that was started later has a higher
	// number, and so has what is started again of it. 0 when not known.
	Run, Attempt uint64

	before []Entry
}

// newerThan reports whether e is of a later run or attempt. What is not known is not
// newer.
func (e Entry) newerThan(other Entry) bool {
	if e.Run != other.Run {
		return e.Run > other.Run && other.Run != 0
	}
	return e.Attempt > other.Attempt && other.Attempt != 0
}

// same reports whether two entries are of the same verdict.
func (e Entry) same(other Entry) bool {
	return e.Run == other.Run && e.Attempt == other.Attempt && e.Verdict == other.Verdict && e.SHA == other.SHA
}

// history are the earlier verdicts once now takes the place of e: e and its own, the
// newest first. The same attempt takes its own place.
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
	// markerLimit is far above the longest marker, in bytes.
	markerLimit = 4096
)

// mark is the marker's JSON. The key stands first, see prefix.
type mark struct {
	Key     uuid.UUID `json:"key"`
	Run     string    `json:"run"` // a string: such numbers can be too long for JavaScript
	Attempt string    `json:"attempt"`
	past
	Before []past `json:"before,omitempty"`
}

type past struct {
	Verdict verdict.Kind `json:"verdict"`
	SHA     string       `json:"sha"`
}

// prefix is how the marker of a key begins.
func prefix(key uuid.UUID) string { return markerStart + `{"key":"` + key.String() + `",` }

// marker is the first line of a comment.
func marker(key uuid.UUID, now Entry, before []Entry) string {
	m := mark{Key: key, Run: strconv.FormatUint(now.Run, 10), Attempt: strconv.FormatUint(now.Attempt, 10), past: pastOf(now)}
	for _, e := range before {
		m.Before = append(m.Before, pastOf(e))
	}
	encoded, _ := json.Marshal(m) // texts and numbers always encode
	return markerStart + string(encoded) + markerEnd
}

func pastOf(e Entry) past {
	if !isSHA(e.SHA) {
		e.SHA = ""
	}
	return past{Verdict: e.Verdict, SHA: e.SHA}
}

// parse reads the marker that a comment begins with. What is not of the form that marker
// writes is not believed: somebody may have edited the comment.
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
		return Entry{}, true // ours, with nothing to be learned from it
	}
	e.Run, e.Attempt = Number(m.Run), Number(m.Attempt)
	for _, p := range m.Before[:min(len(m.Before), maxHistory)] {
		if old, ok := p.entry(); ok {
			e.before = append(e.before, old)
		}
	}
	return e, true
}

// isSHA reports whether s has the form of a commit's id, SHA-1 or SHA-256.
func isSHA(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && (len(s) == 40 || len(s) == 64)
}

// entry checks what was read.
func (p past) entry() (Entry, bool) {
	if !slices.Contains([]verdict.Kind{verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Error, verdict.Skip}, p.Verdict) {
		return Entry{}, false
	}
	if !isSHA(p.SHA) {
		p.SHA = ""
	}
	return Entry{Verdict: p.Verdict, SHA: p.SHA}, true
}

// Number reads the number of a run or of its attempt, 0 when it is none.
func Number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
