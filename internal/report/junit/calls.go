package junit

import (
	"cmp"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxReruns is how many reruns of a call are listed: a run makes no more (rerun-attempts), but
// a saved report may claim any number.
const maxReruns = 5

// callSuite returns the suite of the calls, unsuccessful ones first, so that the size limit
// cuts off nothing important.
func callSuite(r report.Report) *testSuite {
	e := r.Evidence
	name := e.RunTest.Name
	if report.Blank(name) {
		name = text.New("calls")
	}
	s := &testSuite{name: title(name, 255), timestamp: e.Timing.StartedAt, rest: " more calls in the JSON report"}
	if e.Execution.StartedAt != nil {
		s.timestamp = *e.Execution.StartedAt
	}
	names, v := newCallNames(r), report.NewViewer(r)
	worst, rest := report.WorstFirst(r)
	s.cases = func(yield func(testCase) bool) {
		each := func(indexes []int, see func(int) report.ShownCall) bool {
			for _, i := range indexes {
				c := see(i)
				if !yield(callCase(&c, names.of(i, c.Title))) {
					return false
				}
			}
			return true
		}
		if !each(worst, v.At) {
			return
		}
		for _, scenario := range r.Verdict.Scenarios {
			if scenario.Counts.Missing > 0 && !yield(missingCase(scenario.Counts, names.titled(report.Titled(scenario.Name)))) {
				return
			}
		}
		each(rest, func(at int) report.ShownCall {
			if c := v.Brief(at); !c.Unsure {
				return c
			}
			return v.At(at) // with what it lacks
		})
	}
	return s
}

// missingCase stands for the calls of a scenario that did not come.
func missingCase(n verdict.Counts, name callName) testCase {
	message := string(report.MissingCalls(n))
	return testCase{Class: name.class, Name: name.scenario + " (missing calls)", Skipped: &testResult{Message: message}}
}

func callCase(c *report.ShownCall, n callName) testCase {
	out := testCase{Class: n.class, Name: n.Name(n.scenario), SystemOut: callFacts(c)}
	if d := report.Finite(c.DurationSeconds); d != nil {
		out.seconds = max(*d, 0) // Surefire's schema, for one, forbids negative times
		out.Time = seconds(out.seconds)
	}
	if (c.Ending == report.EndPassed || c.Ending == report.EndSucceeded && !c.Unsure) && !report.FailedEval(*c) {
		if c.Flaky() {
			out.flaky(&c.Call)
		}
		return out
	}
	why := report.CallWhy(*c)
	if !c.Ending.Succeeded() {
		why = report.Reason(c.Call)
	}
	result := &testResult{Message: title(why, 500), Type: string(c.Outcome())}
	unsure := c.Unsure && !report.FailedEval(*c)
	if c.Ending != report.EndSkipped && c.Ending != report.EndLost && !unsure {
		for i, f := range c.Faults {
			if i == 0 {
				why = f.Words(500)
			} else {
				why = text.Sprintf("%s\n%s", why, f.Words(500))
			}
		}
		result.Body = body(withLink(text.Sprintf("%s\ncall %s, scenario %s: %s in %s",
			why, c.ID.String(), c.Title, string(c.Ending.Word()), string(report.Attempts(c.Call))), cmp.Or(c.Page, c.In.URL)))
	}
	if unsure {
		result.Type, result.Message = "", title(text.Sprintf("not known whether it passed: %s", why), 500)
		out.Skipped = result
		return out
	}
	switch c.Ending {
	case report.EndPassed, report.EndSucceeded: // an eval pulled a criterion down
		result.Type = "eval_failed"
		out.Failure = result
	case report.EndBelowBar:
		result.Type = "below_bar"
		result.Message = title(text.Sprintf("below your bar: %s", why), 500)
		out.Failure = result
	case report.EndSkipped, report.EndLost:
		result.Type = ""
		if c.Ending == report.EndLost {
			result.Message = title(text.Sprintf("lost by the platform: %s", why), 500)
		}
		out.Skipped = result
	case report.EndCancelled, report.EndOpen:
		out.Error = result
		out.RerunErrors = reruns(&c.Call)
	default:
		result.Type = string(verdict.Failed)
		out.Failure = result
		out.RerunFailures = reruns(&c.Call)
	}
	return out
}

// flaky marks a call as Maven Surefire marks a flaky test: with its first result, but no
// failure. Readers that do not know the mark see a pass.
func (c *testCase) flaky(call *verdict.Call) {
	first := report.OutcomeWord(call.FirstOutcome)
	c.FlakyFailures = []testResult{{
		Message: string(first) + " at first", Type: string(call.FirstOutcome),
		Stack: report.Recovered(*call).XML(),
	}}
}

// reruns returns Surefire's marks of a test that kept failing, one per rerun.
func reruns(c *verdict.Call) []testResult {
	var out []testResult
	for i := range min(c.Attempts-1, maxReruns) {
		message := "rerun " + strconv.Itoa(i+1) + " did not succeed either"
		out = append(out, testResult{Message: message, Type: string(c.Outcome()), Stack: message})
	}
	return out
}

// callFacts is the standard output of a case. It has no untrusted text: GitLab shows the file
// that "[[ATTACHMENT|path]]" in it names.
func callFacts(c *report.ShownCall) string {
	facts := "call " + report.FullID(c.ID)
	if report.Finite(c.OverallScore) != nil {
		facts += "\noverall score " + report.Number(c.OverallScore, 2)
	}
	if c.Flaky() {
		return string(facts) + "\nflaky: " + report.Recovered(c.Call).XML()
	}
	return string(facts)
}
