// Package gitlab writes the links that GitLab shows beside the job
// (artifacts:reports:annotations). It does not know GitLab's API.
package gitlab

import (
	"cmp"
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Limits. GitLab accepts 80 KB with 20 sections of 1000 links each
// (doc/administration/instance_limits.md and ci_job_annotation_data.json), and shows all of
// them beside the job, so a few are enough.
const (
	linkedCalls = 10
	linkLabel   = 160 // characters
	reuseLabel  = 320 // characters
)

// externalLink is a link in GitLab's artifacts:reports:annotations.
type externalLink struct {
	External struct {
		Label string        `json:"label"`
		URL   report.Figure `json:"url"`
	} `json:"external_link"`
}

// Links writes links for GitLab's artifacts:reports:annotations: the run in the dashboard, the HTML
// report, whose calls they are if an earlier start paid for them, and the worst calls in the order of the summary. A call's link leads to the call in the HTML
// report. If nobody said where that will be, it leads to the list of its execution, since the dashboard
// has no URL for a single call, and its label says what to look for.
func Links(w io.Writer, r report.Report) error {
	sections := map[string][]externalLink{}
	if all := linksOf(r); len(all) > 0 {
		sections["agent-gate"] = all
	}
	return write(w, sections)
}

// linksOf returns the links of a run.
func linksOf(r report.Report) []externalLink {
	return linksTo(r, report.Link(r.Evidence.Execution.URL), r.Places.Page())
}

// write writes links by their sections.
func write(w io.Writer, sections map[string][]externalLink) error {
	b, err := report.IndentedJSON(sections)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("write the links: %w", err)
	}
	return nil
}

func linksTo(r report.Report, dashboard, page report.Figure) []externalLink {
	var out []externalLink
	add := func(label text.Untrusted, most int, u report.Figure) {
		if u == "" {
			return
		}
		l := externalLink{}
		l.External.Label, l.External.URL = label.LineMax(most), u
		out = append(out, l)
	}
	word := string(report.VerdictWord(r.Verdict.Kind))
	add(text.Sprintf("%s: run in the dashboard", word), linkLabel, dashboard)
	add(text.Sprintf("%s: HTML report", word), linkLabel, page)
	if note := report.ReuseNote(r); !report.Blank(note) {
		add(note, reuseLabel, cmp.Or(dashboard, page))
	}
	worst, n := report.WorstCalls(r, linkedCalls)
	for _, c := range worst {
		label := report.CallTitle(c)
		if more := report.CallDetail(c); !report.Blank(more) {
			label = text.Sprintf("%s: %s", label, more)
		}
		add(label, linkLabel, cmp.Or(c.Page, c.In.URL, dashboard))
	}
	if left := n - len(worst); left > 0 {
		add(text.Sprintf("and %d more in the JSON report", left), linkLabel, cmp.Or(page, dashboard))
	}
	return out
}
