package report

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A ShownCall is a call as reports show it.
type ShownCall struct {
	verdict.Call
	Ending Ending
	// title is the scenario's name, with its id where two have the same.
	Title text.Untrusted
}

// A Viewer makes calls as reports show them.
type Viewer struct {
	r      Report
	barred bool
	titles map[uuid.UUID]text.Untrusted // of scenarios
}

// NewViewer makes the calls of a report.
func NewViewer(r Report) Viewer {
	v := Viewer{r: r, barred: HasBar(r), titles: make(map[uuid.UUID]text.Untrusted, len(r.Verdict.Scenarios))}
	for _, s := range r.Verdict.Scenarios {
		if s.ID != uuid.Nil {
			v.titles[s.ID] = s.Name
		}
	}
	return v
}

// At is the call at a place in the evidence.
func (v Viewer) At(i int) ShownCall { return v.of(i, v.r.Evidence.Calls.At(i)) }

// Brief is the same without times and evals, for which nothing has to be allocated.
func (v Viewer) Brief(i int) ShownCall { return v.of(i, v.r.Evidence.Calls.Brief(i)) }

// endingAt is how the call at a place came out, for which nothing has to be allocated.
func (v Viewer) endingAt(i int) Ending {
	c := v.r.Evidence.Calls.Brief(i)
	return v.ending(i, &c)
}

func (v Viewer) of(i int, c verdict.Call) ShownCall {
	s := ShownCall{Call: c, Ending: v.ending(i, &c), Title: c.Scenario}
	if title, known := v.titles[c.ScenarioID]; known {
		s.Title = title
	}
	s.Title = Titled(s.Title)
	return s
}

func (v Viewer) ending(i int, c *verdict.Call) Ending {
	e := endingOf(OutcomeOf(v.r, c))
	if e != EndSucceeded || !v.barred || i >= len(v.r.Verdict.Passed) {
		return e
	}
	switch v.r.Verdict.Passed[i] {
	case verdict.Passed:
		return EndPassed
	case verdict.NotPassed:
		return EndBelowBar
	}
	return EndSucceeded
}

// Unsuccessful are the places in the evidence of the calls that did not succeed, worst
// first.
func Unsuccessful(r Report) []int { return ended(r, Ending.Unsuccessful) }

// UnknownCalls are the places of the calls of which nothing is known: lost, cancelled, or not
// ended.
func UnknownCalls(r Report) []int { return ended(r, Ending.Unknown) }

// ended are the places of calls that did not succeed, and ended in some way.
func ended(r Report, in func(Ending) bool) []int {
	v := NewViewer(r)
	return slices.DeleteFunc(verdict.Unsuccessful(r.Evidence.Calls, r.Verdict.Deciding), func(at int) bool {
		return !in(v.endingAt(at))
	})
}

// Low are the places of the calls that succeeded and are nevertheless below the bar, or
// pulled an unmet criterion down by their scores or evals: those first, worst first.
func Low(r Report) []int {
	type entry struct{ at, decided int }
	var all []entry
	place, v := Deciding(r), NewViewer(r)
	for i := range r.Evidence.Calls.Len() {
		ending := v.endingAt(i)
		if !ending.Succeeded() {
			continue
		}
		if decided, ok := place[r.Evidence.Calls.ID(i)]; ok {
			all = append(all, entry{i, decided})
		} else if ending == EndBelowBar {
			all = append(all, entry{i, len(place)})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(a.decided, b.decided), cmp.Compare(a.at, b.at)) })
	out := make([]int, len(all))
	for i, e := range all {
		out[i] = e.at
	}
	return out
}

// Deciding are the places of calls, by their ids, in the list of those that decided the verdict.
func Deciding(r Report) map[uuid.UUID]int {
	place := make(map[uuid.UUID]int, len(r.Verdict.Deciding))
	for i, id := range r.Verdict.Deciding {
		place[id] = i
	}
	return place
}

// Flaky are the places of the calls that only a rerun made succeed.
func Flaky(r Report) []int {
	var out []int
	for i := range r.Evidence.Calls.Len() {
		if r.Evidence.Calls.Brief(i).Flaky() {
			out = append(out, i)
		}
	}
	return out
}

// WorstCalls are the first n of the calls that stand out, in the order of the summary:
// those that did not succeed, then those below the bar and those that pulled a criterion
// down. It returns how many there are in all, too.
func WorstCalls(r Report, n int) ([]ShownCall, int) {
	places := append(Unsuccessful(r), Low(r)...)
	return CallsAt(r, places[:min(len(places), n)]), len(places)
}

// CallsAt are the calls at some places in the evidence.
func CallsAt(r Report, places []int) []ShownCall {
	v := NewViewer(r)
	out := make([]ShownCall, len(places))
	for i, at := range places {
		out[i] = v.At(at)
	}
	return out
}

// ByIndex makes of what is shown of a call what is shown of the one at a place in the
// evidence, so that of a long list only those calls are looked at that are shown.
func ByIndex[T any](r Report, view func(ShownCall) T) func(at int) T {
	v := NewViewer(r)
	return func(at int) T { return view(v.At(at)) }
}

// Reason is why a call did not succeed, in the server's words where it gave any.
func Reason(c verdict.Call) text.Untrusted {
	switch {
	case c.Outcome() == verdict.Skipped && !Blank(c.SkipReason):
		return c.SkipReason
	case !Blank(c.EndedReason):
		return c.EndedReason
	case !Blank(c.SkipReason):
		return c.SkipReason
	case !c.Status.Terminal():
		return text.Sprintf("never finished (status %s)", string(c.Status))
	}
	return text.New("no reason given")
}

// CallWhy says in a few words why a call stands out.
func CallWhy(c ShownCall) text.Untrusted {
	if !c.Ending.Succeeded() {
		return text.New(Reason(c.Call).LineMax(300))
	}
	t := text.Sprintf("overall score %s", string(Number(c.OverallScore, 2)))
	for i, e := range FailedEvals(c.Call) {
		if i == 5 {
			return text.Sprintf("%s, …", t)
		}
		t = text.Sprintf("%s, %s %s", t, text.New(e.Name().LineMax(60)), string(EvalStateWord(e)))
	}
	return t
}

// CallTitle says which call it is and how it ended.
func CallTitle(c ShownCall) text.Untrusted {
	what := c.Ending.Word()
	if c.Ending == EndPassed || c.Ending == EndSucceeded {
		what = "low"
	}
	return text.Sprintf("call %s %s: %s", string(ShortID(c.ID)), string(what), text.New(c.Title.LineMax(80)))
}

// Attempts prints how often a call was tried.
func Attempts(c verdict.Call) Figure {
	n := Count(max(c.Attempts, 1))
	return n + Plural(n, " attempt", " attempts")
}

// Recovered says how a flaky call ended at first, and which attempt succeeded.
func Recovered(c verdict.Call) text.Untrusted {
	return text.Sprintf("%s at first, recovered on attempt %d", string(OutcomeWord(c.FirstOutcome)), max(c.Attempts, 1))
}

// Titled is the name of a scenario, which may be missing.
func Titled(t text.Untrusted) text.Untrusted {
	if Blank(t) {
		return text.New("(no name)")
	}
	return t
}
