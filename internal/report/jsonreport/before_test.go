package jsonreport

import (
	"bytes"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// before returns a report by a version that did not know planned or lost calls.
func before(t *testing.T, name string) string {
	t.Helper()
	saved := string(reporttest.Testdata(t, "before/"+name+".json"))
	if strings.Contains(saved, `"planned"`) {
		t.Fatal("not a report of the version before")
	}
	return saved
}

// read reads a valid report.
func read(t *testing.T, saved string) verdict.Evidence {
	t.Helper()
	e, _, err := Read(strings.NewReader(saved))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func rules(t *testing.T, asked string) verdict.Rules {
	t.Helper()
	all, err := criteria.Parse(asked)
	if err != nil {
		t.Fatal(err)
	}
	return verdict.Rules{Set: criteria.Set{Criteria: all}}
}

func TestReportsOfTheVersionBeforeAreJudgedByTheRulesOfNow(t *testing.T) {
	t.Parallel()
	e := read(t, before(t, "fail")) // 16 of 20 succeeded, and the platform lost one
	for asked, want := range map[string]verdict.Kind{
		"success_rate >= 80":  verdict.Pass,  // at worst 16 of 20
		"success_rate >= 82":  verdict.Error, // 16 or 17 of 20
		"success_rate >= 90":  verdict.Fail,
		"lost_calls <= 0":     verdict.Fail,
		"missing_calls <= 0":  verdict.Error, // planned calls were not recorded then
		"judged_rate >= 95":   verdict.Pass,
		"failed_calls <= 2":   verdict.Error, // 2, or 3 if the lost one counts
		"pass_rate >= 90":     verdict.Fail,
		"overall_score >= 10": verdict.Fail,
	} {
		if v := verdict.Judge(e, rules(t, asked)); v.Kind != want {
			t.Errorf("%s: %s (%s), want %s", asked, v.Kind, v.Reason, want)
		}
	}
	v := verdict.Judge(e, rules(t, "success_rate >= 80"))
	if n := v.Counts; n.Total != 20 || n.Planned != 20 || n.Judged != 19 || n.Lost != 1 || n.Failed != 2 {
		t.Errorf("counted are %+v", n)
	}

	stopped := read(t, before(t, "interrupted"))
	v = verdict.Judge(stopped, rules(t, "success_rate >= 80"))
	if v.Kind != verdict.Error || v.Cause != verdict.CauseInterrupted || v.Counts.Open != 1 || v.Counts.Cancelled != 2 || v.Counts.Failed != 0 {
		t.Errorf("an interrupted run is %s (%s) and has %+v", v.Kind, v.Cause, v.Counts)
	}
}

func TestReportsOfTheVersionBeforeAreBaselines(t *testing.T) {
	t.Parallel()
	r := rules(t, "success_rate.change >= -5")
	r.Baseline = verdict.BaselineOf(read(t, before(t, "fail")))
	now := reporttest.Failing()
	if v := verdict.Judge(now.Evidence, r); v.Kind != verdict.Pass {
		t.Errorf("the same run is %s: %s", v.Kind, v.Reason)
	}
}

func TestReportsOfTheVersionBeforeThatWereShortenedAreRefused(t *testing.T) {
	t.Parallel()
	whole := before(t, "fail")
	line := func(of string) string {
		for line := range strings.Lines(whole) {
			if strings.HasPrefix(strings.TrimSpace(line), `{"id":`) && strings.Contains(line, of) {
				return line
			}
		}
		t.Fatalf("no call with %s", of)
		return ""
	}
	replace := func(old, new string) string {
		t.Helper()
		if !strings.Contains(whole, old) {
			t.Fatalf("the report has no %s", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	for name, saved := range map[string]string{
		"a failed call left out":  replace(line(`"outcome":"failed"`), ""),
		"a failed call completed": replace(`"status":"failed"`, `"status":"completed"`),
		"a rerun made up":         replace(`"first_outcome":"succeeded","attempts":1`, `"first_outcome":"failed","attempts":2`),
		"a score made up":         replace(line(`"overall_score":null,"duration_seconds":86`), strings.Replace(line(`"overall_score":null,"duration_seconds":86`), `"overall_score":null`, `"overall_score":10`, 1)),
	} {
		if _, _, err := Read(strings.NewReader(saved)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// A call that succeeded by the old rules may have failed by the new ones.
	e := read(t, replace(`"ended_reason":"customer-ended-call"`, `"ended_reason":"error processing simulation: out of memory"`))
	if n := e.Counts(); n.Succeeded != 15 || n.Failed != 3 {
		t.Errorf("counted are %+v", n)
	}
}

// TestASavedReportIsJudgedAsTheRunWas compares the verdict of decide with the verdict of the
// run, for runs with every kind of unknown.
func TestASavedReportIsJudgedAsTheRunWas(t *testing.T) {
	t.Parallel()
	of := reporttest.Gaps()
	saved := read(t, string(reporttest.Written(t, Write, of)))
	for _, e := range []*verdict.Evidence{&of.Evidence, &saved} {
		e.Stopped = nil // a report without criteria is from a run that was stopped
		for i := range e.Evals {
			e.Evals[i].Type = text.New("Pass/Fail")
		}
	}
	for _, asked := range []string{
		"pass_rate >= 80", "pass_rate >= 10", "success_rate >= 40", "judged_rate >= 40", "judged_rate >= 90", "missing_calls <= 5", "lost_calls <= 1",
		"each scenario: judged_rate >= 0.1%", `scenario "Refund for a damaged order": success_rate >= 60`, "each scenario: pass_rate >= 50",
		`eval "is_helpful": pass_rate >= 50`, "overall_score >= 2", "first_pass_rate <= 99", "failed_calls <= 20", "scored_rate >= 50",
	} {
		for _, conditions := range [][]criteria.Condition{nil, {{Metric: "overall_score", Op: ">=", Bound: 8}}} {
			for _, fails := range []bool{false, true} {
				r := rules(t, asked)
				r.PassWhen, r.PlatformFails = conditions, fails
				run, again := of, of
				run.Rules, again.Rules, again.Evidence = r, r, saved
				run.Verdict, again.Verdict = verdict.Judge(of.Evidence, r), verdict.Judge(saved, r)
				if one, two := reporttest.Written(t, Write, run), reporttest.Written(t, Write, again); !bytes.Equal(one, two) {
					t.Errorf("%s, pass-when %v, platform fails %v: the run is %s (%s), and its report %s (%s)", asked, conditions, fails,
						run.Verdict.Kind, run.Verdict.Reason, again.Verdict.Kind, again.Verdict.Reason)
				}
			}
		}
	}
}

func TestEvalTypesAndThePlanComeBack(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	r.Evidence.Evals[1].Type = text.New("Pass/Fail")
	e := read(t, string(reporttest.Written(t, Write, r)))
	if got := e.Evals[1].Type; got != text.New("Pass/Fail") {
		t.Errorf("the type came back as %q", got)
	}
	if len(e.Plan) != 4 || *e.Plan[0].Calls != 8 || e.Plan[2].Calls != nil || e.Plan[3].ID != r.Evidence.Plan[3].ID {
		t.Errorf("the plan came back as %+v", e.Plan)
	}
}

func TestReportsOfPlansThatAreNotTrueAreRefused(t *testing.T) {
	t.Parallel()
	good := string(reporttest.Written(t, Write, reporttest.Gaps()))
	for name, pair := range map[string][2]string{
		"a scenario less":      {`"calls":3}`, `"calls":0}`},
		"a negative number":    {`"calls":3}`, `"calls":-1}`},
		"too many":             {`"calls":3}`, `"calls":100000000}`},
		"no plan":              {`"plan": [`, `"x": [`},
		"counts of other ones": {`"missing": 5`, `"missing": 4`},
		"a lost call is open":  {`"open": 1`, `"open": 2`},
	} {
		changed := strings.Replace(good, pair[0], pair[1], 1)
		if changed == good {
			t.Fatalf("the report has no %s", pair[0])
		}
		if _, _, err := Read(strings.NewReader(changed)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPlatformFailuresThatCountAsFailedAreCalledFailed(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	r.Rules = rules(t, "success_rate >= 90")
	r.Rules.PlatformFails = true
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	if n := len(report.Unsuccessful(r)); n != 3 {
		t.Errorf("%d calls did not succeed, want 3", n)
	}
	for _, at := range report.UnknownCalls(r) {
		if report.NewViewer(r).Brief(at).Ending == report.EndLost {
			t.Error("a call that counts as failed is called lost")
		}
	}
	out := reporttest.Written(t, Write, r)
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
