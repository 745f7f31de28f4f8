package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

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

// JUnit writes the report as JUnit XML: a suite "gate" with a case for each criterion,
// and a suite with a case for each call. A call that failed and a criterion that is
// not met are failures; no data, cancelled calls and errors of the run are errors. A
// flaky call passes and says so. It is never longer than [JUnitLimit].
func JUnit(w io.Writer, r Report) error {
	gate, err := gateSuite(r)
	if err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	suites := []*junitSuite{gate}
	if len(r.Evidence.Calls) > 0 {
		calls, err := callSuite(r, JUnitLimit-junitReserve-gate.cases.Len())
		if err != nil {
			return fmt.Errorf("write the JUnit report: %w", err)
		}
		suites = append(suites, calls)
	}
	if err := writeSuites(w, suites); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func writeSuites(w io.Writer, suites []*junitSuite) error {
	var all tallies
	for _, s := range suites {
		all.join(s.tallies)
	}
	buffered := bufio.NewWriter(w)
	if _, err := buffered.WriteString(xml.Header); err != nil {
		return err
	}
	root := xml.StartElement{Name: xml.Name{Local: "testsuites"}}
	root.Attr = append([]xml.Attr{attribute("name", "agent-gate")}, all.attributes()...)
	if err := openElement(buffered, "", root); err != nil {
		return err
	}
	for _, s := range suites {
		if err := s.writeTo(buffered); err != nil {
			return err
		}
	}
	if _, err := buffered.WriteString("</testsuites>\n"); err != nil {
		return err
	}
	return buffered.Flush()
}

// gateSuite holds the verdict's side: an error of the run, a switched-off gate, and
// the criteria.
func gateSuite(r Report) (*junitSuite, error) {
	s := &junitSuite{name: "gate", timestamp: r.Evidence.Timing.StartedAt, properties: properties(r)}
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
	seen := map[string]int{}
	for _, check := range r.Verdict.Checks {
		c := criterionCase(r, check)
		if seen[c.Name]++; seen[c.Name] > 1 {
			c.Name += " (" + strconv.Itoa(seen[c.Name]) + ")"
		}
		cases = append(cases, c)
	}
	for i, c := range cases {
		fits, err := s.add(c, JUnitLimit/2)
		if err != nil {
			return nil, err
		}
		if !fits {
			_, err := s.add(restCase(gateClass, len(cases)-i, " more criteria in the JSON report"), JUnitLimit)
			return s, err
		}
	}
	return s, nil
}

// restCase stands for cases that did not fit.
func restCase(class string, n int, what lit) junitCase {
	return junitCase{
		Class: class, Name: strconv.Itoa(n) + string(what), Time: seconds(0),
		Skipped: &junitResult{Message: "left out, so that the file stays below the limit of GitLab"},
	}
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
	return out
}

// runBody says what happened to a run without a judgement, and where to look.
func runBody(r Report) text.Untrusted {
	t := r.Verdict.Reason
	if e := r.Evidence.Execution; !blank(e.ErrorReason) {
		t = text.Sprintf("%s\nthe server said: %s", t, e.ErrorReason)
	}
	return withLink(t, r)
}

func withLink(t text.Untrusted, r Report) text.Untrusted {
	if u := link(r.Evidence.Execution.URL); u != "" {
		return text.Sprintf("%s\n%s", t, string(u))
	}
	return t
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
	result.Body = body(withLink(details, r))
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
	f += ", n " + count(c.Value.N)
	if s := missedBy(c); s != "" {
		f += ", missed by " + s
	}
	return f
}

// callSuite holds the calls, those that did not succeed first, so that a limit cuts
// off nothing that matters.
func callSuite(r Report, limit int) (*junitSuite, error) {
	e := r.Evidence
	name := text.Sprintf("%s", e.RunTest.Name)
	if blank(name) {
		name = text.New("calls")
	}
	s := &junitSuite{name: title(name, 255), timestamp: e.Timing.StartedAt}
	if e.Execution.StartedAt != nil {
		s.timestamp = *e.Execution.StartedAt
	}

	names := callNames(r)
	ordered := unsuccessful(r)
	for _, c := range e.Calls {
		if c.Outcome() == verdict.Succeeded {
			ordered = append(ordered, c)
		}
	}
	for i, c := range ordered {
		fits, err := s.add(callCase(r, c, names[c.ID]), limit)
		if err != nil {
			return nil, err
		}
		if !fits {
			_, err := s.add(restCase(gateClass, len(ordered)-i, " more calls in the JSON report"), limit+junitReserve/2)
			return s, err
		}
	}
	return s, nil
}

// A callName is what a call is called in JUnit: unique, and the same in the next run
// as long as the scenarios are, since GitLab compares the branches by it.
type callName struct{ class, name string }

// callNames numbers the calls of each scenario in the order of the evidence.
func callNames(r Report) map[uuid.UUID]callName {
	prefix := r.Evidence.Execution.AgentName
	if blank(prefix) {
		prefix = r.Evidence.RunTest.Name
	}
	if blank(prefix) {
		prefix = text.New("agent-gate")
	}
	numbers := map[string]int{}
	names := make(map[uuid.UUID]callName, len(r.Evidence.Calls))
	for _, c := range r.Evidence.Calls {
		scenario := title(c.Scenario, 150)
		if scenario == "" {
			scenario = "scenario without a name"
		}
		numbers[scenario]++
		names[c.ID] = callName{
			class: packageName(title(prefix, 150)) + "." + packageName(scenario),
			name:  scenario + " #" + strconv.Itoa(numbers[scenario]),
		}
	}
	return names
}

// packageName takes the dots out of a name, at which readers would part it.
func packageName(s string) string { return strings.ReplaceAll(s, ".", "_") }

func callCase(r Report, c verdict.Call, n callName) junitCase {
	out := junitCase{Class: n.class, Name: n.name, SystemOut: callFacts(c)}
	if c.DurationSeconds != nil {
		out.seconds = *c.DurationSeconds
		out.Time = seconds(out.seconds)
	}
	if c.Outcome() == verdict.Succeeded {
		return out
	}
	why := reason(c)
	result := &junitResult{
		Message: title(why, 500),
		Type:    string(c.Outcome()),
		Body: body(withLink(text.Sprintf("%s\ncall %s, scenario %s: %s in %s",
			why, c.ID.String(), c.Scenario, string(outcomeWord(c.Outcome())), string(attemptsWord(c))), r)),
	}
	switch c.Outcome() {
	case verdict.Failed:
		out.Failure = result
	case verdict.Cancelled:
		out.Error = result
	case verdict.Skipped:
		out.Skipped = &junitResult{Message: result.Message}
	}
	return out
}

// callFacts is the standard output of a case. It holds nothing that a stranger wrote:
// GitLab takes "[[ATTACHMENT|path]]" in it for a file to show.
func callFacts(c verdict.Call) string {
	facts := "call " + fullID(c.ID)
	if c.OverallScore != nil {
		facts += "\noverall score " + number(c.OverallScore, 2)
	}
	s := string(facts)
	if c.Flaky() {
		s += "\nflaky: " + string(outcomeWord(c.FirstOutcome)) + " at first, succeeded in " + string(attemptsWord(c))
	}
	return s
}

func attemptsWord(c verdict.Call) figure {
	n := count(max(c.Attempts, 1))
	return n + plural(n, " attempt", " attempts")
}
