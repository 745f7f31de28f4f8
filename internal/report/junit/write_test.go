package junit

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestJUnitLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".xml", reporttest.Written(t, Write, r))
		})
	}
}

func TestJUnitKeepsTheDialect(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := readJUnit(t, reporttest.Written(t, Write, r))
			total := 0
			for _, s := range out.Suites[1:] {
				total += len(s.Cases)
			}
			want := r.Evidence.Calls.Len()
			for _, s := range r.Verdict.Scenarios {
				if s.Counts.Missing > 0 {
					want++
				}
			}
			if total != want {
				t.Errorf("%d cases for %d calls, want %d", total, r.Evidence.Calls.Len(), want)
			}
		})
	}
}

func TestJUnitMapsOutcomes(t *testing.T) {
	t.Parallel()
	r := reporttest.NewRun("map", calls.AgentVoice)
	r.Call("v1.2 billing", calls.Completed, 8, "ok")
	r.Call("v1.2 billing", calls.Failed, -1, "line busy")
	r.Call("v1.2 billing", calls.Cancelled, -1, "stopped")
	r.Call("v1.2 billing", calls.Completed, -1, "").ProcessingSkipped = true
	flaky := r.Call("v1.2 billing", calls.Completed, 7, "ok")
	flaky.Attempts, flaky.FirstOutcome = 3, verdict.Failed
	suite := readJUnit(t, reporttest.Written(t, Write, r.Report(verdict.Verdict{Kind: verdict.Fail}, 1))).Suites[1]
	if suite.readCounts.Failures != 1 || suite.Errors != 1 || suite.Skipped != 1 || suite.Tests != 5 {
		t.Errorf("got %+v, want one failure, one error and one skipped of 5", suite.readCounts)
	}
	flakes := 0
	for _, c := range suite.Cases {
		if c.Class != "Support.v1_2 billing" || !strings.HasPrefix(c.Name, "v1.2 billing #") {
			t.Errorf("the case is called %q %q", c.Class, c.Name)
		}
		switch {
		case c.Failure != nil:
			if c.Failure.Message != "line busy" || !strings.Contains(c.Failure.Body, "failed in 1 attempt") || !strings.Contains(c.Failure.Body, "https://app.futureagi.com/") {
				t.Errorf("failure: %+v", c.Failure)
			}
			if c.Time != "" {
				t.Errorf("a call of unknown duration has the time %q", c.Time)
			}
		case c.Error != nil && c.Error.Message != "stopped":
			t.Errorf("error: %+v", c.Error)
		}
		if strings.Contains(c.SystemOut, "flaky: failed at first, recovered after a rerun") {
			flakes++
		}
	}
	if flakes != 1 {
		t.Errorf("%d cases are marked as flaky, want 1", flakes)
	}
}

func TestJUnitMapsCriteria(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	rate := verdict.Estimate{Value: new(50.0), Low: new(30.0), High: new(70.0), N: 10, Unit: criteria.UnitPercent}
	r.Verdict = verdict.Verdict{Kind: verdict.Fail, Checks: []verdict.Check{
		{Criterion: "success_rate >= 40", Value: rate, Outcome: verdict.Met},
		{Criterion: "success_rate >= 95", Value: rate, Outcome: verdict.NotMet, Short: 45},
		{Criterion: "success_rate >= 95", Value: rate, Outcome: verdict.NotMet, Short: 45},
		{Criterion: "success_rate >= 60", Value: rate, Outcome: verdict.Undecided},
		{Criterion: "cost <= 3", Outcome: verdict.NoData, Detail: text.New("no call has a cost")},
	}}
	var got strings.Builder
	for _, c := range readJUnit(t, reporttest.Written(t, Write, r)).Suites[0].Cases {
		switch {
		case c.Failure != nil:
			got.WriteString(c.Name + " failure " + c.Failure.Type + "; ")
		case c.Error != nil:
			got.WriteString(c.Name + " error " + c.Error.Message + "; ")
		default:
			got.WriteString(c.Name + "; ")
		}
	}
	want := "success_rate >= 40; success_rate >= 95 failure not_met; success_rate >= 95 (2) failure not_met; " +
		"success_rate >= 60 failure undecided; cost <= 3 error no data: not measured; no call has a cost; "
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got.String(), want)
	}

	r.Policy.AllowInconclusive = true
	if c := readJUnit(t, reporttest.Written(t, Write, r)).Suites[0].Cases[3]; c.Skipped == nil {
		t.Error("an undecided criterion that is allowed is not skipped")
	}
}

// TestJUnitErrorsAreWhatFailsTheJob is about readers that fail a job for an error in the file.
func TestJUnitErrorsAreWhatFailsTheJob(t *testing.T) {
	t.Parallel()
	excused := reporttest.ErrorBeforeAnyCall()
	excused.Policy.WarnOnOperationalError, excused.ExitCode = true, verdict.ExitOK
	if c := readJUnit(t, reporttest.Written(t, Write, excused)).Suites[0].Cases[0]; c.Name != "run" || c.Error != nil || c.Skipped == nil || !strings.Contains(c.Skipped.Message, "401") {
		t.Errorf("an error that a policy lets pass is %+v", c)
	}
	unknown := reporttest.Passing()
	unknown.Policy.WarnOnOperationalError = true
	unknown.Verdict.Checks = []verdict.Check{{Criterion: "cost <= 3", Outcome: verdict.NoData}}
	if c := readJUnit(t, reporttest.Written(t, Write, unknown)).Suites[0].Cases[0]; c.Error != nil || c.Skipped == nil {
		t.Errorf("a criterion without data that a policy lets pass is %+v", c)
	}
	missing := []text.Untrusted{text.New("The report a.html was requested but cannot be written.")}
	r := reporttest.Passing()
	r.ExitCode, r.Unwritten = verdict.ExitOperational, missing
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: reporttest.Passing()})
	s.ExitCode, s.Unwritten = verdict.ExitOperational, missing
	for name, out := range map[string][]byte{"a run": reporttest.Written(t, Write, r), "a suite": reporttest.Written(t, WriteSuite, s)} {
		all := readJUnit(t, out)
		if all.Errors != 1 || !strings.Contains(string(out), `<error message="The report a.html was requested but cannot be written." type="incomplete">`) {
			t.Errorf("%s without a report has %d errors", name, all.Errors)
		}
	}
}

func TestJUnitOfAnErrorBeforeAnyCallIsOneError(t *testing.T) {
	t.Parallel()
	out := readJUnit(t, reporttest.Written(t, Write, reporttest.ErrorBeforeAnyCall()))
	if len(out.Suites) != 1 || out.Tests != 1 || out.Errors != 1 {
		t.Errorf("got %+v in %d suites, want one error in one suite", out.readCounts, len(out.Suites))
	}
	if e := out.Suites[0].Cases[0].Error; e.Type != "operational" || !strings.Contains(e.Body, "401 Invalid API key") {
		t.Errorf("the error is %+v", e)
	}
}

func TestJUnitNamesAreTheSameInTheNextRun(t *testing.T) {
	t.Parallel()
	names := func(run string) string {
		r := reporttest.NewRun(run, calls.AgentVoice)
		for i := range 6 {
			r.Call([]string{"a", "b"}[i%2], calls.Completed, 8, "")
		}
		var all strings.Builder
		for _, c := range readJUnit(t, reporttest.Written(t, Write, r.Report(verdict.Verdict{Kind: verdict.Pass}, 0))).Suites[1].Cases {
			all.WriteString(c.Class + "/" + c.Name + "\n")
		}
		return all.String()
	}
	if first, second := names("first"), names("second"); first != second {
		t.Errorf("first run:\n%ssecond run:\n%s", first, second)
	}
}

func TestJUnitSystemOutHoldsNoStrangersText(t *testing.T) {
	t.Parallel()
	for _, s := range readJUnit(t, reporttest.Written(t, Write, reporttest.Poisoned("[[ATTACHMENT|/etc/passwd]]"))).Suites {
		for _, c := range s.Cases {
			if strings.Contains(c.SystemOut, "ATTACHMENT") {
				t.Errorf("%s: system-out is %q", c.Name, c.SystemOut)
			}
		}
	}
}

func TestJUnitTextsAreCapped(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"x", "設", "👩"} {
		got := body(text.New(strings.Repeat(c, 20_000)))
		if len(got) > bodyLimit || !strings.HasSuffix(got, "…") || strings.ContainsRune(got, '\uFFFD') {
			t.Errorf("%s: %d bytes, ending in %q", c, len(got), got[len(got)-8:])
		}
	}
}

func TestJUnitCutIsAsBadAsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	rate := verdict.Estimate{Value: new(50.0), N: 10, Unit: criteria.UnitPercent}
	for _, c := range []struct {
		outcome verdict.CheckOutcome
		result  func(readCase) *readResult
	}{
		{verdict.NotMet, func(c readCase) *readResult { return c.Failure }},
		{verdict.NoData, func(c readCase) *readResult { return c.Error }},
		{verdict.Met, func(c readCase) *readResult { return c.Skipped }},
	} {
		r := reporttest.Passing()
		r.Verdict.Checks = nil
		for i := range 2000 {
			r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: fmt.Sprintf("total_calls >= %d", i), Value: rate, Outcome: verdict.Met})
		}
		r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: "the last", Value: rate, Outcome: c.outcome})
		var b bytes.Buffer
		if err := writeFile(&b, r, 2*fileReserve); err != nil {
			t.Fatal(err)
		}
		gate := readJUnit(t, b.Bytes()).Suites[0]
		last := gate.Cases[len(gate.Cases)-1]
		if b.Len() > 2*fileReserve || !strings.HasSuffix(last.Name, " more criteria in the JSON report") || c.result(last) == nil {
			t.Errorf("%s is left out: the last case is %+v in %d bytes", c.outcome, last, b.Len())
		}
	}
}

func TestJUnitMarksReruns(t *testing.T) {
	t.Parallel()
	r := reporttest.NewRun("reruns", calls.AgentVoice)
	// A call that was cancelled at first was not the agent's failure, so it is not flaky.
	for _, first := range []verdict.Outcome{verdict.Failed, verdict.Cancelled} {
		c := r.Call("rescued", calls.Completed, 8, "ok")
		c.Attempts, c.FirstOutcome = 2, first
	}
	r.Call("lost", calls.Failed, -1, "line busy").Attempts = 3
	r.Call("lost", calls.Cancelled, -1, "stopped").Attempts = 1_000_000
	report := string(reporttest.Written(t, Write, r.Report(verdict.Verdict{Kind: verdict.Fail}, 1)))
	for mark, want := range map[string]int{
		`<flakyFailure message="failed at first" type="failed"><stackTrace>`: 1,
		"<flakyError ": 0,
		`<rerunFailure message="rerun 2 did not succeed either" type="failed"><stackTrace>`: 1,
		"<rerunFailure ": 2,
		"<rerunError ":   maxReruns,
	} {
		if got := strings.Count(report, mark); got != want {
			t.Errorf("%d times %s, want %d in\n%s", got, mark, want, report)
		}
	}
}

func TestJUnitFileIsCapped(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(40, 4)
	long := text.New(strings.Repeat("<&\"設 ", 3000)) // each character is escaped
	some := reporttest.Unpacked(r)[:20]
	for i := range some {
		c := &some[i]
		c.ID, c.Status, c.EndedReason = reporttest.ID("big", i), calls.Failed, long
	}
	r.Evidence.Calls = reporttest.Packed(some...)
	all := reporttest.Written(t, Write, r)
	if len(all) > fileLimit {
		t.Fatalf("%d bytes", len(all))
	}
	whole := readJUnit(t, all)

	const limit = 230_000
	var b bytes.Buffer
	if err := writeFile(&b, r, limit); err != nil {
		t.Fatal(err)
	}
	cut := readJUnit(t, b.Bytes())
	if b.Len() > limit {
		t.Errorf("%d bytes", b.Len())
	}
	written := len(cut.Suites[1].Cases) - 1
	last := cut.Suites[1].Cases[written]
	if want := fmt.Sprintf("%d more calls in the JSON report", 20-written); last.Name != want || last.Failure == nil {
		t.Errorf("the last case is %q, %+v, want the failure %q", last.Name, last, want)
	}
	if len(whole.Suites[1].Cases) != 20 {
		t.Errorf("%d cases, want 20", len(whole.Suites[1].Cases))
	}
}

func FuzzXMLIsEscapedAsEncodingXMLDoes(f *testing.F) {
	for _, s := range []string{"", "a", "<&>\"'\n", "a\tb\r", "設 <", "\x00\x1b", "\xff<", "a & ü & b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got xmlBuffer
		got.escape(s)
		var want bytes.Buffer
		if err := xml.EscapeText(&want, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%q becomes %q, want %q", s, got.String(), want.String())
		}
	})
}

func TestJUnitTellsScenariosOfOneNameApart(t *testing.T) {
	t.Parallel()
	classes := map[string]bool{}
	for _, c := range readJUnit(t, reporttest.Written(t, Write, reporttest.Gaps())).Suites[1].Cases {
		classes[c.Class] = true
	}
	if len(classes) != 4 { // the scenario without calls has a case too
		t.Errorf("the classes are %v", slices.Sorted(maps.Keys(classes)))
	}
}

func TestWhatIsNobodysFailureIsNoneInJUnit(t *testing.T) {
	t.Parallel()
	suites := readJUnit(t, reporttest.Written(t, Write, reporttest.NobodysFailure()))
	if n := suites.Suites[1].readCounts; n.Failures != 0 || n.Errors != 0 || n.Skipped != 4 || n.Tests != 5 {
		t.Errorf("the calls are %+v, want 4 of 5 cases skipped", n)
	}
	var said []string
	for _, c := range suites.Suites[1].Cases {
		if c.Skipped != nil {
			said = append(said, c.Skipped.Message)
		}
	}
	if all := strings.Join(said, "; "); strings.Count(all, reporttest.NoBalance) != 3 || !strings.Contains(all, "the server never created 2 of 6 planned calls") {
		t.Errorf("they are skipped because of %s", all)
	}
}

func TestEachTrialOfACaseIsATestCaseOfItsOwn(t *testing.T) {
	t.Parallel()
	names := func(r report.Report) []string {
		var all []string
		for _, c := range readJUnit(t, reporttest.Written(t, Write, r)).Suites[1].Cases {
			if strings.HasPrefix(c.Name, "Refund") {
				all = append(all, c.Name)
			}
		}
		slices.Sort(all)
		return all
	}
	r := reporttest.Trials()
	want := []string{
		"Refund for a damaged order #1", "Refund for a damaged order #1 (trial 2)", "Refund for a damaged order #1 (trial 3)",
		"Refund for a damaged order #2", "Refund for a damaged order #2 (trial 2)", "Refund for a damaged order #2 (trial 3)",
		"Refund for a damaged order #3", "Refund for a damaged order #3 (trial 2)", "Refund for a damaged order #3 (trial 3)",
	}
	if got := names(r); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// The names of the first trial are those of a run of one, whose history they continue.
	var first []verdict.Call
	for _, c := range reporttest.Unpacked(r) {
		if c.Execution == 0 {
			first = append(first, c)
		}
	}
	r.Evidence.Calls, r.Evidence.Further, r.Verdict.Passed, r.Verdict.Cases = reporttest.Packed(first...), nil, nil, nil
	if got, want := names(r), []string{want[0], want[3], want[6]}; !slices.Equal(got, want) {
		t.Errorf("a run of one trial: got %q, want %q", got, want)
	}
}

func TestJUnit_aCallWhoseEvalPulledACriterionDownIsAFailureWithTheReason(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("gated", calls.AgentVoice)
	run.Call("Refund", calls.Completed, 6, "customer-ended-call") // groundedness 54
	run.Call("Refund", calls.Completed, 10, "customer-ended-call")
	r := report.Report{Evidence: run.Done()}
	var err error
	if r.Rules.Criteria, err = criteria.Parse("eval \"groundedness\": score >= 80\nduration <= 1"); err != nil {
		t.Fatal(err)
	}
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	var failed []string
	for _, c := range readJUnit(t, reporttest.Written(t, Write, r)).Suites[1].Cases {
		if c.Failure != nil {
			failed = append(failed, c.Failure.Message)
		}
	}
	want := []string{`groundedness 54, below 80: "The agent named the order and offered a refund"; duration 60 s, above 1`}
	if !slices.Equal(failed, want) {
		t.Errorf("failed are %q, want %q", failed, want)
	}
}
