package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
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
	if s, ok := Spent(r); ok && s.Calls > 0 { // reruns, or further trials
		note = text.Sprintf("Judged again: only %s placed", string(Count(s.Calls)+Plural(Count(s.Calls), " new call was", " new calls were")))
	}
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

// QuarantineNote counts the calls of scenarios in quarantine, which nothing else counts; empty if there are none.
func QuarantineNote(r Report) text.Untrusted { return verdict.CountAside(r.Verdict.Aside) }

// QuarantinedCalls are the calls of scenarios in quarantine, worst first: measured by the rules of the run, and not judged.
func QuarantinedCalls(r Report) []ShownCall {
	q := r.Evidence.Quarantine
	if q.Calls.Len() == 0 {
		return nil
	}
	aside := r
	aside.Rules.Baseline = nil
	aside.Evidence.Calls, aside.Evidence.Plan, aside.Evidence.Quarantine = q.Calls, q.Plan, verdict.Quarantine{}
	aside.Verdict = verdict.Measured(aside.Evidence, aside.Rules)
	v := NewViewer(aside)
	all := make([]ShownCall, q.Calls.Len())
	for i := range all {
		all[i] = v.At(i)
	}
	slices.SortStableFunc(all, func(a, b ShownCall) int {
		return cmp.Or(cmp.Compare(a.Ending, b.Ending), CompareValues(a.OverallScore, b.OverallScore))
	})
	return all
}

// QuarantinedWhy is why a call in quarantine is not good; empty if it passed.
func QuarantinedWhy(c ShownCall) text.Untrusted {
	if c.Ending == EndPassed || c.Ending == EndSucceeded {
		return text.Untrusted{}
	}
	return CallWhy(c)
}

// Warnings returns the warnings from the evidence and from the judgement, without duplicates.
func Warnings(r Report) []text.Untrusted {
	seen := map[text.Untrusted]bool{}
	var out []text.Untrusted
	for _, w := range slices.Concat(r.Evidence.Warnings, r.Verdict.Warnings) {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// LostSentences say why the platform lost calls, and what to do about it.
func LostSentences(r Report) []text.Untrusted {
	var all []text.Untrusted
	for _, l := range r.Verdict.Lost {
		all = append(all, l.Sentence())
	}
	return all
}

// OtherWarnings returns the warnings that are not shown with the verdict.
func OtherWarnings(r Report) []text.Untrusted {
	said := LostSentences(r)
	return slices.DeleteFunc(Warnings(r), func(w text.Untrusted) bool { return slices.Contains(said, w) })
}
