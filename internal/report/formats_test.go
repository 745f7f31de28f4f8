package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/github"
	"github.com/agent-gate/agent-gate/internal/report/html"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/report/junit"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The tests in this file compare several formats.

// asString returns the output of a rendering.
func asString(t *testing.T, r report.Report, write func(io.Writer, report.Report) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asText(t *testing.T, r report.Report) string {
	t.Helper()
	return asString(t, r, func(w io.Writer, r report.Report) error {
		o := terminal.Options{Width: 160, Debug: true}
		return errors.Join(terminal.Details(w, r, o), terminal.Verdict(w, r, o))
	})
}

func asSummary(t *testing.T, r report.Report) string {
	t.Helper()
	return asString(t, r, markdown.Summary)
}

func asComment(t *testing.T, r report.Report) string {
	t.Helper()
	return asString(t, r, func(w io.Writer, r report.Report) error { return markdown.Comment(w, r, markdown.CommentOptions{}) })
}

func asHTML(t *testing.T, r report.Report) string { t.Helper(); return asString(t, r, html.Write) }

func asJSON(t *testing.T, r report.Report) string {
	t.Helper()
	return asString(t, r, jsonreport.Write)
}

func asJUnit(t *testing.T, r report.Report) string { t.Helper(); return asString(t, r, junit.Write) }

// allOf renders a report in every format that people read.
func allOf(t *testing.T, r report.Report) map[string]string {
	t.Helper()
	return map[string]string{"terminal": asText(t, r), "summary": asSummary(t, r), "comment": asComment(t, r), "html": asHTML(t, r)}
}

func TestEveryReportSaysHowManyCallsWerePlannedCreatedAndJudged(t *testing.T) {
	t.Parallel()
	unplanned := reporttest.Gaps()
	unplanned.Evidence.Plan = nil
	for name, c := range map[string]struct {
		run  report.Report
		want string
	}{
		"unknown of every kind":      {reporttest.Gaps(), "16 planned, 11 created, 7 judged, 5 scored"},
		"nobody knows the plan":      {unplanned, "11 created, 7 judged, 5 scored"},
		"all the same":               {reporttest.Passing(), "3 calls"},
		"all the same but the score": {reporttest.FlakyRun(), "10 calls, 9 scored"},
	} {
		for where, out := range allOf(t, c.run) {
			if !strings.Contains(out, c.want) {
				t.Errorf("%s: the %s does not say %q", name, where, c.want)
			}
		}
	}
}

func TestWhyCallsWereLostStandsOnceAndAboveTheCriteria(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	sentence := "never reached your agent: no balance left (top up and run again)"
	for where, out := range allOf(t, r) {
		if got := strings.Count(out, sentence); got != 1 {
			t.Errorf("%s: it stands there %d times", where, got)
		}
		if where != "terminal" && strings.Index(out, sentence) > strings.Index(out, "success") { // whose verdict comes last
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
	if err := json.Unmarshal([]byte(asJSON(t, r)), &doc); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(doc.Warnings, "2 calls "+sentence) || len(doc.Platform.Reasons) != 1 || doc.Platform.Reasons[0].Calls != 2 {
		t.Errorf("the JSON report has %+v", doc)
	}
}

func TestEndingsInEveryReport(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	want := map[string]int{"passed": 4, "below your bar": 1, "succeeded": 1, "failed": 1, "lost": 2, "missing": 5, "unfinished": 1, "cancelled": 1}
	got := map[string]int{}
	for _, c := range report.EndingCounts(r.Verdict.Counts, report.HasBar(r)) {
		got[string(c.Ending.Word())] = c.N
	}
	if !maps.Equal(got, want) {
		t.Errorf("counted are %v, want %v", got, want)
	}
	calls := map[string]int{"missing": 5}
	v := report.NewViewer(r)
	for i := range r.Evidence.Calls.Len() {
		calls[string(v.Brief(i).Ending.Word())]++
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

func TestDisarmedGateIsLoudInEveryReport(t *testing.T) {
	t.Parallel()
	soft, softPass := reporttest.Failing(), reporttest.Passing()
	soft.Policy.SoftFail, soft.ExitCode = true, 0
	softPass.Policy.SoftFail = true
	warned, undecided := reporttest.ErrorBeforeAnyCall(), reporttest.Inconclusive()
	warned.Policy.WarnOnOperationalError, warned.ExitCode = true, 0
	undecided.Policy.AllowInconclusive, undecided.ExitCode = true, 0
	for name, c := range map[string]struct {
		run  report.Report
		want string
	}{
		"soft fail of a failure":      {soft, "would have failed the job"},
		"soft fail of a pass":         {softPass, "Soft fail is on"},
		"warned operational error":    {warned, "would have failed the job"},
		"allowed inconclusive":        {undecided, "would have failed the job"},
		"armed failure":               {reporttest.Failing(), ""},
		"armed pass":                  {reporttest.Passing(), ""},
		"skipped for no credentials":  {reporttest.SkippedRun(), ""},
		"interrupted, which is armed": {reporttest.Interrupted(), ""},
	} {
		for kind, out := range map[string]string{
			"terminal": asText(t, c.run),
			"summary":  asSummary(t, c.run),
			"junit":    asJUnit(t, c.run),
		} {
			if c.want == "" {
				if strings.Contains(out, "the job goes on") || strings.Contains(out, "Soft fail") {
					t.Errorf("%s: the %s says that the gate is disarmed", name, kind)
				}
			} else if !strings.Contains(out, c.want) {
				t.Errorf("%s: the %s does not say %q", name, kind, c.want)
			}
		}
	}
}

// TestWordsStandInTwoReportsOnly looks for transcripts in every rendering of a run that has
// some.
func TestWordsStandInTwoReportsOnly(t *testing.T) {
	t.Parallel()
	const words = "order 4400 arrived with a broken lid"
	r := reporttest.WithTranscripts(reporttest.Failing())
	for name, c := range map[string]struct {
		out  string
		want bool
	}{
		"JSON":     {asJSON(t, r), true},
		"HTML":     {asHTML(t, r), true},
		"JUnit":    {asJUnit(t, r), false},
		"summary":  {asSummary(t, r), false},
		"terminal": {asText(t, r), false},
	} {
		if got := strings.Contains(c.out, words); got != c.want {
			t.Errorf("%s: what was said is there: %t, want %t", name, got, c.want)
		}
	}
}

func TestAnnotationsNameTheCallsOfTheSummaryInItsOrder(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	r.Verdict.Deciding = append(r.Verdict.Deciding, r.Evidence.Calls.ID(report.Unsuccessful(r)[2]))
	rest := asSummary(t, r)
	for _, a := range github.Annotations(r)[1:] {
		if a.Severity != ci.SeverityError {
			continue // not the agent's fault
		}
		id, ok := strings.CutPrefix(a.Title.Raw(), "call ")
		_, after, found := strings.Cut(rest, "<code>"+id[:8]+"</code>")
		if !ok || !found {
			t.Fatalf("%q is not in the rest of the summary", a.Title)
		}
		rest = after
	}
}

// everything returns every rendering.
func everything() []rendering {
	return append(renderings(), rendering{"comment", func(w io.Writer, r report.Report) error {
		return markdown.Comment(w, r, markdown.CommentOptions{})
	}})
}

func TestRenderingsAreDeterministic(t *testing.T) {
	t.Parallel()
	again := reporttest.Cases()
	for name, r := range reporttest.Cases() {
		for _, x := range everything() {
			if asString(t, r, x.write) != asString(t, again[name], x.write) {
				t.Errorf("%s: two of the same run differ: %s", name, x.name)
			}
		}
	}
}

func TestWriteErrorsAreReported(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(200, 8)
	for _, x := range everything() {
		for _, room := range []int{0, 1000} {
			if err := x.write(&reporttest.FailingWriter{Room: room}, r); err == nil {
				t.Errorf("%s: no error from a writer with room for %d bytes", x.name, room)
			}
		}
	}
}

func TestBaselinesOfTheVersionBeforeAreShown(t *testing.T) {
	t.Parallel()
	before, _, err := jsonreport.Read(bytes.NewReader(reporttest.Testdata(t, "before/fail.json")))
	if err != nil {
		t.Fatal(err)
	}
	now := reporttest.Failing()
	now.Rules.Baseline = verdict.BaselineOf(before)
	for _, x := range everything() {
		if err := x.write(io.Discard, now); err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}
