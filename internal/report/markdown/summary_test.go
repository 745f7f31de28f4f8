package markdown

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// outline parses Markdown as GitHub does and lists its structures in order, with links and HTML
// verbatim: anything that untrusted text adds shows here.
func outline(source string) []string {
	src := []byte(source)
	var out []string
	_ = ast.Walk(gfm.Parser().Parse(gmtext.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text, *ast.String, *ast.Document:
		case *ast.Link:
			out = append(out, "link "+string(n.Destination))
		case *ast.Image:
			out = append(out, "image "+string(n.Destination))
		case *ast.AutoLink:
			out = append(out, "autolink "+string(n.URL(src)))
		case *ast.RawHTML:
			if string(n.Segments.Value(src)) == "<wbr>" { // within a text
				break
			}
			out = append(out, "html "+string(n.Segments.Value(src)))
		case *ast.HTMLBlock:
			out = append(out, "html "+strings.TrimSpace(string(n.Lines().Value(src))))
		case *ast.FencedCodeBlock:
			out = append(out, "fence "+string(n.Language(src)))
		default:
			out = append(out, n.Kind().String())
		}
		return ast.WalkContinue, nil
	})
	return out
}

func summaryOf(t *testing.T, r report.Report) string {
	t.Helper()
	return string(reporttest.Written(t, Summary, r))
}

func TestSummaryLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".md", []byte(summaryOf(t, r)))
		})
	}
}

func TestSummaryOfHostileTextHasTheStructureOfAHarmlessOne(t *testing.T) {
	t.Parallel()
	want := strings.Join(outline(summaryOf(t, reporttest.Harmless())), "\n")
	for i, s := range reporttest.HostileTexts(t) {
		if text.New(s).Cell() == "" {
			continue // empty sections are left out
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := reporttest.Poisoned(s)
			r.Evidence.RunTest.ID, r.Evidence.Execution.ID = reporttest.Harmless().Evidence.RunTest.ID, reporttest.Harmless().Evidence.Execution.ID
			got := strings.Join(outline(summaryOf(t, r)), "\n")
			if got != want {
				t.Errorf("%.80q changes the structure to\n%s\nwant\n%s", s, got, want)
			}
		})
	}
}

func TestSummaryOfTextsWithNothingToShowIsSound(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "  ", "\u200b", "\x00"} {
		sound(t, fmt.Sprintf("%q", s), summaryOf(t, reporttest.Poisoned(s)))
	}
}

var knownHTML = regexp.MustCompile(`^html (</?code>|<details>\n<summary>([^<>]|<wbr>)*</summary>|</details>)$`)

// sound checks a summary against GitHub's rules: every table row has a cell per heading,
// everything opened is closed, and there are only our own links and tags.
func sound(t *testing.T, name, s string) {
	t.Helper()
	if len(s) > SummaryLimit {
		t.Errorf("%s: %d bytes", name, len(s))
	}
	if strings.Count(s, "<details>") != strings.Count(s, "</details>") {
		t.Errorf("%s: %d details are opened and %d closed", name, strings.Count(s, "<details>"), strings.Count(s, "</details>"))
	}
	for _, x := range outline(s) {
		kind, rest, _ := strings.Cut(x, " ")
		switch {
		case kind == "image" || kind == "autolink",
			kind == "link" && !strings.HasPrefix(rest, "https://app.futureagi.com/dashboard/simulate/test/") && rest != "https://github.com/acme/support/actions/runs/1122334455",
			kind == "html" && !knownHTML.MatchString(x):
			t.Errorf("%s: %s", name, x)
		}
	}
	src := []byte(s)
	_ = ast.Walk(gfm.Parser().Parse(gmtext.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if table, ok := n.(*east.Table); ok && entering {
			for row := table.FirstChild(); row != nil; row = row.NextSibling() {
				if row.ChildCount() != len(table.Alignments) {
					t.Errorf("%s: a row of %d cells in a table of %d", name, row.ChildCount(), len(table.Alignments))
				}
			}
		}
		return ast.WalkContinue, nil
	})
	// A table row outside any table is shown as text with pipes.
	var html bytes.Buffer
	if err := gfm.Convert(src, &html); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html.String(), "|") {
		t.Errorf("%s: a row that is in no table", name)
	}
}

func TestSummaryIsSoundAtEverySize(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["5,000 calls"] = reporttest.Large(5000, 200)
	for name, r := range all {
		sound(t, name, summaryOf(t, r))
	}
}

func TestSummaryNeverExceedsItsLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("*<&_`設", 250) // almost every character is escaped
	r := reporttest.Large(3000, 3)
	r.Evidence.Calls = r.Evidence.Calls.With(func(i int, c *verdict.Call) {
		c.Scenario, c.EndedReason, c.SkipReason = text.New(long), text.New(long), text.New(long)
		switch i % 3 {
		case 0:
			c.Status = calls.Failed
		case 1:
			c.Status, c.ProcessingSkipped, c.Attempts, c.FirstOutcome = calls.Completed, false, 2, verdict.Failed
			c.EndedReason = text.New("fine")
		case 2:
			c.Status, c.ProcessingSkipped, c.EndedReason = calls.Completed, false, text.New("fine")
			r.Verdict.Deciding = append(r.Verdict.Deciding, c.ID)
		}
		for j := range c.Evals {
			reporttest.ChangeEval(&c.Evals[j], func(r *calls.EvalResult) {
				r.Name, r.Reason, r.State = text.New(long), text.New(long), calls.EvalErrored
			})
		}
	})
	for range 2000 {
		r.Verdict.Scenarios = append(r.Verdict.Scenarios, verdict.ScenarioSummary{Name: text.New(long)})
		r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: long, Scope: text.New(long), Outcome: verdict.NoData, Detail: text.New(long)})
		r.Verdict.Evals = append(r.Verdict.Evals, verdict.EvalSummary{Name: text.New(long), Labels: []verdict.LabelCount{{Label: text.New(long), Count: 1}}})
		r.Verdict.Warnings = append(r.Verdict.Warnings, text.New(long+fmt.Sprint(len(r.Verdict.Warnings))))
		r.Evidence.Reruns = append(r.Evidence.Reruns, verdict.Rerun{Attempt: 1, Error: text.New(long)})
	}
	r.Verdict.Reason, r.Verdict.Flip, r.Evidence.RunTest.Name, r.Evidence.Execution.ErrorReason = text.New(long), text.New(long), text.New(long), text.New(long)

	s := summaryOf(t, r)
	sound(t, "everything long", s)
	for _, section := range []string{"## ❌", "### Criteria", "### Failed or skipped calls", "### Calls below your bar", "### Flaky calls",
		"### Scenarios", "### Evals", "### Reruns", "<summary>Run details</summary>"} {
		if !strings.Contains(s, section) {
			t.Errorf("the section %q was pushed out", section)
		}
	}
	for _, what := range []string{"criteria", "calls", "scenarios", "evals", "reruns", "warnings", "eval results"} {
		if !regexp.MustCompile(`…and [0-9]+ more ` + what + ` in the JSON report\.`).MatchString(s) {
			t.Errorf("the summary does not count the %s that it leaves out", what)
		}
	}
}

func TestSummaryCountsEveryCallThatDidNotSucceed(t *testing.T) {
	t.Parallel()
	for _, calls := range []int{3, 200, 5000} {
		r := reporttest.Large(calls, min(calls, 8))
		s := summaryOf(t, r)
		for _, c := range report.CallsAt(r, report.Unsuccessful(r)) {
			if !strings.Contains(s, "<code>"+string(report.ShortID(c.ID))+"</code>") {
				t.Errorf("%d calls: %s is not listed", calls, c.ID)
			}
		}
	}
}

func TestSummaryPutsTheWorstFirst(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	order := func(calls []report.ShownCall) (out []string) {
		for _, c := range calls {
			out = append(out, string(c.Ending.Word()))
		}
		return out
	}
	if got, want := fmt.Sprint(order(report.CallsAt(r, report.Unsuccessful(r)))), "[failed failed skipped]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	blamed := r.Evidence.Calls.ID(report.Unsuccessful(r)[1])
	r.Verdict.Deciding = append(r.Verdict.Deciding, blamed)
	if got := r.Evidence.Calls.ID(report.Unsuccessful(r)[0]); got != blamed {
		t.Error("of two failed calls, the one that decided the verdict is not the first")
	}
	if got, want := fmt.Sprint(order(report.CallsAt(r, report.UnknownCalls(r)))), "[lost]"; got != want {
		t.Errorf("of which nothing is known: got %s, want %s", got, want)
	}
	s := summaryOf(t, reporttest.Failing())
	for _, pair := range [][2]string{{"❌ not met", "⚠️ no data"}, {"⚠️ no data", "✅ met"}, {"### Criteria", "### Failed or skipped calls"}, {"### Scenarios", "Run details"}} {
		if strings.LastIndex(s, pair[0]) > strings.Index(s, pair[1]) {
			t.Errorf("%q stands below %q", pair[0], pair[1])
		}
	}
}

func TestSummaryDrawsScoresOnlyWhereThereAreEnough(t *testing.T) {
	t.Parallel()
	for scored, want := range map[int]bool{0: false, 4: false, 5: true} {
		r := reporttest.NewRun("scores", calls.AgentText)
		for i := range scored {
			r.Call("a", calls.Completed, float64(i), "")
		}
		r.Call("a", calls.Failed, -1, "")
		if got := strings.Contains(summaryOf(t, r.Report(verdict.Verdict{Kind: verdict.Pass}, 0)), "```mermaid"); got != want {
			t.Errorf("%d scored calls: drawn is %v, want %v", scored, got, want)
		}
	}
}

func TestTableIsCutAtARow(t *testing.T) {
	t.Parallel()
	for limit := range 400 {
		p := &page{limit: limit}
		written := 0
		p.details(md("more"), func() {
			written = p.table([]head{{name: md("a")}, {name: md("b"), right: true}}, func(yield func(...span) bool) {
				for i := range 20 {
					if !yield(num(report.Count(i)), md("row")) {
						return
					}
				}
			})
		})
		if p.Len() > limit {
			t.Fatalf("limit %d: %d bytes", limit, p.Len())
		}
		s := p.String()
		if got := strings.Count(s, "| row |\n"); got != written {
			t.Errorf("limit %d: %d rows, said %d", limit, got, written)
		}
		if (written == 0) != (s == "") || strings.Count(s, "<details>") != strings.Count(s, "</details>") {
			t.Errorf("limit %d: %q", limit, s)
		}
		if s != "" && !strings.HasSuffix(s, "|\n\n</details>\n\n") {
			t.Errorf("limit %d: the end is %q", limit, s[len(s)-20:])
		}
	}
}
