// Package gitlab writes the links that GitLab shows beside the job
// (artifacts:reports:annotations). It does not know GitLab's API.
package gitlab

import (
	"bytes"
	"cmp"
	"encoding/json"
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
)

// externalLink is a link in GitLab's artifacts:reports:annotations.
type externalLink struct {
	External struct {
		Label string        `json:"label"`
		URL   report.Figure `json:"url"`
	} `json:"external_link"`
}

// Links writes links for GitLab's artifacts:reports:annotations: the run in the dashboard, and
// the worst calls in the order of the summary. The dashboard has no URL for a single call, so
// links lead to the list of its execution, and their labels say what to look for.
func Links(w io.Writer, r report.Report) error {
	sections := map[string][]externalLink{}
	if all := linksOf(r); len(all) > 0 {
		sections["agent-gate"] = all
	}
	return write(w, sections)
}

// linksOf returns the links of a run.
func linksOf(r report.Report) []externalLink {
	return dashboardLinks(r, report.Link(r.Evidence.Execution.URL))
}

// write writes links by their sections.
func write(w io.Writer, sections map[string][]externalLink) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(sections)
	if err == nil {
		_, err = w.Write(report.Inert(b.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("write the links: %w", err)
	}
	return nil
}

func dashboardLinks(r report.Report, u report.Figure) []externalLink {
	if u == "" {
		return nil
	}
	var out []externalLink
	add := func(label text.Untrusted, u report.Figure) {
		l := externalLink{}
		l.External.Label, l.External.URL = label.LineMax(linkLabel), u
		out = append(out, l)
	}
	add(text.Sprintf("%s: run in the dashboard", string(report.VerdictWord(r.Verdict.Kind))), u)
	worst, n := report.WorstCalls(r, linkedCalls)
	for _, c := range worst {
		add(text.Sprintf("%s: %s", report.CallTitle(c), report.CallWhy(c)), cmp.Or(c.In.URL, u))
	}
	if left := n - len(worst); left > 0 {
		add(text.Sprintf("and %d more in the JSON report", left), u)
	}
	return out
}
