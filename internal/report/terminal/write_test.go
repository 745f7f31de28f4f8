package terminal

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// terminalOf is a whole report: details, warnings and verdict.
func terminalOf(t *testing.T, r report.Report, o Options) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error {
		return errors.Join(Details(w, r, o), Warnings(w, report.OtherWarnings(r), o))
	})) + "\n" + verdictOf(t, r, o)
}

func verdictOf(t *testing.T, r report.Report, o Options) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error { return Verdict(w, r, o) }))
}

// placed is a report whose files have names.
func placed(r report.Report) report.Report {
	r.Places = report.Places{HTML: text.New("agent-gate.html"), JSON: text.New("agent-gate.json")}
	return r
}

func TestTerminalLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".txt", []byte(terminalOf(t, placed(r), Options{Width: 100, Debug: true})))
		})
	}
}

func TestTerminalLooksAsItDidAtEveryWidth(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"fail-40.txt":     {Width: 40},
		"fail-60.txt":     {Width: 60},
		"fail-80.txt":     {Width: 80},
		"fail-140.txt":    {Width: 140},
		"fail-log.txt":    {},
		"fail-colour.txt": {Width: 100, Colour: true},
	} {
		reporttest.Golden(t, name, []byte(terminalOf(t, reporttest.Cases()["fail"], o)))
	}
	reporttest.Golden(t, "large-60.txt", []byte(terminalOf(t, reporttest.Cases()["large"], Options{Width: 60})))
}

func TestTerminalLinesAreNoLongerThanItsWidth(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		for _, width := range []int{40, 52, 60, 80, 100, 140} {
			for line := range strings.Lines(terminalOf(t, r, Options{Width: width})) {
				line = strings.TrimSuffix(line, "\n")
				if columns(line) > width && !strings.HasPrefix(line, "Run     https://") && !strings.HasPrefix(line, "Next ") {
					t.Errorf("%s at %d columns: a line of %d: %q", name, width, columns(line), line)
				}
			}
		}
	}
}

func TestVerdictOf80ColumnsCutsNoImportantWord(t *testing.T) {
	t.Parallel()
	r := reporttest.Gaps()
	r.Verdict.Checks[0].Criterion = `eval "follows the refund policy in every detail": pass_rate >= 80`
	r.Places = report.Places{HTML: text.New("a.html"), JSON: text.New("a.json"), CTRF: text.New("ctrf.json"), Attestation: text.New("test-result.json")}
	out := verdictOf(t, r, Options{Width: 80})
	for _, want := range []string{
		"(need 80)   no data", "(top up and run again)",
		"Report  a.html · a.json · ctrf.json · test-result.json",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	r = reporttest.Large(200, 8)
	for range 7 {
		r.Verdict.Checks = append(r.Verdict.Checks, r.Verdict.Checks[0])
	}
	for n := range 30 {
		r.Verdict.Checks = append(r.Verdict.Checks, r.Verdict.Checks[0])
		out := verdictOf(t, r, Options{Width: 80})
		if strings.Contains(out, " 1 more checks") {
			t.Errorf("%d checks:\n%s", n, out)
		}
		if lines := strings.Count(out, "\n"); lines > screenful {
			t.Errorf("%d checks take %d lines", n, lines)
		}
	}
}

func TestTerminalWidthHasBounds(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	for _, c := range []struct{ given, same int }{{-5, 40}, {10, 40}, {1000, 160}} {
		if terminalOf(t, r, Options{Width: c.given}) != terminalOf(t, r, Options{Width: c.same}) {
			t.Errorf("width %d is not shown as width %d", c.given, c.same)
		}
	}
}

func TestTerminalWithoutColourHasNoControlCharacters(t *testing.T) {
	t.Parallel()
	for _, s := range reporttest.HostileTexts(t) {
		out := terminalOf(t, reporttest.Poisoned(s), Options{Width: 80})
		for _, r := range out {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\n' {
				t.Fatalf("%.60q: %U in the output", s, r)
			}
		}
	}
}

var ours = regexp.MustCompile("\x1b\\[(1|2|31|32|33|35|0)m")

func TestTerminalColoursOnlyByKnownSequences(t *testing.T) {
	t.Parallel()
	plain := terminalOf(t, reporttest.Failing(), Options{Width: 100})
	coloured := terminalOf(t, reporttest.Failing(), Options{Width: 100, Colour: true})
	if coloured == plain {
		t.Error("colour changes nothing")
	}
	if got := ours.ReplaceAllString(coloured, ""); got != plain {
		t.Errorf("without its colours the report is\n%s\nwant\n%s", got, plain)
	}
	for _, s := range reporttest.HostileTexts(t) {
		out := ours.ReplaceAllString(terminalOf(t, reporttest.Poisoned(s), Options{Width: 80, Colour: true}), "")
		if strings.ContainsRune(out, '\x1b') {
			t.Errorf("%.60q: a foreign terminal sequence got through", s)
		}
	}
}

func TestTerminalLineIsNeverARunnersCommand(t *testing.T) {
	t.Parallel()
	for _, s := range reporttest.HostileTexts(t) {
		r := reporttest.Poisoned(s)
		for _, width := range []int{60, 100} {
			for line := range strings.Lines(terminalOf(t, r, Options{Width: width})) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") ||
					strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[") || strings.Contains(line, "section_start:") {
					t.Errorf("%.60q: the line %q is a command", s, line)
				}
			}
		}
	}
}

func TestVerdict_fitsAScreen(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["very large"] = reporttest.Large(2000, 40)
	for name, r := range all {
		for _, far := range []report.Places{placed(r).Places, farPlaces()} {
			r.Places = far
			for _, o := range []Options{{}, {Width: 80}, {Width: 80, Colour: true}, {Width: 100}, {Width: 160}} {
				if out := verdictOf(t, r, o); rowsOf(out, o.Width) > screenful {
					t.Errorf("%s at %d columns: %d rows\n%s", name, o.Width, rowsOf(out, o.Width), out)
				}
			}
		}
	}
}

// farPlaces are reports with paths that are wider than a screen, as in a CI's workspace.
func farPlaces() report.Places {
	in := func(name string) text.Untrusted {
		return text.New("/home/runner/work/acme-support/acme-support/reports/" + name)
	}
	return report.Places{HTML: in("agent-gate.html"), JSON: in("agent-gate.json"), JUnit: in("junit.xml"), Summary: in("summary.md"), CTRF: in("ctrf.json"), Attestation: in("test-result.json")}
}

// rowsOf is how many rows of a screen a text takes.
func rowsOf(out string, width int) (n int) {
	for line := range strings.Lines(ours.ReplaceAllString(out, "")) {
		n++
		if wide := columns(strings.TrimSuffix(line, "\n")); width > 0 && wide > width {
			n += (wide - 1) / width
		}
	}
	return n
}

func TestVerdict_isThreeLinesForAPass(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 60, 80, 160} {
		if got := verdictOf(t, placed(reporttest.Passing()), Options{Width: width}); strings.Count(got, "\n") > 4 || !strings.HasPrefix(got, "PASS  2 of 2 checks met · 3 calls") {
			t.Errorf("at %d columns:\n%s", width, got)
		}
	}
}

func TestVerdict_beginsWithTheVerdict(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		if got := verdictOf(t, r, Options{}); !strings.HasPrefix(got, string(report.VerdictWord(r.Verdict.Kind))+"  ") {
			t.Errorf("%s begins\n%s", name, got)
		}
	}
}

func TestVerdict_showsEachCallOnce(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		out, _, _ := strings.Cut(verdictOf(t, r, Options{}), "\nNext")
		seen := map[string]bool{}
		for _, id := range regexp.MustCompile(`(?m)^ {6}([0-9a-f]{8})  `).FindAllString(out, -1) {
			if seen[id] {
				t.Errorf("%s shows call %s twice:\n%s", name, id, out)
			}
			seen[id] = true
		}
	}
}

func TestDetails_cutNothingInALog(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	for i := range r.Verdict.Scenarios {
		r.Verdict.Scenarios[i].Name = text.New(strings.Repeat("long name ", 6) + "END")
	}
	if out := terminalOf(t, r, Options{}); strings.Count(out, "name END") < 2 || strings.Contains(out, "…") {
		t.Errorf("something is cut:\n%s", out)
	}
}

func TestFactsAreForDebugging(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	if out := terminalOf(t, r, Options{}); strings.Contains(out, "requests") || strings.Contains(out, "dialect") {
		t.Errorf("the facts of the run are shown:\n%s", out)
	}
	if out := terminalOf(t, r, Options{Debug: true}); !strings.Contains(out, "requests") || !strings.Contains(out, "dialect") {
		t.Errorf("the facts of the run are missing:\n%s", out)
	}
}

func TestUnwrittenReportsStandBesideTheVerdict(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	r.Unwritten = []text.Untrusted{text.New("The report x was requested but cannot be written.")}
	if out := verdictOf(t, r, Options{}); !strings.Contains(out, "\n  ! The report x was requested but cannot be written.\n") {
		t.Errorf("it is not said:\n%s", out)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		width int
		lines int
		want  string
	}{
		"short enough":       {"one two", 10, 3, "one two"},
		"at blanks":          {"one two three", 7, 3, "one two|three"},
		"long word is cut":   {"incomprehensible yes", 8, 3, "incompr…|yes"},
		"last line is cut":   {"one two three four", 7, 2, "one two|three…"},
		"wide characters":    {"設定 設定", 5, 2, "設定|設定"},
		"nothing":            {"", 5, 2, ""},
		"blanks are folded":  {"  a   b ", 5, 2, "a b"},
		"exactly as it fits": {"abcde fghij", 5, 2, "abcde|fghij"},
	} {
		if got := strings.Join(wrap(c.text, c.width, c.lines), "|"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestColumnsCountsWhatATerminalShows(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"": 0, "abc": 3, "設定": 4, "é": 1, "e\u0301": 1, "✓": 1, "✅": 2, "a\u200bb": 2} {
		if got := columns(s); got != want {
			t.Errorf("columns(%q): got %d, want %d", s, got, want)
		}
	}
}

func TestListsInTheTerminalAreCappedAndCounted(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(2000, 40)
	for i := range 30 { // beside one of each scenario, which is one row
		r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: fmt.Sprintf("total_calls >= %d", i), Outcome: verdict.Met})
	}
	out := terminalOf(t, r, Options{Width: 100})
	for _, want := range []string{" more in the report\n", "and 25 more scenarios, no worse than these\n", " 33 of 40 met\n", "and 14 more criteria, all met\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if n := strings.Count(out, "\n"); n > 160 {
		t.Errorf("%d lines for 2,000 calls", n)
	}
}

func TestAStoppedRunListsItsCriteriaAsNotJudged(t *testing.T) {
	t.Parallel()
	r := reporttest.Interrupted()
	var err error
	if r.Rules.Criteria, err = criteria.Parse("success_rate >= 95\nscenario Refund: overall_score >= 7"); err != nil {
		t.Fatal(err)
	}
	out := terminalOf(t, r, Options{Width: 140})
	for _, want := range []string{"? no data  success_rate >= 95", "overall_score >= 7", "not judged: the run was stopped"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	r = reporttest.ErrorBeforeAnyCall()
	r.Rules.Criteria, _ = criteria.Parse("success_rate >= 95")
	if out := terminalOf(t, r, Options{Width: 140}); strings.Contains(out, "Criteria") {
		t.Errorf("a run that was not started lists criteria:\n%s", out)
	}
}
