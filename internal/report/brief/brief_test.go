package brief

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

var formats = []Format{Text, Markdown, JSON}

func briefOf(t *testing.T, r report.Report, from Source, f Format) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error { return Write(w, r, from, f) }))
}

func suiteBriefOf(t *testing.T, s report.Suite, f Format) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error {
		return WriteSuite(w, s, Source{File: "suite.json"}, func(int) Source { return Source{File: "suite.json"} }, f)
	}))
}

// criteriaOf is a run with criteria.
func criteriaOf(t *testing.T, r report.Report) report.Report {
	t.Helper()
	var err error
	if r.Rules.Criteria, err = criteria.Parse("success_rate >= 95\noverall_score >= 7.5\nscenario \"Billing dispute\": success_rate >= 80\nsuccess_rate.change >= -1"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBriefLooksAsItDid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pass", "fail", "inconclusive", "error", "regression", "gaps"} {
		r := criteriaOf(t, reporttest.Cases()[name])
		reporttest.Golden(t, name+".txt", []byte(briefOf(t, r, Source{File: "agent-gate.json"}, Text)))
	}
	reporttest.Golden(t, "fail.json", []byte(briefOf(t, criteriaOf(t, reporttest.Cases()["fail"]), Source{File: "agent-gate.json"}, JSON)))
	reporttest.Golden(t, "fail.md", []byte(briefOf(t, criteriaOf(t, reporttest.Cases()["fail"]), Source{File: "agent-gate.json"}, Markdown)))
	reporttest.Golden(t, "suite.txt", []byte(suiteBriefOf(t, reporttest.Suite(), Text)))
	reporttest.Golden(t, "suite.json", []byte(suiteBriefOf(t, reporttest.Suite(), JSON)))
}

// small fails unless a brief is small, and does nothing where it is read.
func small(t *testing.T, name string, f Format, out string) {
	t.Helper()
	if len(out) > MaxBytes || len(out) == 0 {
		t.Errorf("%s as %s has %d bytes", name, f, len(out))
	}
	for _, c := range out {
		if c != '\n' && (unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029') {
			t.Errorf("%s as %s has %U", name, f, c)
		}
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
			t.Errorf("%s as %s has the command %q", name, f, line)
		}
	}
	switch f {
	case JSON:
		if !json.Valid([]byte(out)) {
			t.Errorf("%s is no JSON: %s", name, out)
		}
	case Markdown:
		fence, rest, _ := strings.Cut(out, "text\n")
		if strings.Trim(fence, "`") != "" || strings.Count(rest, fence) != 1 || !strings.HasSuffix(rest, fence+"\n") {
			t.Errorf("%s leaves its fence:\n%s", name, out)
		}
	case Text:
	}
}

func TestBrief_isSmallAndInert(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["very large"] = reporttest.Large(3000, 300)
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprint("hostile ", i)] = reporttest.Poisoned(s)
	}
	for _, c := range []string{"ä", "設", `"`, `\`, "'", "`", "#", "::", "<"} {
		all["full of "+c] = reporttest.Poisoned(strings.Repeat(c, 5000))
	}
	for name, r := range all {
		for _, f := range formats {
			small(t, name, f, briefOf(t, criteriaOf(t, r), Source{File: strings.Repeat("'", 2000), Baseline: "b.json"}, f))
		}
	}
	s := reporttest.Suite()
	for range 50 {
		s.Gates = append(s.Gates, s.Gates[0])
	}
	for _, f := range formats {
		small(t, "suite", f, suiteBriefOf(t, s, f))
		small(t, "hostile suite", f, suiteBriefOf(t, reporttest.PoisonedSuite("::error::\x1b[31m'```"), f))
		small(t, "empty suite", f, suiteBriefOf(t, report.Suite{Verdict: verdict.Verdict{Kind: verdict.Error, Reason: text.New("a mistake")}}, f))
	}
}

func FuzzBrief(f *testing.F) {
	f.Add("described a policy that does not exist", "report.json")
	f.Add("::error::\x1b[31m```", "'; rm -rf / #")
	f.Fuzz(func(t *testing.T, s, file string) {
		r := reporttest.Poisoned(s)
		for _, format := range formats {
			var b bytes.Buffer
			if err := Write(&b, r, Source{File: file, Worse: []text.Untrusted{text.New(s)}}, format); err != nil {
				t.Fatal(err)
			}
			small(t, "it", format, b.String())
		}
	})
}

func TestBrief_namesTheCommandsThatComeNext(t *testing.T) {
	t.Parallel()
	r := criteriaOf(t, reporttest.Cases()["fail"])
	out := briefOf(t, r, Source{File: "my report.json"}, Text)
	for _, want := range []string{
		"Judge again:      agent-gate decide 'my report.json'\n",
		"Run these again:  agent-gate --run-test-id " + r.Evidence.RunTest.ID.String() + " --scenario-ids ",
		` --criteria 'success_rate >= 95' --criteria 'overall_score >= 7.5' --criteria 'scenario "Billing dispute": success_rate >= 80'` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "--criteria 'success_rate.change") {
		t.Errorf("it names a criterion that needs a baseline:\n%s", out)
	}
	r.Evidence.RunTest = verdict.RunTest{}
	if out := briefOf(t, r, Source{File: "-"}, Text); strings.Contains(out, "Run these again") || !strings.Contains(out, "agent-gate decide REPORT.json\n") {
		t.Errorf("without a run test:\n%s", out)
	}
}

func TestBrief_tellsWhatTheReportSaysOfItsBaseline(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	from := Source{File: "r.json", Worse: []text.Untrusted{text.New("Refund")}, Better: []text.Untrusted{text.New("Billing")}}
	if out := briefOf(t, r, from, Text); !strings.Contains(out, "\nAgainst the baseline\n  worse   Refund\n  better  Billing\n") {
		t.Errorf("it is not told:\n%s", out)
	}
}
