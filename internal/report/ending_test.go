package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// allOf renders a report in every way in which people read it.
func allOf(t *testing.T, r Report) map[string]string {
	t.Helper()
	return map[string]string{
		"terminal": terminalOf(t, r, TerminalOptions{Width: 160}), "summary": summaryOf(t, r), "comment": commentOf(t, r), "html": htmlOf(t, r),
	}
}

func TestEveryReportSaysHowManyCallsWerePlannedCameAndWereJudged(t *testing.T) {
	t.Parallel()
	unplanned := Gaps()
	unplanned.Evidence.Plan = nil
	for name, c := range map[string]struct {
		report Report
		want   string
	}{
		"unknown of every kind":      {Gaps(), "16 planned, 11 came, 7 judged, 5 scored"},
		"nobody knows the plan":      {unplanned, "11 came, 7 judged, 5 scored"},
		"all the same":               {Passing(), "3 calls"},
		"all the same but the score": {FlakyRun(), "10 calls, 9 scored"},
	} {
		for where, out := range allOf(t, c.report) {
			if !strings.Contains(out, c.want) {
				t.Errorf("%s: the %s does not say %q", name, where, c.want)
			}
		}
	}
}

func TestWhyCallsWereLostStandsOnceAndAboveTheCriteria(t *testing.T) {
	t.Parallel()
	r := Gaps()
	sentence := LostSentences(r)[0].Raw()
	if want := "2 calls never reached your agent: no balance left (top up and run again)"; sentence != want {
		t.Fatalf("got %q, want %q", sentence, want)
	}
	for where, out := range allOf(t, r) {
		if got := strings.Count(out, sentence); got != 1 {
			t.Errorf("%s: it stands there %d times", where, got)
		}
		if strings.Index(out, sentence) > strings.Index(out, "success") {
			t.Errorf("%s: it stands too low", where)
		}
	}
	var doc struct {
		Warnings []string
		Platform struct {
			Reasons []struct {
				Reason string
				Calls  int
			}
		}
	}
	if err := json.Unmarshal(jsonOf(t, r), &doc); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(doc.Warnings, sentence) || len(doc.Platform.Reasons) != 1 || doc.Platform.Reasons[0].Calls != 2 {
		t.Errorf("the JSON report has %+v", doc)
	}
}

func TestEndingsInEveryReport(t *testing.T) {
	t.Parallel()
	r := Gaps()
	want := map[string]int{"passed": 4, "below your bar": 1, "succeeded": 1, "failed": 1, "lost": 2, "missing": 5, "not ended": 1, "cancelled": 1}
	got := map[string]int{}
	for _, c := range EndingCounts(r.Verdict.Counts, Barred(r)) {
		got[string(c.Ending.Word())] = c.N
	}
	if !maps.Equal(got, want) {
		t.Errorf("counted are %v, want %v", got, want)
	}
	calls := map[string]int{"missing": 5}
	v := NewViewer(r)
	for i := range r.Evidence.Calls.Len() {
		calls[string(v.endingAt(i).Word())]++
	}
	if !maps.Equal(calls, want) {
		t.Errorf("the calls are %v, want %v", calls, want)
	}
	for where, out := range allOf(t, r) {
		for word := range want {
			if !strings.Contains(out, word) {
				t.Errorf("%s: no call is %q", where, word)
			}
		}
	}
}

func TestACallIsNotCalledPassedWhereNothingTells(t *testing.T) {
	t.Parallel()
	r := Passing()
	for i := range r.Verdict.Evals {
		r.Verdict.Evals[i].PassFail = false
	}
	for i := range r.Verdict.Passed { // by default every call that succeeded
		r.Verdict.Passed[i] = verdict.Passed
	}
	if got := Counted(EndingCounts(r.Verdict.Counts, Barred(r))); got != "3 succeeded" {
		t.Errorf("the calls are called %q", got)
	}
	if e := NewViewer(r).endingAt(0); endingTone(e) == good {
		t.Errorf("a call is %s and has the tone of a good one", e.Word())
	}
	r.Rules.PassWhen = []verdict.Condition{{Metric: "overall_score", Op: ">=", Bound: 1}}
	if got := Counted(EndingCounts(r.Verdict.Counts, Barred(r))); got != "3 passed" {
		t.Errorf("with pass-when they are called %q", got)
	}
}

func TestPlatformFailuresThatCountAsFailedAreCalledFailed(t *testing.T) {
	t.Parallel()
	r := Gaps()
	r.Rules = rules(t, "success_rate >= 90")
	r.Rules.PlatformFails = true
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	if n := len(Unsuccessful(r)); n != 3 {
		t.Errorf("%d calls did not succeed, want 3", n)
	}
	for _, at := range UnknownCalls(r) {
		if NewViewer(r).endingAt(at) == EndLost {
			t.Error("a call that counts as failed is called lost")
		}
	}
	out := jsonOf(t, r)
	validate(t, schema(t), "platform failures", out)
	lost := 0
	for i := range r.Evidence.Calls.Len() {
		if valueAt(t, out, "calls", i, "lost") == true {
			lost++
			if got := valueAt(t, out, "calls", i, "outcome"); got != "failed" {
				t.Errorf("a call that counts as failed has the outcome %v", got)
			}
		}
	}
	if lost != 2 {
		t.Errorf("%d calls are lost, want 2", lost)
	}
	if e := read(t, string(out)); e.Counts().Lost != 2 {
		t.Errorf("what was lost came back as %+v", e.Counts())
	}
}

func TestWhatIsNobodysFailureIsNoneInJUnitAndNoErrorAnnotation(t *testing.T) {
	t.Parallel()
	r := NewRun("lost", client.AgentVoice)
	r.Call("Book a table", client.CallCompleted, 8, "ok")
	for range 3 {
		r.Call("Book a table", client.CallFailed, -1, NoBalance)
	}
	r.Evidence.Plan = []verdict.Planned{{ID: ID("scenario Book a table", 0), Name: text.New("Book a table"), Calls: new(6)}}
	out := r.Report(verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseOperational, Reason: text.New("too little is known")}, 3)

	suites := readJUnit(t, junitOf(t, out))
	if n := suites.Suites[1].readCounts; n.Failures != 0 || n.Errors != 0 || n.Skipped != 4 || n.Tests != 5 {
		t.Errorf("the calls are %+v, want 4 of 5 cases skipped", n)
	}
	var said []string
	for _, c := range suites.Suites[1].Cases {
		if c.Skipped != nil {
			said = append(said, c.Skipped.Message)
		}
	}
	if all := strings.Join(said, "; "); strings.Count(all, NoBalance) != 3 || !strings.Contains(all, "2 of 6 planned calls never came") {
		t.Errorf("they are skipped because of %s", all)
	}
	errors, warnings := 0, 0
	for _, a := range Annotations(out) {
		switch a.Severity {
		case ci.SeverityError:
			errors++
		case ci.SeverityWarning:
			warnings++
		}
	}
	if errors != 1 || warnings != 2 { // the verdict; what is missing, and why calls were lost
		t.Errorf("%d errors and %d warnings, want 1 and 2", errors, warnings)
	}
}

func TestScenariosOfOneNameAreToldApartByTheirIDs(t *testing.T) {
	t.Parallel()
	r := Gaps()
	titles := map[string]bool{}
	for _, s := range r.Verdict.Scenarios {
		titles[s.Name.Raw()] = true
	}
	v := NewViewer(r)
	seen := map[string]bool{}
	for i := range r.Evidence.Calls.Len() {
		title := v.Brief(i).Title.Raw()
		if !titles[title] {
			t.Errorf("a call is of scenario %q, which is none", title)
		}
		seen[title] = true
	}
	if len(seen) != 3 {
		t.Errorf("the calls are of %v", slices.Sorted(maps.Keys(seen)))
	}
	classes := map[string]bool{}
	for _, c := range readJUnit(t, junitOf(t, r)).Suites[1].Cases {
		classes[c.Class] = true
	}
	if len(classes) != 4 { // the one of which no call came has a case, too
		t.Errorf("the classes are %v", slices.Sorted(maps.Keys(classes)))
	}
}

func TestMetricsCountWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	out := metricsOf(t, Gaps())
	for _, want := range []string{
		"agent_gate_planned_calls 16\n", "agent_gate_calls 11\n", "agent_gate_judged_calls 7\n", "agent_gate_passed_calls 4\n",
		"agent_gate_lost_calls 2\n", "agent_gate_missing_calls 5\n", "agent_gate_pass_rate_percent 66.6667\n", "agent_gate_judged_rate_percent 43.75\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no line %q", want)
		}
	}
}
