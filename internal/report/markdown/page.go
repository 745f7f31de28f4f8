package markdown

import (
	"bytes"
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A span is a piece of Markdown that is safe where it stands. It is made of words of
// ours, of figures, and of a stranger's text through the door of cells; of a string
// variable it cannot be made.
type span struct{ s string }

// md is Markdown of ours, as it stands.
func md(l report.Lit) span { return span{s: string(l)} }

// num is a figure.
func num(f report.Figure) span { return span{s: string(f)} }

// word is a stranger's text of at most n characters.
func word(t text.Untrusted, n int) span { return span{s: t.CellMax(n)} }

// inDiagram is a stranger's text of at most n characters between the quotes of a
// diagram.
func inDiagram(t text.Untrusted, n int) span { return span{s: t.Diagram(n)} }

// code is a stranger's text in fixed width. It is not a Markdown code span, since in
// one a door cannot escape anything.
func code(t text.Untrusted, n int) span {
	return span{s: "<code>" + t.CellMax(n) + "</code>"}
}

// mono is a figure in fixed width.
func mono(f report.Figure) span { return span{s: "<code>" + string(f) + "</code>"} }

// anchor is a link of ours; without a target it is only its words.
func anchor(words report.Lit, target report.Figure) span {
	if target == "" {
		return md(words)
	}
	return span{s: "[" + string(words) + "](" + string(target) + ")"}
}

func (a span) then(spans ...span) span {
	for _, b := range spans {
		a.s += b.s
	}
	return a
}

func (a span) bold() span {
	if a.s == "" {
		return a
	}
	return span{s: "**" + a.s + "**"}
}

// A page is a Markdown document that never grows beyond its limit: a block that does
// not fit is left out as a whole, and a table ends at a row. What opens is closed.
type page struct {
	bytes.Buffer
	limit int // of what may be written next, in bytes; closing tags are reserved for
}

// block writes one paragraph, heading or list item group and a blank line after it.
func (p *page) block(spans ...span) bool {
	return p.write(md("").then(spans...), md("\n\n"))
}

// write writes spans as they are, or nothing when they do not fit.
func (p *page) write(spans ...span) bool { return p.raw(md("").then(spans...).s) }

func (p *page) raw(s string) bool {
	if p.Len()+len(s) > p.limit {
		return false
	}
	p.WriteString(s)
	return true
}

// within runs a section that may use at most n more bytes of the page.
func (p *page) within(n int, section func()) {
	limit := p.limit
	p.limit = min(limit, p.Len()+n)
	section()
	p.limit = limit
}

// A head is the heading of a column of a table.
type head struct {
	name  span
	right bool
}

// table writes rows under headings until the page is full, and returns how many it
// wrote. Without a row there is no table.
func (p *page) table(heads []head, rows func(yield func(cells ...span) bool)) int {
	var top, rule strings.Builder
	for _, h := range heads {
		top.WriteString("| " + h.name.s + " ")
		if h.right {
			rule.WriteString("|---:")
		} else {
			rule.WriteString("|---")
		}
	}
	lead := top.String() + "|\n" + rule.String() + "|\n"

	limit, written := p.limit, 0
	p.limit -= len("\n") // the blank line that ends the table
	rows(func(cells ...span) bool {
		var row strings.Builder
		for _, c := range cells {
			row.WriteString("| " + c.s + " ")
		}
		row.WriteString("|\n")
		if !p.raw(lead + row.String()) {
			return false
		}
		lead = ""
		written++
		return true
	})
	p.limit = limit
	if written > 0 {
		p.raw("\n")
	}
	return written
}

// details writes a part that is closed until a reader opens it. It is left out when
// the body writes nothing.
func (p *page) details(summary span, body func()) {
	const end = "</details>\n\n"
	open := "<details>\n<summary>" + summary.s + "</summary>\n\n"
	start, limit := p.Len(), p.limit
	p.limit -= len(end)
	if p.raw(open) {
		body()
		if p.Len() == start+len(open) {
			p.Truncate(start)
		}
	}
	p.limit = limit
	if p.Len() > start {
		p.raw(end)
	}
}

// fence writes a stranger's text as a block of its own.
func (p *page) fence(t text.Untrusted) { p.raw(t.Fence() + "\n") }
