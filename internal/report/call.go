package report

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A ShownCall is a call as reports show it.
type ShownCall struct {
	verdict.Call
	Ending Ending
	// Unsure means that the call succeeded, and that a result is missing that tells whether it passed.
	Unsure bool
	// Title is the scenario's name, with its ID if two scenarios have the same name.
	Title text.Untrusted
	// In is the execution that it belongs to.
	In ExecutionLink
	// Faults are what speaks against the call, worst first; none unless it took place, and none in a
	// brief view.
	Faults []Fault
	// Page is the address of the call in the HTML report; empty if unknown.
	Page Figure
}

// A Viewer turns calls of the evidence into ShownCalls.
type Viewer struct {
	r      Report
	hasBar bool
	titles map[uuid.UUID]text.Untrusted // of scenarios
	links  []ExecutionLink
	// wants are what the run wants of a call, and everyEval that every Pass/Fail eval has to pass.
	wants     []measure
	everyEval bool
	needs     []measure // what tells whether a call passed
	// stopped is why calls were cancelled by the run itself; empty if it cancelled none.
	stopped text.Untrusted
}

// NewViewer returns the viewer of a report.
func NewViewer(r Report) Viewer {
	v := Viewer{r: r, hasBar: HasBar(r), titles: make(map[uuid.UUID]text.Untrusted, len(r.Verdict.Scenarios)), links: ExecutionLinks(r.Evidence)}
	for _, s := range r.Verdict.Scenarios {
		if s.ID != uuid.Nil {
			v.titles[s.ID] = s.Name
		}
	}
	v.wants, v.everyEval = measures(r)
	v.needs = needs(r)
	v.stopped = stoppedWhy(r)
	return v
}

// stoppedWhy says why the run itself cancelled what had not ended; empty if it did not.
func stoppedWhy(r Report) text.Untrusted {
	const stopped = "agent-gate stopped it "
	if r.Evidence.FailFast != nil {
		return text.New(stopped + "because a criterion could no longer be met")
	}
	status := r.Evidence.Execution.Status
	if further := r.Evidence.Executions(); len(further) > 1 {
		status = further[len(further)-1].Status
	}
	if r.Verdict.Kind != verdict.Error || status != calls.ExecutionCancelled && status != calls.ExecutionCancelling {
		return text.Untrusted{}
	}
	switch r.Verdict.Cause {
	case verdict.CauseTimeout:
		return text.New(stopped + "when the run timed out")
	case verdict.CauseInterrupted, verdict.CauseTerminated:
		return text.New(stopped + "when the run was interrupted")
	case verdict.CauseBudget:
		return text.New(stopped + "at the limit of the budget")
	}
	return text.Untrusted{}
}

// At returns the call at an index in the evidence.
func (v Viewer) At(i int) ShownCall {
	s := v.of(i, v.r.Evidence.Calls.At(i))
	if s.Ending.Succeeded() {
		s.Faults = v.faults(s)
	}
	return s
}

// Brief is At without times and evals, which allocates nothing.
func (v Viewer) Brief(i int) ShownCall { return v.of(i, v.r.Evidence.Calls.Brief(i)) }

// endingAt returns how the call at an index ended. It allocates nothing.
func (v Viewer) endingAt(i int) Ending {
	c := v.r.Evidence.Calls.Brief(i)
	return v.ending(i, &c)
}

func (v Viewer) of(i int, c verdict.Call) ShownCall {
	s := ShownCall{Call: c, Ending: v.ending(i, &c), Title: c.Scenario}
	if title, known := v.titles[c.ScenarioID]; known {
		s.Title = title
	}
	s.Title, s.Unsure = Titled(s.Title), v.hasBar && s.Ending == EndSucceeded
	if !v.stopped.IsEmpty() && s.Ending == EndCancelled {
		if c.EndedReason.IsEmpty() || calls.IsCancelReason(c.EndedReason) {
			s.EndedReason = v.stopped // the server calls us "user"
		} else { // some providers end stopped calls with a reason of their own
			s.EndedReason = text.Sprintf("%s, or before: %s", v.stopped, c.EndedReason)
		}
		s.Status = calls.Cancelled
	}
	if at := c.Execution; at >= 0 && at < len(v.links) {
		s.In = v.links[at]
	}
	if v.r.Places.URL != "" {
		s.Page = v.r.Places.Call(c.ID)
	}
	return s
}

func (v Viewer) ending(i int, c *verdict.Call) Ending {
	e := endingOf(OutcomeOf(v.r, c))
	if e != EndSucceeded || !v.hasBar || i >= len(v.r.Verdict.Passed) {
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

// Unsuccessful returns the indexes of the failed and skipped calls in the evidence, worst
// first.
func Unsuccessful(r Report) []int { return mattered(r, Ending.Unsuccessful) }

// UnknownCalls returns the indexes of calls that could not be judged: lost, cancelled or
// unfinished.
func UnknownCalls(r Report) []int { return mattered(r, Ending.Unknown) }

// Low returns the indexes of calls that succeeded but are below the bar, or whose scores or
// evals pulled an unmet criterion down. The former come first, each kind worst first.
func Low(r Report) []int { return mattered(r, Ending.Succeeded) }

// mattered returns the indexes of the calls that mattered and whose ending matches in, worst first.
func mattered(r Report, in func(Ending) bool) []int {
	v := NewViewer(r)
	return slices.DeleteFunc(verdict.Mattered(r.Evidence.Calls, r.Verdict, r.Rules), func(at int) bool {
		return !in(v.endingAt(at))
	})
}

// WorstFirst returns the indexes of all calls: those that did not pass or could not be judged,
// worst first, and then the others.
func WorstFirst(r Report) (worst, rest []int) {
	worst = verdict.Mattered(r.Evidence.Calls, r.Verdict, r.Rules)
	taken := make([]bool, r.Evidence.Calls.Len())
	for _, at := range worst {
		taken[at] = true
	}
	for at, is := range taken {
		if !is {
			rest = append(rest, at)
		}
	}
	return worst, rest
}

// Deciding maps the IDs of the calls that decided the verdict to their rank, worst first.
func Deciding(r Report) map[uuid.UUID]int {
	place := make(map[uuid.UUID]int, len(r.Verdict.Deciding))
	for i, id := range r.Verdict.Deciding {
		place[id] = i
	}
	return place
}

// Flaky returns the indexes of calls that succeeded only after a rerun.
func Flaky(r Report) []int {
	var out []int
	for i := range r.Evidence.Calls.Len() {
		if r.Evidence.Calls.Brief(i).Flaky() {
			out = append(out, i)
		}
	}
	return out
}

// WorstCalls returns the first n calls worth a look, in the order of the summary: calls that
// did not succeed, then those below the bar or that pulled a criterion down. It also returns
// their total number.
func WorstCalls(r Report, n int) ([]ShownCall, int) {
	indexes := mattered(r, func(e Ending) bool { return !e.Unknown() })
	return CallsAt(r, indexes[:min(len(indexes), n)]), len(indexes)
}

// CallsAt returns the calls at the given indexes in the evidence.
func CallsAt(r Report, indexes []int) []ShownCall {
	v := NewViewer(r)
	out := make([]ShownCall, len(indexes))
	for i, at := range indexes {
		out[i] = v.At(at)
	}
	return out
}

// ByIndex turns a function of a call into one of its index in the evidence, so that only the
// calls shown of a long list are unpacked.
func ByIndex[T any](r Report, view func(ShownCall) T) func(at int) T {
	v := NewViewer(r)
	return func(at int) T { return view(v.At(at)) }
}

// Reason is why a call did not succeed, as the server put it if it gave a reason.
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

// CallWhy says briefly why a call is worth a look: why it ended, or what speaks against it, with the
// reason that the first eval gave.
func CallWhy(c ShownCall) text.Untrusted {
	if !c.Ending.Succeeded() {
		return text.New(Reason(c.Call).LineMax(300))
	}
	if len(c.Faults) == 0 {
		return countsAgainst(c)
	}
	t := c.Faults[0].Words(300)
	for i, f := range c.Faults[1:] {
		if i == 4 {
			return text.Sprintf("%s; …", t)
		}
		t = text.Sprintf("%s; %s", t, f.Words(0))
	}
	return t
}

// countsAgainst says of a call that did nothing wrong by itself that a criterion is not met because of it, such as a bound on
// how many calls pass at most.
func countsAgainst(c ShownCall) text.Untrusted {
	if c.Unsure {
		return text.New("a result is missing that pass-when needs")
	}
	return text.Sprintf("%s, which counts against a criterion", string(c.Ending.Word()))
}

// CallStory is [CallWhy], with how the call ended if it did not succeed: "failed: no-answer".
func CallStory(c ShownCall) text.Untrusted {
	if c.Ending.Succeeded() {
		return CallWhy(c)
	}
	return text.Sprintf("%s: %s", string(c.Ending.Word()), CallWhy(c))
}

// CallTitle names a call and how it ended, or what speaks against it.
func CallTitle(c ShownCall) text.Untrusted {
	what := text.New(string(c.Ending.Word()))
	switch {
	case !c.Ending.Succeeded():
	case len(c.Faults) > 0:
		what = c.Faults[0].title()
	case c.Ending != EndBelowBar:
		what = text.New("pulled a criterion down")
	}
	title := text.Sprintf("call %s %s: %s", string(ShortID(c.ID)), what, text.New(c.Title.LineMax(80)))
	if c.In.Name != "" {
		title = text.Sprintf("%s (%s)", title, string(c.In.Name))
	}
	return title
}

// CallDetail is what [CallWhy] says beyond [CallTitle]: what an eval of the title gave as its reason, and what else speaks
// against the call; empty if that is nothing.
func CallDetail(c ShownCall) text.Untrusted {
	if !c.Ending.Succeeded() || len(c.Faults) == 0 || c.Faults[0].Value != "" {
		return CallWhy(c)
	}
	t := Quoted(c.Faults[0].Reason, 300)
	for i, f := range c.Faults[1:] {
		switch {
		case i == 4:
			return text.Sprintf("%s; …", t)
		case t.IsEmpty():
			t = text.Sprintf("also %s", f.Words(0))
		default:
			t = text.Sprintf("%s; %s", t, f.Words(0))
		}
	}
	return t
}

// Attempts formats the number of attempts of a call.
func Attempts(c verdict.Call) Figure {
	n := Count(max(c.Attempts, 1))
	return n + Plural(n, " attempt", " attempts")
}

// Recovered says how a flaky call ended at first, and which attempt succeeded.
func Recovered(c verdict.Call) text.Untrusted {
	return text.Sprintf("%s at first, recovered after a rerun", string(OutcomeWord(c.FirstOutcome)))
}

// Titled replaces a missing scenario name.
func Titled(t text.Untrusted) text.Untrusted {
	if Blank(t) {
		return text.New("(no name)")
	}
	return t
}
