package markdown

import (
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// commentLimit is the maximum size of a comment, in bytes: well below GitHub's 65,536
// characters and GitLab's 1,000,000 (docs.gitlab.com/administration/instance_limits, size of
// comments).
const commentLimit = 56 << 10

// Limits of what a comment shows; the rest is in the job's reports.
const (
	commentText     = 400 // characters of the reason
	commentCell     = 150 // characters of a text in the table of criteria
	commentCall     = 50  // characters of a text in the table of calls; twice as many of a reason
	commentCriteria = 10
	commentCalls    = 5
	commentWarnings = 3
	commentPast     = 5
)

// Past is an earlier verdict of the same job on the same pull or merge request.
type Past struct {
	Verdict verdict.Kind
	SHA     string // commit that was judged; empty if unknown
}

// CommentOptions is what a comment says besides the report.
type CommentOptions struct {
	// Job names the job and its matrix leg, since several gates may comment on one pull
	// request.
	Job text.Untrusted
	// Before are the earlier verdicts, newest first. Five of them are shown.
	Before []Past
}

// Comment writes the report as a Markdown comment on a pull or merge request: the verdict and
// its reason, the criteria, the worst calls, and links. It stays within GitHub's limit.
func Comment(w io.Writer, r report.Report, o CommentOptions) error {
	const (
		shareEnd      = 4 << 10 // for the links and earlier verdicts at the end
		shareCriteria = 20 << 10
		shareCalls    = 8 << 10
		shareWarnings = 4 << 10
	)
	p := &page{limit: commentLimit - shareEnd}
	title := md("### ").then(verdictMark(r.Verdict.Kind), md(" Agent gate: "), md(report.VerdictWord(r.Verdict.Kind)))
	if !report.Blank(o.Job) {
		title = title.then(md(" · "), word(o.Job, 100))
	}
	p.block(title)
	p.decision(r, commentText)
	p.within(shareCriteria, func() { p.fewCriteria(r) })
	p.fewCases(r)
	p.within(shareCalls, func() { p.worstCalls(r) })
	p.within(shareWarnings, func() { p.fewWarnings(r) })
	p.limit = commentLimit
	p.readOn(r)
	p.past(o.Before)
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the comment: %w", err)
	}
	return nil
}

func (p *page) fewCriteria(r report.Report) {
	few(p, criteriaHeads(r), report.Checks(r), commentCriteria, func(c verdict.Check) []span { return criterionCells(c, commentCell) }, "criteria")
}

// worstCalls lists failed and skipped calls and, if there is room left, low ones.
func (p *page) worstCalls(r report.Report) {
	failed, low := report.Unsuccessful(r), report.Low(r)
	if n := len(failed); n > 0 {
		p.block(md("**Failed or skipped calls ("), num(report.Count(n)), md(")**"))
		few(p, unsuccessfulHeads(), failed, commentCalls, report.ByIndex(r, unsuccessfulCells(commentCall)), "calls")
	}
	if n, room := len(low), commentCalls-len(failed); n > 0 && room > 0 {
		p.block(md("**"), md(lowHeading), md(" ("), num(report.Count(n)), md(")**"))
		few(p, lowHeads(), low, room, report.ByIndex(r, lowCells), "calls")
	}
}

// few writes a table of the first items and counts the rest.
func few[T any](p *page, heads []head, items []T, limit int, row func(T) []span, what report.Lit) {
	const more = 100 // bytes reserved for the sentence that counts the rest
	p.limit -= more
	written := p.table(heads, func(yield func(...span) bool) {
		for _, item := range items[:min(len(items), limit)] {
			if !yield(row(item)...) {
				return
			}
		}
	})
	p.limit += more
	p.rest(len(items)-written, what)
}

// rest counts what the comment leaves out.
func (p *page) rest(n int, what report.Lit) {
	if n > 0 {
		p.block(md("…and "), num(report.Count(n)), md(" more "), md(what), md(" in the job's reports."))
	}
}

func (p *page) fewWarnings(r report.Report) {
	all := report.OtherWarnings(r)
	written := 0
	for _, w := range all[:min(len(all), commentWarnings)] {
		if !p.write(md("- ⚠️ "), word(w, 200), md("\n")) {
			break
		}
		written++
	}
	if written > 0 {
		p.write(md("\n"))
	}
	p.rest(len(all)-written, "warnings")
}

// readOn links to the job and says what was judged.
func (p *page) readOn(r report.Report) {
	line, sep := md(""), md("")
	part := func(s span) {
		line = line.then(sep, s)
		sep = md(" · ")
	}
	if u := report.Link(r.CI.JobURL); u != "" {
		part(anchor("Job and reports", u))
	}
	if u := r.Places.Page(); u != "" {
		part(anchor("HTML report", u))
	}
	if sha := report.ShortCommit(r.CI.SHA); sha != "" {
		part(md("commit ").then(num(sha)))
	}
	if d, ok := report.Took(r.Evidence.Timing); ok {
		part(md("took ").then(num(report.Duration(d))))
	}
	if len(r.Verdict.Checks) > 0 {
		part(md("intervals: ").then(num(report.Intervals(r))))
	}
	if line.s != "" {
		p.block(line)
	}
}

// past lists the verdicts that this comment showed before.
func (p *page) past(before []Past) {
	if len(before) == 0 {
		return
	}
	line := md("Previous verdicts: ")
	for i, b := range before[:min(len(before), commentPast)] {
		if i > 0 {
			line = line.then(md(" · "))
		}
		line = line.then(verdictMark(b.Verdict), md(" "), md(report.VerdictWord(b.Verdict)))
		if sha := report.ShortCommit(b.SHA); sha != "" {
			line = line.then(md(" at "), num(sha))
		}
	}
	p.block(line)
}
