package report

import (
	"strconv"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxReruns is how many reruns of a call are told at most: a run makes no more
// (rerun-attempts), and a saved report may claim any number.
const maxReruns = 5

// callSuite holds the calls, those that did not succeed first, so that a limit cuts
// off nothing that matters.
func callSuite(r Report) *testSuite {
	e := r.Evidence
	name := e.RunTest.Name
	if Blank(name) {
		name = text.New("calls")
	}
	s := &testSuite{name: title(name, 255), timestamp: e.Timing.StartedAt, rest: " more calls in the JSON report"}
	if e.Execution.StartedAt != nil {
		s.timestamp = *e.Execution.StartedAt
	}
	names, v, u := newCallNames(r), NewViewer(r), Link(e.Execution.URL)
	worst, rest := worstFirst(r)
	s.cases = func(yield func(testCase) bool) {
		each := func(places []int) bool {
			for _, i := range places {
				c := v.Brief(i)
				if c.Ending == EndBelowBar {
					c = v.At(i) // its evals say why
				}
				if !yield(callCase(&c, names.of(i, c.Title), u)) {
					return false
				}
			}
			return true
		}
		if !each(worst) {
			return
		}
		for _, scenario := range r.Verdict.Scenarios {
			if scenario.Counts.Missing > 0 && !yield(missingCase(scenario.Counts, names.titled(Titled(scenario.Name)))) {
				return
			}
		}
		each(rest)
	}
	return s
}

// worstFirst are the places of all calls in the evidence: those that did not pass, worst
// first, with those of which nothing is known, and then the others as they stand.
func worstFirst(r Report) (worst, rest []int) {
	worst = append(append(Unsuccessful(r), Low(r)...), UnknownCalls(r)...)
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

// missingCase stands for the calls of a scenario that never came.
func missingCase(n verdict.Counts, name callName) testCase {
	message := string(Count(n.Missing)) + " of " + string(Count(n.Planned)+Plural(Count(n.Planned), " planned call", " planned calls")) + " never came"
	return testCase{Class: name.class, Name: name.scenario + " never came", Skipped: &testResult{Message: message}}
}

func callCase(c *ShownCall, n callName, u Figure) testCase {
	out := testCase{Class: n.class, Name: n.name(), SystemOut: callFacts(c)}
	if d := Finite(c.DurationSeconds); d != nil {
		out.seconds = max(*d, 0) // Surefire's schema and others know no negative time
		out.Time = seconds(out.seconds)
	}
	if c.Ending == EndPassed || c.Ending == EndSucceeded {
		if c.Flaky() {
			out.flaky(&c.Call)
		}
		return out
	}
	why := CallWhy(*c)
	if !c.Ending.Succeeded() {
		why = Reason(c.Call)
	}
	result := &testResult{Message: title(why, 500), Type: string(c.Outcome())}
	if c.Ending != EndSkipped && c.Ending != EndLost {
		result.Body = body(withLink(text.Sprintf("%s\ncall %s, scenario %s: %s in %s",
			why, c.ID.String(), c.Title, string(c.Ending.Word()), string(Attempts(c.Call))), u))
	}
	switch c.Ending {
	case EndBelowBar:
		result.Type = "below_bar"
		result.Message = title(text.Sprintf("below your bar: %s", why), 500)
		out.Failure = result
	case EndSkipped, EndLost:
		result.Type = ""
		if c.Ending == EndLost {
			result.Message = title(text.Sprintf("lost by the platform: %s", why), 500)
		}
		out.Skipped = result
	case EndCancelled, EndOpen:
		out.Error = result
		out.RerunErrors = reruns(&c.Call)
	default:
		result.Type = string(verdict.Failed)
		out.Failure = result
		out.RerunFailures = reruns(&c.Call)
	}
	return out
}

// flaky marks a call as Maven Surefire marks a test that only a rerun made pass: what
// happened at first, beside no failure. Readers that do not know the mark see a pass.
func (c *testCase) flaky(call *verdict.Call) {
	first := OutcomeWord(call.FirstOutcome)
	c.FlakyFailures = []testResult{{
		Message: string(first) + " at first", Type: string(call.FirstOutcome),
		Stack: string(first) + " at first, succeeded in " + string(Attempts(*call)),
	}}
}

// reruns are Surefire's marks of a test that no rerun made pass, one for each rerun.
func reruns(c *verdict.Call) []testResult {
	var out []testResult
	for i := range min(c.Attempts-1, maxReruns) {
		message := "rerun " + strconv.Itoa(i+1) + " did not succeed either"
		out = append(out, testResult{Message: message, Type: string(c.Outcome()), Stack: message})
	}
	return out
}

// callFacts is the standard output of a case. It holds nothing that a stranger wrote:
// GitLab takes "[[ATTACHMENT|path]]" in it for a file to show.
func callFacts(c *ShownCall) string {
	facts := "call " + FullID(c.ID)
	if Finite(c.OverallScore) != nil {
		facts += "\noverall score " + Number(c.OverallScore, 2)
	}
	if c.Flaky() {
		return string(facts) + "\nflaky: " + string(OutcomeWord(c.FirstOutcome)) + " at first, succeeded in " + string(Attempts(c.Call))
	}
	return string(facts)
}
