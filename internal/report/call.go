package report

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A shownCall is a call as reports show it.
type shownCall struct {
	verdict.Call
	ending ending
	// title is the scenario's name, with its id where two have the same.
	title text.Untrusted
}

// A viewer makes calls as reports show them.
type viewer struct {
	r      Report
	barred bool
	titles map[uuid.UUID]text.Untrusted // of scenarios
}

func newViewer(r Report) viewer {
	v := viewer{r: r, barred: barred(r), titles: make(map[uuid.UUID]text.Untrusted, len(r.Verdict.Scenarios))}
	for _, s := range r.Verdict.Scenarios {
		if s.ID != uuid.Nil {
			v.titles[s.ID] = s.Name
		}
	}
	return v
}

// at is the call at a place in the evidence.
func (v viewer) at(i int) shownCall { return v.of(i, v.r.Evidence.Calls.At(i)) }

// brief is the same without times and evals, for which nothing has to be allocated.
func (v viewer) brief(i int) shownCall { return v.of(i, v.r.Evidence.Calls.Brief(i)) }

// endingAt is how the call at a place came out, for which nothing has to be allocated.
func (v viewer) endingAt(i int) ending {
	c := v.r.Evidence.Calls.Brief(i)
	return v.ending(i, &c)
}

func (v viewer) of(i int, c verdict.Call) shownCall {
	s := shownCall{Call: c, ending: v.ending(i, &c), title: c.Scenario}
	if title, known := v.titles[c.ScenarioID]; known {
		s.title = title
	}
	s.title = titled(s.title)
	return s
}

func (v viewer) ending(i int, c *verdict.Call) ending {
	e := endingOf(outcomeOf(v.r, c))
	if e != endSucceeded || !v.barred || i >= len(v.r.Verdict.Passed) {
		return e
	}
	switch v.r.Verdict.Passed[i] {
	case verdict.Passed:
		return endPassed
	case verdict.NotPassed:
		return endBelowBar
	}
	return endSucceeded
}

// unsuccessful are the places in the evidence of the calls that did not succeed, worst
// first.
func unsuccessful(r Report) []int { return ended(r, ending.unsuccessful) }

// unknownCalls are the places of the calls of which nothing is known: lost, cancelled, or not
// ended.
func unknownCalls(r Report) []int { return ended(r, ending.unknown) }

// ended are the places of calls that did not succeed, and ended in some way.
func ended(r Report, in func(ending) bool) []int {
	v := newViewer(r)
	return slices.DeleteFunc(verdict.Unsuccessful(r.Evidence.Calls, r.Verdict.Deciding), func(at int) bool {
		return !in(v.endingAt(at))
	})
}

// low are the places of the calls that succeeded and are nevertheless below the bar, or
// pulled an unmet criterion down by their scores or evals: those first, worst first.
func low(r Report) []int {
	type entry struct{ at, decided int }
	var all []entry
	place, v := deciding(r), newViewer(r)
	for i := range r.Evidence.Calls.Len() {
		ending := v.endingAt(i)
		if !ending.succeeded() {
			continue
		}
		if decided, ok := place[r.Evidence.Calls.ID(i)]; ok {
			all = append(all, entry{i, decided})
		} else if ending == endBelowBar {
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

func deciding(r Report) map[uuid.UUID]int {
	place := make(map[uuid.UUID]int, len(r.Verdict.Deciding))
	for i, id := range r.Verdict.Deciding {
		place[id] = i
	}
	return place
}

// flaky are the places of the calls that only a rerun made succeed.
func flaky(r Report) []int {
	var out []int
	for i := range r.Evidence.Calls.Len() {
		if r.Evidence.Calls.Brief(i).Flaky() {
			out = append(out, i)
		}
	}
	return out
}

// worstCalls are the first n of the calls that stand out, in the order of the summary:
// those that did not succeed, then those below the bar and those that pulled a criterion
// down. It returns how many there are in all, too.
func worstCalls(r Report, n int) ([]shownCall, int) {
	places := append(unsuccessful(r), low(r)...)
	return callsAt(r, places[:min(len(places), n)]), len(places)
}

// callsAt are the calls at some places in the evidence.
func callsAt(r Report, places []int) []shownCall {
	v := newViewer(r)
	out := make([]shownCall, len(places))
	for i, at := range places {
		out[i] = v.at(at)
	}
	return out
}

// ofPlace makes of what is shown of a call what is shown of the one at a place in the
// evidence, so that of a long list only those calls are looked at that are shown.
func ofPlace[T any](r Report, view func(shownCall) T) func(at int) T {
	v := newViewer(r)
	return func(at int) T { return view(v.at(at)) }
}

// reason is why a call did not succeed, in the server's words where it gave any.
func reason(c verdict.Call) text.Untrusted {
	switch {
	case c.Outcome() == verdict.Skipped && !blank(c.SkipReason):
		return c.SkipReason
	case !blank(c.EndedReason):
		return c.EndedReason
	case !blank(c.SkipReason):
		return c.SkipReason
	case !c.Status.Terminal():
		return text.Sprintf("did not end: status %s", string(c.Status))
	}
	return text.New("no reason given")
}

// callWhy says in a few words why a call stands out.
func callWhy(c shownCall) text.Untrusted {
	if !c.ending.succeeded() {
		return text.New(reason(c.Call).LineMax(300))
	}
	t := text.Sprintf("overall score %s", string(number(c.OverallScore, 2)))
	for i, e := range failedEvals(c.Call) {
		if i == 5 {
			return text.Sprintf("%s, …", t)
		}
		t = text.Sprintf("%s, %s %s", t, text.New(e.Name().LineMax(60)), string(evalStateWord(e)))
	}
	return t
}

// callTitle says which call it is and how it ended.
func callTitle(c shownCall) text.Untrusted {
	what := c.ending.word()
	if c.ending == endPassed || c.ending == endSucceeded {
		what = "low"
	}
	return text.Sprintf("call %s %s: %s", string(shortID(c.ID)), string(what), text.New(c.title.LineMax(80)))
}

func attemptsWord(c verdict.Call) figure {
	n := count(max(c.Attempts, 1))
	return n + plural(n, " attempt", " attempts")
}

// titled is the name of a scenario, which may be missing.
func titled(t text.Untrusted) text.Untrusted {
	if blank(t) {
		return text.New("(no name)")
	}
	return t
}
