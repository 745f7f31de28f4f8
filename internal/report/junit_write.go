package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// JUnitLimit is the most that [JUnit] writes, in bytes: GitLab refuses a file of 30 MB
// or more (doc/ci/testing/unit_test_reports.md).
const JUnitLimit = 29_000_000

// junitReserve is kept for everything that is not a case.
const junitReserve = 64 << 10

// gateClass is the class of the cases that are not calls. Jenkins takes what stands
// before the last dot for a package.
const gateClass = "agent-gate.criteria"

// maxReruns is how many reruns of a call are told at most: a run makes no more
// (rerun-attempts), and a saved report may claim any number.
const maxReruns = 5

// JUnit writes the report as JUnit XML: a suite "gate" with a case for each criterion,
// and a suite with a case for each call. A call that failed or is below the bar and a
// criterion that is not met are failures; no data, calls that did not end and errors of the
// run are errors; calls that the platform lost, and those that never came, are skipped. A
// flaky call says so. It is never longer than [JUnitLimit]: what does not fit
// is counted by a case that is as bad as the worst of them. The cases are made twice,
// since their numbers stand before them, and never held.
func JUnit(w io.Writer, r Report) error {
	if err := writeJUnit(w, r, JUnitLimit); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func writeJUnit(w io.Writer, r Report, limit int) error {
	gate := gateSuite(r)
	gate.measure((limit - junitReserve) / 2)
	suites := []*junitSuite{gate}
	if r.Evidence.Calls.Len() > 0 {
		calls := callSuite(r)
		calls.measure(limit - junitReserve - gate.size)
		suites = append(suites, calls)
	}
	return writeSuites(w, suites)
}

// gateSuite holds the verdict's side: an error of the run, a switched-off gate, and
// the criteria.
func gateSuite(r Report) *junitSuite {
	s := &junitSuite{
		name: "gate", timestamp: r.Evidence.Timing.StartedAt, properties: properties(r),
		rest: " more criteria in the JSON report",
	}
	var cases []junitCase
	whole := func(name lit) junitCase {
		return junitCase{Class: gateClass, Name: string(name), Time: seconds(0)}
	}
	switch v := r.Verdict; {
	case v.Kind == verdict.Error:
		c := whole("run")
		c.Error = &junitResult{Message: title(v.Reason, 500), Type: string(v.Cause), Body: body(runBody(r))}
		cases = append(cases, c)
	case v.Kind == verdict.Skip:
		c := whole("run")
		c.Skipped = &junitResult{Message: title(v.Reason, 500)}
		cases = append(cases, c)
	}
	if d := disarmed(r); d != "" {
		c := whole("this gate is switched off")
		c.Skipped = &junitResult{Message: string(d)}
		cases = append(cases, c)
	}
	seen := map[string]bool{}
	for _, check := range r.Verdict.Checks {
		c := criterionCase(r, check)
		name := c.Name
		for n := 2; seen[c.Name]; n++ {
			c.Name = name + " (" + strconv.Itoa(n) + ")"
		}
		seen[c.Name] = true
		cases = append(cases, c)
	}
	s.cases = slices.Values(cases)
	return s
}

func properties(r Report) []junitProperty {
	out := []junitProperty{
		{Name: "verdict", Value: string(r.Verdict.Kind)},
		{Name: "exit_code", Value: strconv.Itoa(r.ExitCode)},
		{Name: "soft_fail", Value: strconv.FormatBool(r.Policy.SoftFail)},
	}
	add := func(name lit, value figure) {
		if value != "" && value != unknown {
			out = append(out, junitProperty{Name: string(name), Value: string(value)})
		}
	}
	add("run_test_id", fullID(r.Evidence.RunTest.ID))
	add("test_execution_id", fullID(r.Evidence.Execution.ID))
	add("dashboard_url", link(r.Evidence.Execution.URL))
	if n := r.Verdict.Counts; n.Total > 0 {
		add("calls", census(r))
	}
	for _, rate := range headlineRates(r, nil) {
		add(rate.key, value(rate.now))
	}
	return out
}

// runBody says what happened to a run without a judgement, and where to look.
func runBody(r Report) text.Untrusted {
	t := r.Verdict.Reason
	if e := r.Evidence.Execution; !blank(e.ErrorReason) {
		t = text.Sprintf("%s\nthe server said: %s", t, e.ErrorReason)
	}
	return withLink(t, link(r.Evidence.Execution.URL))
}

func withLink(t text.Untrusted, u figure) text.Untrusted {
	if u == "" {
		return t
	}
	return text.Sprintf("%s\n%s", t, string(u))
}

func criterionCase(r Report, check verdict.Check) junitCase {
	c := junitCase{Class: gateClass, Name: title(criterionName(check), 300), Time: seconds(0)}
	message := text.Sprintf("%s: %s", string(checkWord(check.Outcome)), string(measured(check)))
	result := &junitResult{Message: title(message, 500), Type: string(check.Outcome)}
	details := message
	if !blank(check.Detail) {
		details = text.Sprintf("%s\n%s", message, check.Detail)
		result.Message = title(text.Sprintf("%s; %s", message, check.Detail), 500)
	}
	result.Body = body(withLink(details, link(r.Evidence.Execution.URL)))
	switch check.Outcome {
	case verdict.Met:
	case verdict.NotMet:
		c.Failure = result
	case verdict.Undecided:
		if r.Policy.AllowInconclusive {
			c.Skipped = &junitResult{Message: result.Message}
		} else {
			c.Failure = result
		}
	default:
		c.Error = result
	}
	return c
}

// measured is a check's number with everything that belongs to it.
func measured(c verdict.Check) figure {
	if c.Value.Value == nil {
		return "nothing measured"
	}
	f := valueTo(c.Value, checkPlaces(c))
	if i := interval(c.Value); i != "" {
		f += " (" + i + ")"
	}
	f += ", n " + sampleSize(c)
	if s := missedBy(c); s != "" {
		f += ", missed by " + s
	}
	return f
}

// callSuite holds the calls, those that did not succeed first, so that a limit cuts
// off nothing that matters.
func callSuite(r Report) *junitSuite {
	e := r.Evidence
	name := e.RunTest.Name
	if blank(name) {
		name = text.New("calls")
	}
	s := &junitSuite{name: title(name, 255), timestamp: e.Timing.StartedAt, rest: " more calls in the JSON report"}
	if e.Execution.StartedAt != nil {
		s.timestamp = *e.Execution.StartedAt
	}
	names, v, u := newCallNames(r), newViewer(r), link(e.Execution.URL)
	worst, rest := worstFirst(r)
	s.cases = func(yield func(junitCase) bool) {
		each := func(places []int) bool {
			for _, i := range places {
				c := v.brief(i)
				if c.ending == endBelowBar {
					c = v.at(i) // its evals say why
				}
				if !yield(callCase(&c, names.of(i, c.title), u)) {
					return false
				}
			}
			return true
		}
		if !each(worst) {
			return
		}
		for _, scenario := range r.Verdict.Scenarios {
			if scenario.Counts.Missing > 0 && !yield(missingCase(scenario.Counts, names.titled(titled(scenario.Name)))) {
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
	worst = append(append(unsuccessful(r), low(r)...), unknownCalls(r)...)
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
func missingCase(n verdict.Counts, name callName) junitCase {
	message := string(count(n.Missing)) + " of " + string(count(n.Planned)+plural(count(n.Planned), " planned call", " planned calls")) + " never came"
	return junitCase{Class: name.class, Name: name.scenario + " never came", Skipped: &junitResult{Message: message}}
}

// A callName is what a call is called in JUnit: unique, and the same in the next run
// as long as the scenarios are, since GitLab compares the branches by it.
type callName struct {
	class, scenario string
	n               int // of the scenario's calls, from 1
}

func (n callName) name() string { return n.scenario + " #" + strconv.Itoa(n.n) }

// callNames are the names of all calls.
type callNames struct {
	class  string  // before that of the scenario
	number []int32 // by the call's place in the evidence
}

// of is the name of the call at a place, by the title of its scenario.
func (c callNames) of(at int, scenario text.Untrusted) callName {
	n := c.titled(scenario)
	n.n = int(c.number[at])
	return n
}

// titled is what a scenario is called.
func (c callNames) titled(scenario text.Untrusted) callName {
	n := callName{scenario: title(scenario, 150)}
	n.class = c.class + packageName(n.scenario)
	return n
}

// newCallNames numbers the calls of each scenario by their dataset rows, which stay the same
// from run to run, and where these are not known by when they started.
func newCallNames(r Report) callNames {
	prefix := r.Evidence.Execution.AgentName
	if blank(prefix) {
		prefix = r.Evidence.RunTest.Name
	}
	if blank(prefix) {
		prefix = text.New("agent-gate")
	}
	calls, v := r.Evidence.Calls, newViewer(r)
	names := callNames{class: packageName(title(prefix, 150)) + ".", number: make([]int32, calls.Len())}
	last := map[string]int32{} // scenarios may have one title
	for _, i := range lasting(calls) {
		name := title(v.brief(int(i)).title, 150)
		last[name]++
		names.number[i] = last[name]
	}
	return names
}

// lasting are the places of calls in an order that the next run has too, as far as there
// is one.
func lasting(calls verdict.Calls) []int32 {
	type key struct {
		row     uint64
		started int64
		at      int32
	}
	keys := make([]key, 0, calls.Len())
	for i, c := range calls.All() {
		k := key{row: c.Row, started: math.MaxInt64, at: int32(i)}
		if c.StartedAt != nil {
			k.started = c.StartedAt.UnixMicro()
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.started, b.started), cmp.Compare(a.at, b.at))
	})
	order := make([]int32, len(keys))
	for i, k := range keys {
		order[i] = k.at
	}
	return order
}

// packageName takes the dots out of a name, at which readers would part it.
func packageName(s string) string { return strings.ReplaceAll(s, ".", "_") }

func callCase(c *shownCall, n callName, u figure) junitCase {
	out := junitCase{Class: n.class, Name: n.name(), SystemOut: callFacts(c)}
	if d := finite(c.DurationSeconds); d != nil {
		out.seconds = max(*d, 0) // Surefire's schema and others know no negative time
		out.Time = seconds(out.seconds)
	}
	if c.ending == endPassed || c.ending == endSucceeded {
		if c.Flaky() {
			out.flaky(&c.Call)
		}
		return out
	}
	why := callWhy(*c)
	if !c.ending.succeeded() {
		why = reason(c.Call)
	}
	result := &junitResult{Message: title(why, 500), Type: string(c.Outcome())}
	if c.ending != endSkipped && c.ending != endLost {
		result.Body = body(withLink(text.Sprintf("%s\ncall %s, scenario %s: %s in %s",
			why, c.ID.String(), c.title, string(c.ending.word()), string(attemptsWord(c.Call))), u))
	}
	switch c.ending {
	case endBelowBar:
		result.Type = "below_bar"
		result.Message = title(text.Sprintf("below your bar: %s", why), 500)
		out.Failure = result
	case endSkipped, endLost:
		result.Type = ""
		if c.ending == endLost {
			result.Message = title(text.Sprintf("lost by the platform: %s", why), 500)
		}
		out.Skipped = result
	case endCancelled, endOpen:
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
func (c *junitCase) flaky(call *verdict.Call) {
	first := outcomeWord(call.FirstOutcome)
	c.FlakyFailures = []junitResult{{
		Message: string(first) + " at first", Type: string(call.FirstOutcome),
		Stack: string(first) + " at first, succeeded in " + string(attemptsWord(*call)),
	}}
}

// reruns are Surefire's marks of a test that no rerun made pass, one for each rerun.
func reruns(c *verdict.Call) []junitResult {
	var out []junitResult
	for i := range min(c.Attempts-1, maxReruns) {
		message := "rerun " + strconv.Itoa(i+1) + " did not succeed either"
		out = append(out, junitResult{Message: message, Type: string(c.Outcome()), Stack: message})
	}
	return out
}

// callFacts is the standard output of a case. It holds nothing that a stranger wrote:
// GitLab takes "[[ATTACHMENT|path]]" in it for a file to show.
func callFacts(c *shownCall) string {
	facts := "call " + fullID(c.ID)
	if finite(c.OverallScore) != nil {
		facts += "\noverall score " + number(c.OverallScore, 2)
	}
	if c.Flaky() {
		return string(facts) + "\nflaky: " + string(outcomeWord(c.FirstOutcome)) + " at first, succeeded in " + string(attemptsWord(c.Call))
	}
	return string(facts)
}

func attemptsWord(c verdict.Call) figure {
	n := count(max(c.Attempts, 1))
	return n + plural(n, " attempt", " attempts")
}
