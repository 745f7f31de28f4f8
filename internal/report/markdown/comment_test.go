package markdown

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func commentOf(t *testing.T, r report.Report) string {
	t.Helper()
	return commentWith(t, r, CommentOptions{})
}

func commentWith(t *testing.T, r report.Report, o CommentOptions) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error { return Comment(w, r, o) }))
}

func TestCommentLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".comment.md", []byte(commentOf(t, r)))
		})
	}
}

func TestCommentNamesItsJobAndItsPast(t *testing.T) {
	t.Parallel()
	got := commentWith(t, reporttest.Passing(), CommentOptions{
		Job: text.New("gate (billing, 7)"),
		Before: []Past{
			{Verdict: verdict.Fail, SHA: "abc1234def5678901234567890123456789012ab"},
			{Verdict: verdict.Inconclusive, SHA: "](x)"},
			{Verdict: "forged", SHA: "abc1234"},
			{Verdict: verdict.Pass}, {Verdict: verdict.Skip}, {Verdict: verdict.Pass, SHA: "0000000"},
		},
	})
	reporttest.Golden(t, "pass-again.comment.md", []byte(got))
	want := "\nPrevious verdicts: ❌ FAIL at abc1234 · ⚠️ INCONCLUSIVE · ❌ ERROR at abc1234 · ✅ PASS · ⚠️ SKIPPED\n"
	if !strings.Contains(got, want) {
		t.Errorf("the comment has no line %q:\n%s", want, got)
	}
	if first, _, _ := strings.Cut(got, "\n"); first != "### ✅ Agent gate: PASS · gate (billing, 7)" {
		t.Errorf("the first line is %q", first)
	}
}

func TestCommentOfHostileTextHasTheStructureOfAHarmlessOne(t *testing.T) {
	t.Parallel()
	options := func(s string) CommentOptions {
		return CommentOptions{Job: text.New(s), Before: []Past{{Verdict: verdict.Kind(s), SHA: s}}}
	}
	want := strings.Join(outline(commentWith(t, reporttest.Harmless(), options("Refund"))), "\n")
	for i, s := range reporttest.HostileTexts(t) {
		if text.New(s).Cell() == "" {
			continue // empty sections are left out
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := reporttest.Poisoned(s)
			r.Evidence.RunTest.ID, r.Evidence.Execution.ID = reporttest.Harmless().Evidence.RunTest.ID, reporttest.Harmless().Evidence.Execution.ID
			got := commentWith(t, r, options(s))
			if got := strings.Join(outline(got), "\n"); got != want {
				t.Errorf("%.80q changes the structure to\n%s\nwant\n%s", s, got, want)
			}
			// GitLab treats a line that starts with a slash as a command, and both look for
			// mentions in the rendered text.
			for line := range strings.Lines(got) {
				if strings.HasPrefix(strings.TrimSpace(line), "/") || strings.Contains(line, "@") || strings.Contains(line, "<!--") {
					t.Errorf("%.80q makes the line %q", s, line)
				}
			}
		})
	}
}

func TestCommentIsSoundAtEverySize(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["5,000 calls"] = reporttest.Large(5000, 200)
	for _, s := range []string{"", "  ", "\u200b", "\x00"} {
		all[fmt.Sprintf("%q", s)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		got := commentOf(t, r)
		sound(t, name, got)
		if len(got) > 8<<10 {
			t.Errorf("%s: %d bytes are no short comment", name, len(got))
		}
	}
}

func TestCommentNeverExceedsItsLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("$*<&_`設", 250) // almost every character is escaped
	r := reporttest.Large(300, 3)
	r.Evidence.Calls = r.Evidence.Calls.With(func(i int, c *verdict.Call) {
		c.Scenario, c.EndedReason, c.SkipReason = text.New(long), text.New(long), text.New(long)
		if i > 1 {
			c.Status, c.ProcessingSkipped, c.EndedReason = calls.Completed, false, text.New("fine")
			r.Verdict.Deciding = append(r.Verdict.Deciding, c.ID)
		}
	})
	for i := range 100 {
		r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: long, Scope: text.New(long), Outcome: verdict.NotMet, Detail: text.New(long)})
		r.Verdict.Warnings = append(r.Verdict.Warnings, text.New(long+fmt.Sprint(i)))
	}
	r.Verdict.Reason, r.Verdict.Flip = text.New(long), text.New(long)
	r.CI.JobURL = "https://github.com/" + strings.Repeat("a", 1<<20)
	got := commentWith(t, r, CommentOptions{Job: text.New(long), Before: []Past{{Verdict: verdict.Fail, SHA: "abc1234"}}})
	if len(got) > commentLimit {
		t.Errorf("%d bytes", len(got))
	}
	sound(t, "everything long", got)
	for _, part := range []string{"### ❌", "Gap: ", "| Calls |", "more criteria in the job", "Previous verdicts: ❌ FAIL at abc1234"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q was pushed out", part)
		}
	}
}
