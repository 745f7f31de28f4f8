package intoto

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// parsed returns a predicate as a verifier sees it, and checks what the specification requires of it.
func parsed(t *testing.T, written []byte) predicate {
	t.Helper()
	var p predicate
	if err := json.Unmarshal(written, &p); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains([]string{passed, warned, failed}, p.Result) {
		t.Errorf("result %q", p.Result)
	}
	if p.Configuration == nil || p.PassedTests == nil || p.WarnedTests == nil || p.FailedTests == nil {
		t.Errorf("a list is missing: %s", written)
	}
	for _, d := range p.Configuration {
		if d.Name == "" || d.URI == "" && len(d.Digest) == 0 {
			t.Errorf("a descriptor without a URI or a digest: %+v", d)
		}
	}
	return p
}

func TestPredicatesLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pass", "fail", "inconclusive", "error", "reused"} {
		reporttest.Golden(t, name+".intoto.json", reporttest.Written(t, Write, reporttest.Cases()[name]))
	}
	reporttest.Golden(t, "suite.intoto.json", reporttest.Written(t, WriteSuite, reporttest.Suite()))
}

func TestCallsThatAreJudgedAgainAreSaidToBe(t *testing.T) {
	t.Parallel()
	suite := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "own", Report: reporttest.Passing()}, report.Gate{Name: "again", Report: reporttest.Reused()})
	for _, d := range parsed(t, reporttest.Written(t, WriteSuite, suite)).Configuration {
		got, is := d.Annotations["reused"].(map[string]any)
		if is != (d.Name == "again: run") {
			t.Errorf("%s is reused: %v", d.Name, is)
		}
		if is && (got["started_at"] == nil || got["age_seconds"] != 11520.0 || got["origin"] == nil) {
			t.Errorf("%s says %v", d.Name, got)
		}
	}
}

// TestOnlyAPassIsPassed is about what a deployment relies on: no policy makes anything else of it.
func TestOnlyAPassIsPassed(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		for _, policy := range []verdict.Policy{{}, {SoftFail: true}, {WarnOnOperationalError: true, AllowInconclusive: true}} {
			r.Policy, r.ExitCode = policy, r.Verdict.ExitCode(policy)
			p := parsed(t, reporttest.Written(t, Write, r))
			if (p.Result == passed) != (r.Verdict.Kind == verdict.Pass) {
				t.Errorf("%s: the verdict %s is %s", name, r.Verdict.Kind, p.Result)
			}
			if p.Result == passed && len(p.FailedTests)+len(p.WarnedTests) > 0 {
				t.Errorf("%s: passed with %+v", name, p)
			}
		}
	}
}

// TestAPassWhoseJobFailsIsNotPassed is about a requested report that cannot be written.
func TestAPassWhoseJobFailsIsNotPassed(t *testing.T) {
	t.Parallel()
	missing := []text.Untrusted{text.New("The report a.html was requested but cannot be written.")}
	r := reporttest.Passing()
	r.ExitCode, r.Unwritten = verdict.ExitOperational, missing
	undecided := reporttest.Inconclusive()
	undecided.Policy.AllowInconclusive, undecided.ExitCode = true, verdict.ExitOK
	s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: reporttest.Passing()}, report.Gate{Name: "b", Report: undecided})
	s.Verdict, s.ExitCode, s.Unwritten = verdict.Verdict{Kind: verdict.Pass}, verdict.ExitOperational, missing
	for name, out := range map[string][]byte{"a run": reporttest.Written(t, Write, r), "a suite": reporttest.Written(t, WriteSuite, s)} {
		p := parsed(t, out)
		at := slices.IndexFunc(p.Configuration, func(d descriptor) bool { return d.Name == "run" })
		if p.Result != failed || !slices.Equal(p.FailedTests, []string{"run"}) || !strings.Contains(fmt.Sprint(p.Configuration[at].Annotations["reason"]), "a.html") {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// TestWhatDidNotPassSaysWhy is about verifiers, which see nothing but the predicate.
func TestWhatDidNotPassSaysWhy(t *testing.T) {
	t.Parallel()
	all := map[string]predicate{}
	for name, r := range reporttest.Cases() {
		all[name] = parsed(t, reporttest.Written(t, Write, r))
		if list := slices.Concat(all[name].FailedTests, all[name].WarnedTests, all[name].PassedTests); len(slices.DeleteFunc(list, isRun)) != report.CountChecks(r).Total {
			t.Errorf("%s: %d checks are listed as %q", name, report.CountChecks(r).Total, list)
		}
	}
	stopped := reporttest.Passing()
	stopped.Verdict.Kind, stopped.Verdict.Cause, stopped.Verdict.Checks, stopped.ExitCode = verdict.Error, verdict.CauseTimeout, nil, verdict.ExitTimeout
	all["stopped"] = parsed(t, reporttest.Written(t, Write, stopped))
	died := reporttest.Failing()
	died.Verdict.Checks = nil
	all["the agent died"] = parsed(t, reporttest.Written(t, Write, died))
	all["skipped"] = parsed(t, reporttest.Written(t, Write, reporttest.SkippedRun()))
	mistaken := report.Suite{Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig, Reason: text.New("no gates")}, ExitCode: verdict.ExitConfig}
	all["a suite file that is wrong"] = parsed(t, reporttest.Written(t, WriteSuite, mistaken))
	for name, p := range all {
		at := slices.IndexFunc(p.Configuration, func(d descriptor) bool { return d.Name == "run" })
		if at < 0 {
			t.Errorf("%s: nothing says what became of the run", name)
			continue
		}
		run := p.Configuration[at].Annotations
		if run["exit_code"] == nil || run["verdict"] == nil || run["reason"] == nil && p.Result != passed {
			t.Errorf("%s: the run is %v", name, run)
		}
		if p.Result == failed && len(p.FailedTests) == 0 || p.Result == warned && len(p.WarnedTests) == 0 {
			t.Errorf("%s: %s without a test that is", name, p.Result)
		}
	}
}

func isRun(test string) bool { return test == "run" }

func TestWhatAPolicyLetsPassIsSaid(t *testing.T) {
	t.Parallel()
	soft := reporttest.Failing()
	soft.Policy.SoftFail, soft.ExitCode = true, verdict.ExitOK
	unreached := reporttest.ErrorBeforeAnyCall()
	unreached.Policy.WarnOnOperationalError, unreached.ExitCode = true, verdict.ExitOK
	for name, c := range map[string]struct {
		out  []byte
		want string
	}{
		"soft-fail":            {reporttest.Written(t, Write, soft), "Soft fail: this gate would have failed the job"},
		"on-operational-error": {reporttest.Written(t, Write, unreached), "but on-operational-error is warn"},
		"a suite":              {reporttest.Written(t, WriteSuite, reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: soft})), "a: Soft fail: "},
	} {
		p := parsed(t, c.out)
		at := slices.IndexFunc(p.Configuration, func(d descriptor) bool { return d.Name == "run" })
		if run := p.Configuration[at].Annotations; p.Result != failed || run["exit_code"] != 0.0 || !strings.Contains(fmt.Sprint(run["policy"]), c.want) {
			t.Errorf("%s: %s, %v", name, p.Result, run)
		}
	}
	for _, d := range parsed(t, reporttest.Written(t, Write, reporttest.Failing())).Configuration {
		if d.Annotations["policy"] != nil {
			t.Errorf("an enforced gate has the policy %v", d.Annotations["policy"])
		}
	}
}

func TestASuitePassedOnlyIfEveryGateDidThatHadToRun(t *testing.T) {
	t.Parallel()
	soft := reporttest.Failing()
	soft.Policy.SoftFail, soft.ExitCode = true, verdict.ExitOK
	undecided := reporttest.Inconclusive()
	undecided.Policy.AllowInconclusive, undecided.ExitCode = true, verdict.ExitOK
	noRoom, unchanged := reporttest.SkippedRun(), reporttest.SkippedRun()
	noRoom.Verdict.Cause, noRoom.ExitCode = verdict.CauseBudget, verdict.ExitOK // soft-fail
	unchanged.Verdict.Cause, unchanged.ExitCode = "unchanged", verdict.ExitOK
	for name, c := range map[string]struct {
		other report.Report
		want  string
	}{
		"passed":           {reporttest.Passing(), passed},
		"unchanged":        {unchanged, passed},
		"failed softly":    {soft, failed},
		"undecided":        {undecided, warned},
		"no room":          {noRoom, failed},
		"no keys":          {reporttest.SkippedRun(), warned},
		"failed the job":   {reporttest.Failing(), failed},
		"not to be judged": {reporttest.ErrorBeforeAnyCall(), failed},
	} {
		s := reporttest.SuiteOf(budget.Limits{}, report.Gate{Name: "a", Report: reporttest.Passing()}, report.Gate{Name: "b", Report: c.other})
		if p := parsed(t, reporttest.Written(t, WriteSuite, s)); p.Result != c.want {
			t.Errorf("%s: got %s, want %s", name, p.Result, c.want)
		}
	}
}

func TestTestsOfASuiteNameTheirGate(t *testing.T) {
	t.Parallel()
	p := parsed(t, reporttest.Written(t, WriteSuite, reporttest.Suite()))
	for _, name := range slices.Concat(p.PassedTests, p.FailedTests, p.WarnedTests) {
		if !strings.Contains(name, ": ") {
			t.Errorf("%q", name)
		}
	}
	if len(p.PassedTests) == 0 || len(p.FailedTests) == 0 {
		t.Errorf("got %+v", p)
	}
}

func TestTheDigestTellsOtherCriteria(t *testing.T) {
	t.Parallel()
	digest := func(r report.Report) string {
		for _, d := range parsed(t, reporttest.Written(t, Write, r)).Configuration {
			if d.Name == "criteria" {
				return d.Digest["sha256"]
			}
		}
		return ""
	}
	r := reporttest.Failing()
	r.Rules.Criteria, _ = criteria.Parse("success_rate >= 95\npass_rate >= 90")
	same, other := r, r
	same.Verdict.Reason = text.New("another reason")
	other.Rules.Criteria, _ = criteria.Parse("success_rate >= 95\npass_rate >= 50")
	if a, b, c := digest(r), digest(same), digest(other); a == "" || a != b || a == c {
		t.Errorf("digests %s, %s, %s", a, b, c)
	}
}

func TestHostileTextStaysInItsPlace(t *testing.T) {
	t.Parallel()
	want := parsed(t, reporttest.Written(t, Write, reporttest.Harmless()))
	for i, s := range reporttest.HostileTexts(t) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			got := parsed(t, reporttest.Written(t, Write, reporttest.Poisoned(s)))
			if got.Result != want.Result || len(got.FailedTests) != len(want.FailedTests) || len(got.Configuration) != len(want.Configuration) {
				t.Errorf("%.80q makes %+v", s, got)
			}
			for _, name := range got.FailedTests {
				if strings.ContainsAny(name, "\n\x1b") {
					t.Errorf("%q", name)
				}
			}
		})
	}
}
