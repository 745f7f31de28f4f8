package report_test

import (
	"io"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/github"
	"github.com/agent-gate/agent-gate/internal/report/gitlab"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestPageLinksToItsCallsAndKeepsItsQuery(t *testing.T) {
	t.Parallel()
	id := reporttest.ID("call", 1)
	for name, c := range map[string]struct {
		page       report.Places
		link, call string
	}{
		"unknown":       {report.Places{}, "", ""},
		"plain":         {report.Places{URL: "https://x.example/r.html"}, "https://x.example/r.html", "https://x.example/r.html#calls?call=ID"},
		"with a query":  {report.Places{URL: "https://x.example/r?a=1&b=2"}, "https://x.example/r?a=1&b=2", "https://x.example/r?a=1&b=2#calls?call=ID"},
		"of a gate":     {report.Places{URL: "https://x.example/r", Gate: "voice"}, "https://x.example/r#gate-voice", "https://x.example/r#voice.calls?call=ID"},
		"with brackets": {report.Places{URL: "https://x.example/r(1)"}, "https://x.example/r%281%29", "https://x.example/r%281%29#calls?call=ID"},
		"no web page":   {report.Places{URL: "javascript:alert(1)"}, "", ""},
		"with a login":  {report.Places{URL: "https://a:b@x.example/"}, "", ""},
	} {
		if got := string(c.page.Page()); got != c.link {
			t.Errorf("%s: got %s, want %s", name, got, c.link)
		}
		if got, want := string(c.page.Call(id)), strings.Replace(c.call, "ID", id.String(), 1); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func annotated(w io.Writer, r report.Report) error {
	log := ci.NewLog(w, ci.LogOptions{Provider: job.GitHub})
	for _, a := range github.Annotations(r) {
		log.Annotate(a)
	}
	log.Close()
	return nil
}

// TestCallsAreOneClickAway: each report that names a call links it to the HTML report, once it is known where
// that will be.
func TestCallsAreOneClickAway(t *testing.T) {
	t.Parallel()
	const at = "https://reports.example.com/r.html"
	r := reporttest.Failing()
	worst, _ := report.WorstCalls(r, 3)
	for name, write := range map[string]func(io.Writer, report.Report) error{
		"summary": markdown.Summary, "annotations": annotated, "gitlab": gitlab.Links,
		"comment": func(w io.Writer, r report.Report) error { return markdown.Comment(w, r, markdown.CommentOptions{}) },
	} {
		without, with := r, r
		with.Places.URL = at
		if out := asString(t, without, write); strings.Contains(out, "?call=") {
			t.Errorf("%s: a link to nowhere", name)
		}
		out := asString(t, with, write)
		for _, c := range worst {
			if want := at + "#calls?call=" + c.ID.String(); !strings.Contains(out, want) {
				t.Errorf("%s: no link %s", name, want)
			}
		}
	}
}

func TestCallsOfASuiteAreOneClickAway(t *testing.T) {
	t.Parallel()
	const at = "https://reports.example.com/r.html"
	s := reporttest.Suite()
	s.Places.URL = at
	for i := range s.Gates {
		s.Gates[i].Places = report.Places{URL: at, Gate: s.Gates[i].Name}
	}
	want := at + "#support-voice.calls?call="
	for name, write := range map[string]func(io.Writer) error{
		"summary": func(w io.Writer) error { return markdown.SuiteSummary(w, s) },
		"comment": func(w io.Writer) error { return markdown.SuiteComment(w, s, markdown.CommentOptions{}) },
		"gitlab":  func(w io.Writer) error { return gitlab.SuiteLinks(w, s) },
	} {
		if out := string(reporttest.Render(t, write)); !strings.Contains(out, want) {
			t.Errorf("%s: no link %s", name, want)
		}
	}
}
