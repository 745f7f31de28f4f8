package report_test

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/github"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// shortID finds calls in a text.
var shortID = regexp.MustCompile(`\b[0-9a-f]{8}\b`)

// named are the calls in the order in which a text names them first.
func named(s string, of map[string]string) (names []string) {
	for _, id := range shortID.FindAllString(s, -1) {
		if name := of[id]; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// after is the part of a text after a mark.
func after(t *testing.T, s, mark string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, mark)
	if !ok {
		t.Fatalf("%q is nowhere", mark)
	}
	return rest
}

func TestEveryFormat_listsCallsWorstFirst(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("worst", calls.AgentVoice)
	for _, c := range []struct {
		status calls.Status
		score  float64
		ended  string
	}{
		{calls.Completed, 4, "ok"}, {calls.Failed, -1, reporttest.NoBalance}, {calls.Completed, 1, "ok"}, {calls.Completed, 9, "ok"},
		{calls.Failed, -1, "no-answer"}, {calls.Completed, 2, "ok"},
	} {
		run.Call("Refund", c.status, c.score, c.ended)
	}
	e := run.Done()
	r := judged(t, e, "pass_rate >= 90")
	r.ExitCode = 1
	of := map[string]string{}
	ids := map[string]uuid.UUID{}
	for _, c := range e.Calls.All() {
		name := "passed"
		switch {
		case c.Outcome() == verdict.Lost:
			name = "lost"
		case c.Outcome() == verdict.Failed:
			name = "failed"
		case *c.OverallScore < 5:
			name = "score " + string(report.Number(c.OverallScore, 0))
		}
		of[string(report.ShortID(c.ID))], ids[name] = name, c.ID
	}
	want := []string{"failed", "score 1", "score 2", "score 4", "lost"}

	var annotations strings.Builder
	for _, a := range github.Annotations(r) {
		if a.Severity == ci.SeverityError {
			annotations.WriteString(a.Title.Line() + "\n")
		}
	}
	text := asString(t, r, func(w io.Writer, r report.Report) error { return terminal.Details(w, r, terminal.Options{Width: 120}) })
	summary := asSummary(t, r)
	for where, got := range map[string][]string{
		"the terminal's lists":    named(after(t, text, "Failed or skipped"), of),
		"the summary's lists":     named(after(t, summary, "### Failed or skipped calls"), of),
		"the annotations":         append(named(annotations.String(), of), "lost"), // which are no calls to look at
		"JUnit":                   named(asJUnit(t, r), of)[:5],
		"the calls of the page":   named(after(t, asHTML(t, r), `"calls":[`), of)[:5],
		"the calls of a check":    append(named(strings.Join(check(r), " "), of), "lost"),
		"the page without script": named(after(t, asHTML(t, r), `id="calls"`), of)[:5],
	} {
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", where, got, want)
		}
	}
}

// check are the calls of the first check.
func check(r report.Report) (ids []string) {
	for _, id := range r.Verdict.Checks[0].Worst {
		ids = append(ids, string(report.ShortID(id)))
	}
	return ids
}
