package report

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Age is how long before this run its calls were started, if an earlier start paid for them; ok is false if that is not
// known, or it paid for its own.
func Age(r Report) (age time.Duration, ok bool) {
	from, now := r.Evidence.Reused, r.Evidence.Timing.StartedAt
	if from == nil || from.StartedAt.IsZero() || now.IsZero() {
		return 0, false
	}
	return max(now.Sub(from.StartedAt), 0), true
}

// ReuseNote says whose calls are judged again, and how old they are; empty if the run paid for its own.
func ReuseNote(r Report) text.Untrusted {
	from := r.Evidence.Reused
	if from == nil {
		return text.Untrusted{}
	}
	note := text.New("Judged again: no new calls were placed")
	if !Blank(r.Evidence.Key) {
		note = text.Sprintf("%s (run-key %s)", note, r.Evidence.Key)
	}
	if age, ok := Age(r); ok {
		note = text.Sprintf("%s. The execution was started %s before, at %s", note, string(Duration(age)), string(Moment(from.StartedAt)))
	}
	if !Blank(from.Origin) {
		note = text.Sprintf("%s, by: %s", note, from.Origin)
	}
	return note
}

// Reuse is the start that paid for calls which are judged again, for reports that machines read.
type Reuse struct {
	StartedAt  string   `json:"started_at,omitempty"`
	AgeSeconds *float64 `json:"age_seconds,omitempty"`
	Origin     string   `json:"origin,omitempty"`
}

// ReuseOf returns whose calls are judged again; nil if the run paid for its own.
func ReuseOf(r Report) *Reuse {
	from := r.Evidence.Reused
	if from == nil {
		return nil
	}
	out := &Reuse{Origin: from.Origin.LineMax(300)}
	if !from.StartedAt.IsZero() {
		out.StartedAt = from.StartedAt.UTC().Format(time.RFC3339)
	}
	if age, ok := Age(r); ok {
		out.AgeSeconds = new(age.Round(time.Second).Seconds())
	}
	return out
}
