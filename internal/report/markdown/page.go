package markdown

import (
	"bytes"
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A span is Markdown that is safe where it is used. It is made of literals, figures, and
// untrusted text that went through the door of cells, and cannot be made from a string
// variable.
type span struct{ s string }

// md returns literal Markdown.
func md(l report.Lit) span { return span{s: string(l)} }

// num returns a figure.
func num(f report.Figure) span { return span{s: string(f)} }

// word returns untrusted text of at most n characters.
func word(t text.Untrusted, n int) span { return span{s: t.CellMax(n)} }

// code returns untrusted text in a fixed-width font. It is not a Markdown code span, because
// nothing can be escaped inside one.
func code(t text.Untrusted, n int) span {
	return span{s: "<code>" + t.CellMax(n) + "</code>"}
}

// mono returns a figure in a fixed-width font.
func mono(f report.Figure) span { return span{s: "<code>" + string(f) + "</code>"} }

// anchor returns a link; just the words without a target.
func anchor(words report.Lit, target report.Figure) span { return md(words).to(target) }

// to makes a link of a; just a without a target.
func (a span) to(target report.Figure) span {
	if target == "" {
		return a
	}
	return span{s: "[" + a.s + "](" + string(target) + ")"}
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

// A page is a Markdown document with a size limit: a block that does not fit is left out as a
// whole, and a table ends after a row. Everything that is opened is closed.
type page struct {
	bytes.Buffer
	limit int // bytes that may be written; closing tags are reserved
}

// block writes a paragraph, heading or group of list items, and a blank line.
func (p *page) block(spans ...span) bool {
	return p.write(md("").then(spans...), md("\n\n"))
}

// write writes spans unchanged, or nothing if they do not fit.
func (p *page) write(spans ...span) bool { return p.raw(md("").then(spans...).s) }

func (p *page) raw(s string) bool {
	if p.Len()+len(s) > p.limit {
		return false
	}
	p.WriteString(s)
	return true
}

// within runs a section that may use at most n more bytes.
func (p *page) within(n int, section func()) {
	limit := p.limit
	p.limit = min(limit, p.Len()+n)
	section()
	p.limit = limit
}

// A head is a column heading of a table.
type head struct {
	name  span
	right bool
}

// table writes rows until the page is full, and returns how many it wrote. Without rows it
// writes nothing.
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
	p.limit -= len("\n") // the blank line after the table
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

// details writes a collapsed section, or nothing if the body is empty.
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

// fence writes untrusted text as a fenced block.
func (p *page) fence(t text.Untrusted) { p.raw(t.Fence() + "\n") }
