package ctrf

import (
	"math"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Limits of texts, in characters.
const (
	nameLimit    = 255
	messageLimit = 2000
	evalsLimit   = 20 // failed evals of a call
)

// The statuses of tests.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	other   = "other"
)

// A test is a criterion, a call, or what else decides a run. Duration, Start and Stop are in milliseconds.
type test struct {
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	Duration  int64      `json:"duration"`
	Start     int64      `json:"start,omitempty"`
	Stop      int64      `json:"stop,omitempty"`
	Suite     []string   `json:"suite"`
	Message   string     `json:"message,omitempty"`
	RawStatus string     `json:"rawStatus,omitempty"`
	Tags      []string   `json:"tags,omitempty"`
	Type      string     `json:"type"`
	Retries   int        `json:"retries,omitempty"`
	Flaky     bool       `json:"flaky,omitempty"`
	Extra     *testExtra `json:"extra,omitempty"`
}

// testExtra is what the format has no place for: of a criterion its value, of a call its ids and evals.
type testExtra struct {
	Value *float64 `json:"value,omitempty"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
	N     *int     `json:"n,omitempty"`

	CallID       string       `json:"call_id,omitempty"`
	Trial        int          `json:"trial,omitempty"`
	OverallScore *float64     `json:"overall_score,omitempty"`
	FailedEvals  []failedEval `json:"failed_evals,omitempty"`
	ReportURL    string       `json:"report_url,omitempty"`
	DashboardURL string       `json:"dashboard_url,omitempty"`
}

type failedEval struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
}

// testsOf returns the tests of a run, with at most so many calls. The suite of each begins with the given one.
func testsOf(r report.Report, suite []string, most int) []test {
	under := func(name string) []string { return append(suite[:len(suite):len(suite)], name) }
	tests := criterionTests(r, under("criteria"))
	return append(tests, callTests(r, under, most)...)
}

// criterionTests returns a test for each check, and one for a run that failed the job or was not judged for
// another reason, or that a policy lets pass.
func criterionTests(r report.Report, suite []string) []test {
	var tests []test
	names := map[string]int{}
	for _, c := range report.Checks(r) {
		t := test{
			Name: unique(names, report.CriterionName(c).LineMax(nameLimit)), Status: criterionStatus(r, c.Outcome), Suite: suite,
			Message: criterionMessage(c), RawStatus: string(c.Outcome), Type: "criterion",
			Tags: []string{string(report.CheckWord(c.Outcome))},
		}
		if v := report.Finite(c.Value.Value); v != nil {
			t.Extra = &testExtra{Value: v, Low: report.Finite(c.Value.Low), High: report.Finite(c.Value.High), N: new(c.Value.N)}
		}
		tests = append(tests, t)
	}
	decided := false
	for _, t := range tests {
		decided = decided || t.Status == failed
	}
	kind := r.Verdict.Kind
	excused := r.ExitCode == verdict.ExitOK && kind != verdict.Pass && kind != verdict.Skip // by a policy, which has to be said
	if len(tests) == 0 || r.ExitCode != verdict.ExitOK && !decided || kind == verdict.Error || excused {
		tests = append([]test{runTest(r, suite)}, tests...)
	}
	return tests
}

// runTest is the verdict of a run that no criterion decided, or that a policy lets pass.
func runTest(r report.Report, suite []string) test {
	reason := report.JobReason(r.Verdict, r.ExitCode, r.Unwritten)
	t := test{Name: "run", Status: other, Suite: suite, Message: reason.LineMax(messageLimit), RawStatus: string(r.Verdict.Kind), Type: "run"}
	switch {
	case r.ExitCode != verdict.ExitOK:
		t.Status = failed
	case r.Verdict.Kind == verdict.Pass:
		t.Status = passed
	case r.Verdict.Kind == verdict.Skip:
		t.Status = skipped
	}
	if d := report.Disarmed(r); d != "" {
		t.Message = text.Sprintf("%s %s", string(d), reason).LineMax(messageLimit)
	}
	return t
}

// criterionStatus is failed for what is not met, and for what has no result unless the policy lets that pass:
// readers look for failed tests to tell whether all is well.
func criterionStatus(r report.Report, o verdict.CheckOutcome) string {
	switch {
	case o == verdict.Met:
		return passed
	case o == verdict.NotMet,
		o == verdict.Undecided && !r.Policy.AllowInconclusive,
		o == verdict.NoData && !r.Policy.WarnOnOperationalError:
		return failed
	}
	return other
}

func criterionMessage(c verdict.Check) string {
	value := "not measured"
	if c.Value.Value != nil {
		value = string(report.CheckValue(c) + ", n " + report.SampleSize(c))
	}
	t := text.Sprintf("%s: %s", string(report.CheckWord(c.Outcome)), value)
	if !report.Blank(c.Detail) {
		t = text.Sprintf("%s; %s", t, c.Detail)
	}
	return t.LineMax(messageLimit)
}

// callTests returns a test for each call, worst first, for the calls of each scenario that did not come,
// and for those that are more than most.
func callTests(r report.Report, under func(string) []string, most int) []test {
	scenario := func(t text.Untrusted) string { return t.LineMax(150) }
	var tests []test
	for _, s := range r.Verdict.Scenarios {
		if n := s.Counts; n.Missing > 0 {
			name := scenario(report.Titled(s.Name))
			tests = append(tests, test{
				Name: name + " (missing calls)", Status: other, Suite: under(name), RawStatus: string(report.EndMissing.Word()), Type: "call",
				Message: text.New(string(report.MissingCalls(n))).LineMax(messageLimit),
				Tags:    []string{string(report.EndMissing.Word())},
			})
		}
	}
	places, v := report.CallPlaces(r, scenario), report.NewViewer(r)
	worst, rest := report.WorstFirst(r)
	left := map[string]int{}
	for i, at := range append(worst, rest...) {
		if i >= most {
			if i < len(worst) {
				left[callStatus(v.At(at))]++ // a brief view does not tell what speaks against it
			} else {
				left[callStatus(v.Brief(at))]++
			}
			continue
		}
		tests = append(tests, callTest(v.At(at), scenario(v.Brief(at).Title), places[at], under))
	}
	if n := left[failed] + left[other] + left[skipped] + left[passed]; n > 0 {
		t := test{
			Name: strconv.Itoa(n) + " more calls", Status: passed, Suite: under("calls"), Type: "call",
			Message: text.Sprintf("left out: %d failed, %d other, %d skipped, %d passed; the JSON report has them", left[failed], left[other], left[skipped], left[passed]).LineMax(messageLimit),
		}
		for _, status := range []string{skipped, other, failed} { // as bad as the worst of them
			if left[status] > 0 {
				t.Status = status
			}
		}
		tests = append(tests, t)
	}
	return tests
}

func callTest(c report.ShownCall, scenario string, at report.CallPlace, under func(string) []string) test {
	t := test{
		Name: at.Name(scenario), Status: callStatus(c), Suite: under(scenario),
		RawStatus: string(c.Ending.Word()), Tags: []string{string(c.Ending.Word())}, Type: "call", Retries: max(c.Attempts-1, 0), Flaky: c.Flaky(),
		Extra: &testExtra{
			CallID: string(report.FullID(c.ID)), Trial: int(at.Trial), OverallScore: report.Finite(c.OverallScore),
			ReportURL: string(c.Page), DashboardURL: string(c.In.URL),
		},
	}
	if d := report.Finite(c.DurationSeconds); d != nil {
		t.Duration = int64(math.Round(min(max(*d, 0), math.MaxInt32) * 1000))
	}
	if c.StartedAt != nil {
		t.Start = milliseconds(*c.StartedAt)
		t.Stop = t.Start + t.Duration
	}
	switch {
	case t.Status != passed:
		t.Message = report.CallWhy(c).LineMax(messageLimit)
	case t.Flaky:
		t.Message = report.Recovered(c.Call).LineMax(messageLimit)
		t.Tags = append(t.Tags, "flaky")
	}
	for i, e := range report.FailedEvals(c.Call) {
		if i == evalsLimit {
			break
		}
		t.Extra.FailedEvals = append(t.Extra.FailedEvals, failedEval{Name: e.Name().LineMax(nameLimit), Reason: e.Reason.LineMax(500)})
	}
	return t
}

// callStatus is how a call ended in the format's terms: what says nothing about the agent neither passed nor
// failed. A call whose eval pulled a criterion down failed, as in the JUnit report.
func callStatus(c report.ShownCall) string {
	switch c.Ending {
	case report.EndPassed, report.EndSucceeded:
		switch {
		case report.FailedEval(c):
			return failed
		case c.Unsure:
			return other
		}
		return passed
	case report.EndFailed, report.EndBelowBar:
		return failed
	case report.EndSkipped:
		return skipped
	}
	return other
}

// unique returns a name that no earlier test has.
func unique(taken map[string]int, name string) string {
	taken[name]++
	if n := taken[name]; n > 1 {
		return unique(taken, name+" ("+strconv.Itoa(n)+")")
	}
	return name
}
