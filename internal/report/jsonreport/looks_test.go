package jsonreport

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestARunOfSeveralLooksIsJudgedAlikeFromItsReport(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]report.Report{
		"decided": reporttest.DecidedLate(), "given up": reporttest.GaveUp(), "trials": reporttest.Trials(),
	} {
		var err error
		r.Rules.Criteria, err = criteria.Parse("pass_rate >= 80\npass_rate >= 90 tolerance 8\npass^2 >= 60\noverall_score >= 7\neach scenario: success_rate >= 50")
		if err != nil {
			t.Fatal(err)
		}
		r.Rules.DecideOn = verdict.DecideOnInterval
		r.Verdict = verdict.Judge(r.Evidence, r.Rules)
		evidence, _, err := Read(bytes.NewReader(reporttest.Written(t, Write, r)))
		if err != nil {
			t.Fatal(err)
		}
		again := verdict.Judge(evidence, r.Rules)
		if diff := cmp.Diff(r.Verdict, again, cmp.AllowUnexported(text.Untrusted{})); diff != "" {
			t.Errorf("%s: judged otherwise (-run +report):\n%s", name, diff)
		}
		if diff := cmp.Diff(r.Evidence.Looks, evidence.Looks, cmp.AllowUnexported(text.Untrusted{})); diff != "" {
			t.Errorf("%s: the looks came back otherwise (-want +got):\n%s", name, diff)
		}
		// The looks must matter, or this test proves nothing.
		if evidence.Looks = nil; r.Evidence.Looks != nil && cmp.Equal(r.Verdict.Checks, verdict.Judge(evidence, r.Rules).Checks, cmp.AllowUnexported(text.Untrusted{})) {
			t.Errorf("%s: without its looks it is judged alike", name)
		}
	}
}

func TestReportsWithImpossibleLooksAreRejected(t *testing.T) {
	t.Parallel()
	good := string(reporttest.Written(t, Write, reporttest.GaveUp()))
	for name, c := range map[string]struct{ old, new, want string }{
		"more trials than executions":      {`"trials": 4,`, `"trials": 5,`, "5 trials, but its executions are of 4"},
		"a first look before any trial":    {`"first_look": 2`, `"first_look": 0`, "a first look after 0 of at most 4 trials is impossible"},
		"a first look after the last":      {`"max_trials": 4`, `"max_trials": 1`, "a first look after 2 of at most 1 trials is impossible"},
		"more trials than can be laid out": {`"max_trials": 4`, `"max_trials": 2000000000`, "2000000000 trials is impossible"},
		"an unknown outcome":               {`"outcome": "inconclusive"`, `"outcome": "maybe"`, `"maybe"`},
	} {
		changed := strings.Replace(good, c.old, c.new, 1)
		if changed == good {
			t.Fatalf("%s: the report has no %s", name, c.old)
		}
		if _, _, err := Read(strings.NewReader(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
