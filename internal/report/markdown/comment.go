package markdown

import (
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

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
	commentCell     = 150 // characters of a text in a table
	commentCriteria = 10
	commentCalls    = 5
	commentCauses   = 5
	commentMetrics  = 15
	commentCases    = 5
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

// Comment writes the report as a Markdown comment on a pull or merge request, for narrow screens too: the
// verdict in one line, the failed checks as a list, and everything else folded. It stays within GitHub's
// limit.
func Comment(w io.Writer, r report.Report, o CommentOptions) error {
	p := newComment(r.Verdict.Kind, o)
	p.brief(r)
	p.folded(r)
	return p.endComment(w, r, o)
}

// newComment begins a comment, and leaves room for its end.
func newComment(k verdict.Kind, o CommentOptions) *page {
	const shareEnd = 4 << 10 // for the links and earlier verdicts
	p := &page{limit: commentLimit - shareEnd}
	title := md("### ").then(verdictMark(k), md(" Agent gate: "), md(report.VerdictWord(k)))
	if !report.Blank(o.Job) {
		title = title.then(md(" · "), word(o.Job, 100))
	}
	p.block(title)
	return p
}

// endComment adds the links and earlier verdicts, and writes the comment.
func (p *page) endComment(w io.Writer, r report.Report, o CommentOptions) error {
	p.limit = commentLimit
	p.readOn(r)
	p.past(o.Before)
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the comment: %w", err)
	}
	return nil
}

// brief writes what is not folded: the verdict's line, and the failed checks with the worst call of each.
func (p *page) brief(r report.Report) {
	const share = 16 << 10
	v := r.Verdict
	if d := report.Disarmed(r); d != "" {
		p.block(md("> ⚠️ ").then(md(d).bold()))
	}
	if note := report.ReuseNote(r); !report.Blank(note) {
		p.block(md("> ♻️ "), word(note, commentText))
	}
	switch {
	case len(v.Checks) == 0 || r.Evidence.FailFast != nil:
		p.block(word(v.Reason, commentText).bold())
	default:
		p.block(num(report.Headline(r)).bold())
		if v.Kind == verdict.Error {
			p.block(word(v.Reason, commentText))
		}
	}
	p.within(share, func() { p.failedChecks(r) })
}

// toldCall is a call that stands for a cause.
type toldCall struct {
	id    uuid.UUID
	cause report.CauseName
}

// failedChecks lists the checks that are not met, each with the worst call of its main cause, or of
// the next one if that stands above.
func (p *page) failedChecks(r report.Report) {
	const more = 100 // bytes reserved for the sentence that counts the rest
	limit, open, written := p.limit, 0, 0
	p.limit -= more
	told, v := map[toldCall]bool{}, report.NewViewer(r)
	for _, g := range report.CheckGroups(r) {
		if g.Outcome == verdict.Met {
			continue
		}
		if open++; open > commentCriteria {
			continue
		}
		item := label(report.CheckRow{CheckGroup: g})
		within := g.Open
		if g.Several() {
			item = checkMark(g.Outcome).then(md(" "), code(g.Title(), commentCell), md(": "), num(g.Tally()))
		} else {
			within = []verdict.Check{g.Check}
		}
		if !p.write(md("- "), item, md("\n")) {
			break
		}
		written++
		for i, c := range within {
			if i == commentCalls {
				p.write(md("  - and "), num(report.Count(len(within)-i)), md(" more\n"))
				break
			}
			lead := md("  - ")
			if g.Several() {
				p.write(lead, label(report.CheckRow{CheckGroup: report.CheckGroup{Check: c, Of: 1}, Within: true}), md("\n"))
				lead = md("    - ")
			}
			if causes := v.CheckCauses(c); len(causes) > 0 {
				at := max(slices.IndexFunc(causes, func(c report.Cause) bool { return !told[toldCall{c.First, c.Name()}] }), 0)
				shown := toldCall{causes[at].First, causes[at].Name()}
				call, _ := v.Worst(causes[at])
				p.write(lead, story(v, causes[at], call, told[shown]), md("\n"))
				told[shown] = true
			}
		}
	}
	p.limit = limit
	if written > 0 {
		p.write(md("\n"))
	}
	p.rest(open-written, "criteria")
}

// folded writes everything else, folded.
func (p *page) folded(r report.Report) {
	const share = 8 << 10
	fold := func(title span, body func()) { p.within(share, func() { p.details(title, body) }) }
	if all := report.Causes(r); len(all) > 0 {
		fold(md("Why: ").then(num(report.Count(len(all))), num(report.Plural(report.Count(len(all)), " cause", " causes"))), func() {
			few(p, []head{{name: md("Calls"), right: true}, {name: md("Why")}, {name: md("Worst")}}, all, commentCauses, causeCells(r, commentCell), "causes")
		})
	}
	before := report.Before(r)
	if all := report.Versus(r, before); all != nil {
		worse, better := report.CaseChanges(r, before)
		fold(md("Against ").then(word(report.BaselineName(r), 60), md(": "), num(report.CountChanges(all, worse, better))), func() { p.fewVersus(all, worse, better) })
	}
	if all := report.OtherWarnings(r); len(all) > 0 {
		fold(num(report.Count(len(all))).then(num(report.Plural(report.Count(len(all)), " warning", " warnings"))), func() { p.fewWarnings(all) })
	}
	fold(md("Numbers"), func() {
		if len(r.Verdict.Checks) > 0 && r.Evidence.FailFast == nil && r.Verdict.Kind != verdict.Error {
			p.block(word(r.Verdict.Reason, commentText))
		}
		p.numbers(r)
		p.fewCases(r)
	})
}

// fewVersus compares with the baseline: a line for each metric, then the cases.
func (p *page) fewVersus(all []report.MetricChange, worse, better []report.CaseChange) {
	over := all[0].Over // of most numbers, so that it stands once
	if over != "" {
		p.block(md("Over "), num(over), md(" that both runs played, unless a line says something else:"))
	}
	for i, m := range all {
		if i == commentMetrics {
			break
		}
		line := md("- ").then(word(m.Name, 60), md(" "), num(m.Then), md(" → "), num(m.Now).bold())
		if m.Change != "" {
			line = line.then(md(" ("), num(m.Change), md(")"))
		}
		if t := trend(m.Trend); t.s != "" {
			line = line.then(md(" "), t)
		}
		if m.Over != "" && m.Over != over {
			line = line.then(md(", over "), num(m.Over))
		}
		if m.All != "" {
			line = line.then(md("; all calls: "), num(m.All))
		}
		p.write(line, md("\n"))
	}
	p.write(md("\n"))
	p.rest(len(all)-commentMetrics, "metrics")
	p.fewChanges("Cases that got worse", worse)
	p.fewChanges("Cases that got better", better)
}

// fewChanges lists cases that changed, a line for each.
func (p *page) fewChanges(heading report.Lit, all []report.CaseChange) {
	if len(all) == 0 {
		return
	}
	p.block(md("**"), md(heading), md(" ("), num(report.Count(len(all))), md(")**"))
	for i, c := range all {
		if i == commentCases || !p.write(md("- "), word(c.Name, 80), md(": "), side(c.Then, false), md(" → "), side(c.Now, true), md("\n")) {
			break
		}
	}
	p.write(md("\n"))
	p.rest(len(all)-commentCases, "cases")
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
		p.block(md("…and "), num(report.Count(n)), md(" more "), md(counted(n, what)), md(" in the job's reports."))
	}
}

func (p *page) fewWarnings(all []text.Untrusted) {
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
