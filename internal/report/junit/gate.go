package junit

import (
	"slices"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// gateSuite returns the suite of the verdict: an error of the run, a gate that is not enforced,
// and the criteria.
func gateSuite(r report.Report) *testSuite {
	s := &testSuite{
		name: "gate", timestamp: r.Evidence.Timing.StartedAt, properties: properties(r),
		rest: " more criteria in the JSON report",
	}
	var cases []testCase
	whole := func(name report.Lit) testCase {
		return testCase{Class: gateClass, Name: string(name), Time: seconds(0)}
	}
	missing := report.Incomplete(r.ExitCode, r.Unwritten)
	switch v := r.Verdict; {
	case v.Kind == verdict.Error && r.ExitCode == verdict.ExitOK, v.Kind == verdict.Skip && report.Blank(missing):
		// A policy lets the error pass, or nothing had to run.
		c := whole("run")
		c.Skipped = &testResult{Message: title(v.Reason, 500)}
		cases = append(cases, c)
	case v.Kind == verdict.Error:
		c := whole("run")
		c.Error = &testResult{Message: title(v.Reason, 500), Type: string(v.Cause), Body: body(runBody(r))}
		cases = append(cases, c)
	case !report.Blank(missing):
		c := whole("run")
		c.Error = &testResult{Message: title(missing, 500), Type: "incomplete", Body: body(missing)}
		cases = append(cases, c)
	}
	if d := report.Disarmed(r); d != "" {
		c := whole("this gate is not enforced")
		c.Skipped = &testResult{Message: string(d)}
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

func properties(r report.Report) []suiteProperty {
	out := []suiteProperty{
		{Name: "verdict", Value: string(r.Verdict.Kind)},
		{Name: "exit_code", Value: strconv.Itoa(r.ExitCode)},
		{Name: "soft_fail", Value: strconv.FormatBool(r.Policy.SoftFail)},
	}
	add := func(name report.Lit, value report.Figure) {
		if value != "" && value != report.Unknown {
			out = append(out, suiteProperty{Name: string(name), Value: string(value)})
		}
	}
	add("run_test_id", report.FullID(r.Evidence.RunTest.ID))
	add("test_execution_id", report.FullID(r.Evidence.Execution.ID))
	add("dashboard_url", report.Link(r.Evidence.Execution.URL))
	if note := report.ReuseNote(r); !report.Blank(note) {
		out = append(out, suiteProperty{Name: "reused", Value: title(note, 500)})
	}
	if note := report.QuarantineNote(r); !report.Blank(note) {
		out = append(out, suiteProperty{Name: "quarantine", Value: title(note, 500)})
	}
	if n := r.Evidence.Trials(); n > 1 {
		add("trials", report.Count(n))
	}
	if n := r.Verdict.Counts; n.Total > 0 {
		add("calls", report.Census(r))
	}
	if len(r.Verdict.Checks) > 0 {
		add("intervals", report.Intervals(r))
	}
	for _, rate := range report.HeadlineRates(r) {
		add(rate.Key, report.Value(rate.Now))
	}
	return out
}

// runBody says what happened to a run that could not be judged, and where to look.
func runBody(r report.Report) text.Untrusted {
	t := r.Verdict.Reason
	if e := r.Evidence.Execution; !report.Blank(e.ErrorReason) {
		t = text.Sprintf("%s\nthe server said: %s", t, e.ErrorReason)
	}
	return withLink(t, report.Link(r.Evidence.Execution.URL))
}

func withLink(t text.Untrusted, u report.Figure) text.Untrusted {
	if u == "" {
		return t
	}
	return text.Sprintf("%s\n%s", t, string(u))
}

func criterionCase(r report.Report, check verdict.Check) testCase {
	c := testCase{Class: gateClass, Name: title(report.CriterionName(check), 300), Time: seconds(0)}
	message := text.Sprintf("%s: %s", string(report.CheckWord(check.Outcome)), string(measured(check)))
	result := &testResult{Message: title(message, 500), Type: string(check.Outcome)}
	details := message
	if !report.Blank(check.Detail) {
		details = text.Sprintf("%s\n%s", message, check.Detail)
		result.Message = title(text.Sprintf("%s; %s", message, check.Detail), 500)
	}
	result.Body = body(withLink(details, report.Link(r.Evidence.Execution.URL)))
	switch check.Outcome {
	case verdict.Met:
	case verdict.NotMet:
		c.Failure = result
	case verdict.Undecided:
		if r.Policy.AllowInconclusive {
			c.Skipped = &testResult{Message: result.Message}
		} else {
			c.Failure = result
		}
	default:
		if r.Policy.WarnOnOperationalError {
			c.Skipped = &testResult{Message: result.Message}
		} else {
			c.Error = result
		}
	}
	return c
}

// measured formats the value of a check with its interval and sample size.
func measured(c verdict.Check) report.Figure {
	if c.Value.Value == nil {
		return "not measured"
	}
	f := report.CheckValue(c)
	if i := report.CheckInterval(c); i != "" {
		f += " (" + i + ")"
	}
	f += ", n " + report.SampleSize(c)
	if s := report.MissedBy(c); s != "" {
		f += ", missed by " + s
	}
	return f
}
