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
	for _, name := range []string{"pass", "fail", "inconclusive", "error"} {
		reporttest.Golden(t, name+".intoto.json", reporttest.Written(t, Write, reporttest.Cases()[name]))
	}
	reporttest.Golden(t, "suite.intoto.json", reporttest.Written(t, WriteSuite, reporttest.Suite()))
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
