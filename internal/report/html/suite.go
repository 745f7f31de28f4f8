package html

import (
	"bufio"
	"fmt"
	"html/template"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// suiteView is the input of the templates around the gates.
type suiteView struct {
	pageAssets

	Tone     tone
	Verdict  report.Lit
	Name     words
	Reason   words
	Spent    report.Figure
	Links    []linkView
	Context  []words
	Warnings listView[words]
	Gates    []gateView
	Tool     words
}

// gateView is a gate: its line in the table of gates, and its part of the page.
type gateView struct {
	Name     report.Figure
	Anchor   report.Figure
	Owner    words
	Tone     tone
	Verdict  report.Lit
	Calls    report.Figure
	Reason   words
	Disarmed report.Lit
	Ran      bool
	Open     bool // needs attention
	Page     pageView
}

// WriteSuite writes a suite as one page like [Write]: the verdict, a table of the gates, and the page of each
// gate, worst first and folded unless it needs attention. The limits of the data are shared out.
func WriteSuite(w io.Writer, s report.Suite) error {
	if err := writeSuite(w, s, dataLimit{calls: dataCalls, bytes: dataBytes}); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

func writeSuite(w io.Writer, s report.Suite, limit dataLimit) error {
	assets, err := loadAssets()
	if err != nil {
		return err
	}
	whole, err := parsePages("")
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, report.BufferSize)
	all := report.WorstGates(s)
	view := newSuiteView(s, all, assets)
	if err := whole.ExecuteTemplate(buffered, "suite-top", view); err != nil {
		return err
	}
	ran := 0
	for _, g := range all {
		if g.Ran() {
			ran++
		}
	}
	for i, g := range all {
		if !g.Ran() {
			continue
		}
		share := dataLimit{calls: limit.calls / ran, bytes: limit.bytes / ran}
		used, err := writeGate(buffered, view.Gates[i], g.Report, share)
		if err != nil {
			return err
		}
		limit.calls, limit.bytes, ran = limit.calls-used.calls, limit.bytes-used.bytes, ran-1
	}
	if err := whole.ExecuteTemplate(buffered, "suite-bottom", view); err != nil {
		return err
	}
	return buffered.Flush()
}

// writeGate writes the part of one gate, whose anchors begin with its name, and tells how much data it has.
func writeGate(w io.Writer, v gateView, r report.Report, limit dataLimit) (used dataLimit, _ error) {
	pages, err := parsePages(string(v.Name) + ".")
	if err != nil {
		return used, err
	}
	calls := newCalls(w, r, limit)
	v.Page = newPage(r, pageAssets{}, calls)
	err = pages.ExecuteTemplate(w, "gate", v)
	return calls.data.used, err
}

// parsePages returns the templates for anchors with a prefix; empty for a page of one gate.
func parsePages(prefix string) (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"id":    func(name string) string { return prefix + name },
		"alone": func() bool { return prefix == "" },
	}).ParseFS(pageFiles, "page/*.tmpl")
}

func newSuiteView(s report.Suite, all []report.Gate, assets pageAssets) suiteView {
	of := report.Report{CI: s.CI, Evidence: verdict.Evidence{Timing: s.Timing}}
	v := suiteView{
		pageAssets: assets,
		Tone:       verdictTone(s.Verdict.Kind),
		Verdict:    report.VerdictWord(s.Verdict.Kind),
		Name:       shown(text.New(string(report.CountGates(len(s.Gates)))), nameLimit),
		Reason:     shown(s.Verdict.Reason, reasonLimit),
		Spent:      report.SuiteSpending(s),
		Links:      links(of),
		Context:    contextWords(of),
		Warnings:   listed(s.Warnings, 5, func(w text.Untrusted) words { return shown(w, reasonLimit) }),
		Tool:       shown(text.Sprintf("%s %s", s.Tool.Name, s.Tool.Version), nameLimit),
	}
	for _, g := range all {
		v.Gates = append(v.Gates, showGate(g))
	}
	return v
}

func showGate(g report.Gate) gateView {
	v := gateView{
		Name: g.Name, Anchor: "gate-" + g.Name, Tone: verdictTone(g.Verdict.Kind), Verdict: report.VerdictWord(g.Verdict.Kind),
		Reason: shown(g.Verdict.Reason, reasonLimit), Disarmed: report.Disarmed(g.Report), Ran: g.Ran(), Open: report.NeedsAttention(g),
	}
	if v.Open {
		v.Owner = shown(g.Owner, nameLimit)
	}
	if g.NotStarted() {
		v.Tone = bad // no better than a failure
	}
	if g.Ran() && report.Ran(g.Report) {
		v.Calls = report.Count(g.Verdict.Counts.Total) + report.InQuarantine(g.Report)
	}
	return v
}
