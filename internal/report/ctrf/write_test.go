package ctrf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// parsed returns a report as readers see it.
func parsed(t *testing.T, written []byte) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(written, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// named returns the test with a name.
func named(t *testing.T, d document, name string) test {
	t.Helper()
	i := slices.IndexFunc(d.Results.Tests, func(x test) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("no test %q", name)
	}
	return d.Results.Tests[i]
}

func TestReportsLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pass", "fail", "flaky", "inconclusive", "error", "gaps", "trials", "reused"} {
		r, ok := reporttest.Cases()[name]
		if !ok {
			t.Fatalf("no case %s", name)
		}
		reporttest.Golden(t, name+".ctrf.json", reporttest.Written(t, Write, r))
	}
	reporttest.Golden(t, "suite.ctrf.json", reporttest.Written(t, WriteSuite, reporttest.Suite()))
}

func TestCallsThatAreJudgedAgainAreSaidToBe(t *testing.T) {
	t.Parallel()
	want := report.Reuse{StartedAt: "2026-08-22T06:48:00Z", AgeSeconds: new(11520.0), Origin: reporttest.Reused().Evidence.Reused.Origin.Line()}
	one := parsed(t, reporttest.Written(t, Write, reporttest.Reused())).Results.Extra
	if diff := cmp.Diff(&want, one.Reused); diff != "" {
		t.Errorf("a run (-want +got)\n%s", diff)
	}
	suite := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "own", Report: reporttest.Passing()}, report.Gate{Name: "again", Report: reporttest.Reused()})
	all := parsed(t, reporttest.Written(t, WriteSuite, suite)).Results.Extra
	if diff := cmp.Diff([]reusedGate{{"again", &want}}, all.ReusedGates); diff != "" {
		t.Errorf("a suite (-want +got)\n%s", diff)
	}
	if own := parsed(t, reporttest.Written(t, Write, reporttest.Passing())).Results.Extra; own.Reused != nil || own.ReusedGates != nil {
		t.Errorf("calls of its own: %+v", own)
	}
}

func TestReportsKeepTheSchemaOfTheFormat(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(filepath.Join("testdata", "ctrf.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{
		"suite":   reporttest.Written(t, WriteSuite, reporttest.Suite()),
		"nothing": reporttest.Written(t, Write, report.Report{Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig}, ExitCode: verdict.ExitConfig, Tool: report.Tool{Name: "agent-gate"}}),
		"no gates": reporttest.Written(t, WriteSuite, report.Suite{
			Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig}, ExitCode: verdict.ExitConfig, Tool: report.Tool{Name: "agent-gate"},
		}),
	}
	for name, r := range reporttest.Cases() {
		all[name] = reporttest.Written(t, Write, r)
	}
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Written(t, Write, reporttest.Poisoned(s))
	}
	for name, out := range all {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err == nil {
			err = schema.Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTestsHaveNamesOfTheirOwnAndAreCounted(t *testing.T) {
	t.Parallel()
	all := map[string][]byte{"suite": reporttest.Written(t, WriteSuite, reporttest.Suite())}
	for name, r := range reporttest.Cases() {
		all[name] = reporttest.Written(t, Write, r)
	}
	for name, out := range all {
		d := parsed(t, out)
		seen, n := map[string]bool{}, summary{}
		for _, x := range d.Results.Tests {
			key := fmt.Sprint(x.Suite, x.Name)
			if seen[key] {
				t.Errorf("%s: two tests %s", name, key)
			}
			seen[key] = true
			switch x.Status {
			case passed:
				n.Passed++
			case failed:
				n.Failed++
			case skipped:
				n.Skipped++
			case other:
				n.Other++
			}
		}
		s := d.Results.Summary
		if s.Tests != len(d.Results.Tests) || s.Passed != n.Passed || s.Failed != n.Failed || s.Skipped != n.Skipped || s.Other != n.Other {
			t.Errorf("%s: %d tests and %+v are counted as %+v", name, len(d.Results.Tests), n, s)
		}
	}
}

func TestARunThatFailsTheJobHasAFailedTest(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for _, cause := range []verdict.Cause{verdict.CauseConfig, verdict.CauseBudget, verdict.CauseTimeout, verdict.CauseInterrupted} {
		r := reporttest.Passing()
		r.Verdict.Kind, r.Verdict.Cause, r.ExitCode = verdict.Error, cause, verdict.ExitOperational
		all["criteria met, then "+string(cause)] = r
	}
	for name, r := range all {
		d := parsed(t, reporttest.Written(t, Write, r))
		criteria := slices.ContainsFunc(d.Results.Tests, func(x test) bool { return x.Status == failed && x.Type != "call" })
		if fails := r.ExitCode != verdict.ExitOK; fails && !criteria {
			t.Errorf("%s: exit code %d, and neither a criterion nor the run failed", name, r.ExitCode)
		}
	}
	noRoom := reporttest.SkippedRun()
	noRoom.Verdict.Cause, noRoom.ExitCode = verdict.CauseBudget, verdict.ExitOperational
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "big", Report: noRoom}, report.Gate{Name: "small", Report: reporttest.Passing()})
	run := named(t, parsed(t, reporttest.Written(t, WriteSuite, s)), "run")
	if run.Status != failed || run.Suite[0] != "big" {
		t.Errorf("a gate without room is %+v", run)
	}
}

func TestWhatThePolicyLetsPassIsNoFailedTest(t *testing.T) {
	t.Parallel()
	r := reporttest.Inconclusive()
	r.Policy.AllowInconclusive, r.ExitCode = true, verdict.ExitOK
	for _, x := range parsed(t, reporttest.Written(t, Write, r)).Results.Tests {
		if x.Type != "call" && x.Status == failed {
			t.Errorf("%+v", x)
		}
	}
	r = reporttest.ErrorBeforeAnyCall()
	r.Policy.WarnOnOperationalError, r.ExitCode = true, verdict.ExitOK
	run := named(t, parsed(t, reporttest.Written(t, Write, r)), "run")
	if run.Status != other || !strings.Contains(run.Message, "would have failed the job") {
		t.Errorf("got %+v", run)
	}
}

func TestAPolicyThatLetsABadVerdictPassIsSaid(t *testing.T) {
	t.Parallel()
	const soft = "Soft fail: this gate would have failed the job, but soft-fail is on, so the job continues."
	r := reporttest.Failing()
	r.Policy.SoftFail, r.ExitCode = true, verdict.ExitOK
	d := parsed(t, reporttest.Written(t, Write, r))
	if x := d.Results.Extra; x.ExitCode != 0 || x.Policy != soft {
		t.Errorf("got %+v", x)
	}
	if run := named(t, d, "run"); run.Status != other || !strings.HasPrefix(run.Message, soft) {
		t.Errorf("got %+v", run)
	}
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: r}, report.Gate{Name: "b", Report: reporttest.Passing()})
	if x := parsed(t, reporttest.Written(t, WriteSuite, s)).Results.Extra; x.Policy != "a: "+soft {
		t.Errorf("got %+v", x)
	}
	if x := parsed(t, reporttest.Written(t, Write, reporttest.Failing())).Results.Extra; x.Policy != "" {
		t.Errorf("an enforced gate has the policy %s", x.Policy)
	}
}

func TestChecksAreCountedAsEverywhere(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		d := parsed(t, reporttest.Written(t, Write, r))
		n := 0
		for _, x := range d.Results.Tests {
			if x.Type == "criterion" {
				n++
			}
		}
		if got := d.Results.Extra.Checks; got != report.CountChecks(r) || got.Total != n {
			t.Errorf("%s: %d checks are counted as %+v", name, n, got)
		}
	}
}

func TestCallsHaveTheNamesTheyHaveInTheJUnitReport(t *testing.T) {
	t.Parallel()
	for _, r := range []report.Report{reporttest.Failing(), reporttest.Trials()} {
		places := report.CallPlaces(r, func(t text.Untrusted) string { return t.Raw() })
		for _, x := range parsed(t, reporttest.Written(t, Write, r)).Results.Tests {
			if x.Type != "call" || x.Extra == nil {
				continue
			}
			at := slices.IndexFunc(reporttest.Unpacked(r), func(c verdict.Call) bool { return c.ID.String() == x.Extra.CallID })
			want := fmt.Sprintf("%s #%d", x.Suite[len(x.Suite)-1], places[at].Case)
			if places[at].Trial > 1 {
				want += fmt.Sprintf(" (trial %d)", places[at].Trial)
			}
			if x.Name != want {
				t.Errorf("got %q, want %q", x.Name, want)
			}
		}
	}
}

func TestCallsThatFailedSayWhyAndWhereToReadMore(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	r.Places = report.Places{URL: "https://reports.example.com/r.html?v=2"}
	n := 0
	for _, x := range parsed(t, reporttest.Written(t, Write, r)).Results.Tests {
		if x.Type != "call" || x.Status == passed || x.Extra == nil {
			continue
		}
		n++
		if x.Message == "" {
			t.Errorf("%s does not say why", x.Name)
		}
		if want := "https://reports.example.com/r.html?v=2#calls?call=" + x.Extra.CallID; x.Extra.ReportURL != want {
			t.Errorf("got the link %s, want %s", x.Extra.ReportURL, want)
		}
	}
	if n == 0 {
		t.Error("no call failed")
	}
}

func TestAJobThatFailsForWantOfAReportHasAFailedTestThatSaysSo(t *testing.T) {
	t.Parallel()
	missing := []text.Untrusted{text.New("The report a.html was requested but cannot be written.")}
	r := reporttest.Passing()
	r.ExitCode, r.Unwritten = verdict.ExitOperational, missing
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: reporttest.Passing()})
	s.ExitCode, s.Unwritten = verdict.ExitOperational, missing
	for name, out := range map[string][]byte{"a run": reporttest.Written(t, Write, r), "a suite": reporttest.Written(t, WriteSuite, s)} {
		if run := named(t, parsed(t, out), "run"); run.Status != failed || !strings.Contains(run.Message, "a.html") {
			t.Errorf("%s: got %+v", name, run)
		}
	}
}

func TestACallWhoseEvalPulledACriterionDownFailedAsInTheJUnitReport(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("gated", "voice")
	run.Call("Refund", calls.Completed, 6, "customer-ended-call") // groundedness 54
	run.Call("Refund", calls.Completed, 10, "customer-ended-call")
	r := report.Report{Evidence: run.Done()}
	var err error
	if r.Rules.Criteria, err = criteria.Parse(`eval "groundedness": score >= 80`); err != nil {
		t.Fatal(err)
	}
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	n := 0
	for _, x := range parsed(t, reporttest.Written(t, Write, r)).Results.Tests {
		if x.Type == "call" && x.Status == failed {
			n++
			if !strings.Contains(x.Message, "groundedness 54, below 80") {
				t.Errorf("got %+v", x)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d calls failed, want 1", n)
	}
	if tests := testsOf(r, nil, 0); tests[len(tests)-1].Status != failed {
		t.Errorf("what is left out is %+v", tests[len(tests)-1])
	}
}

func TestOnlyEvalsThatFailedAreListedAsFailed(t *testing.T) {
	t.Parallel()
	eval := func(name string, state calls.EvalState, v calls.EvalValue) calls.Eval {
		return calls.NewEval(calls.EvalResult{Name: text.New(name), State: state, Value: v, Reason: text.New("because")})
	}
	r := reporttest.Failing()
	failing := reporttest.Unpacked(r)[0].ID.String()
	reporttest.ChangeCall(&r, 0, func(c *verdict.Call) {
		c.Evals = []calls.Eval{
			eval("rude", calls.EvalScored, calls.EvalValue{Kind: calls.ValuePass}),
			eval("fine", calls.EvalScored, calls.EvalValue{Kind: calls.ValuePass, Passed: true}),
			eval("words", calls.EvalScored, calls.EvalValue{Kind: calls.ValueScore, Number: 0.1}),
			eval("not run", calls.EvalSkipped, calls.EvalValue{}),
			eval("broken", calls.EvalErrored, calls.EvalValue{}),
		}
	})
	for _, x := range parsed(t, reporttest.Written(t, Write, r)).Results.Tests {
		if x.Extra == nil || x.Extra.CallID != failing {
			continue
		}
		if got := x.Extra.FailedEvals; len(got) != 1 || got[0] != (failedEval{"rude", "because"}) {
			t.Errorf("got %+v", got)
		}
	}
}

func TestCallsThatAreTooManyAreCountedByTheWorst(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	tests := testsOf(r, nil, 1)
	last := tests[len(tests)-1]
	if want := fmt.Sprintf("%d more calls", r.Evidence.Calls.Len()-1); last.Name != want || last.Status != failed {
		t.Errorf("got %+v, want %s, failed", last, want)
	}
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: reporttest.Failing()}, report.Gate{Name: "b", Report: reporttest.Passing()})
	if out := reporttest.Written(t, WriteSuite, s); strings.Contains(string(out), "more calls") {
		t.Error("calls of a small suite are left out")
	}
}

func TestASuiteOverItsBudgetHasAFailedTestAlthoughAllGatesPassed(t *testing.T) {
	t.Parallel()
	doc := string(reporttest.Written(t, WriteSuite, reporttest.SuiteOverBudget()))
	if !strings.Contains(doc, `"failed": 1`) || !strings.Contains(doc, "more than the budget of $0.40") {
		t.Errorf("no failed test:\n%s", doc)
	}
}
