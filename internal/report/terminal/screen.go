package terminal

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A style is how a terminal shows a field. Style alone carries no information.
type style string

// The styles, as parameters of the SGR sequence (ECMA-48, 8.3.117).
const (
	normal style = ""
	strong style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	purple style = "35"
)

// A field is a part of a line: a literal, a figure, or untrusted text that went through the
// door of lines.
type field struct {
	s     string
	style style
}

func say(l report.Lit) field                 { return field{s: string(l)} }
func fig(f report.Figure) field              { return field{s: string(f)} }
func brief(t text.Untrusted, n int) field    { return field{s: t.LineMax(n)} }
func said(t text.Untrusted) field            { return field{s: t.Line()} }
func (f field) in(s style) field             { return field{s: f.s, style: s} }
func (f field) then(g field) field           { return field{s: f.s + g.s, style: f.style} }
func (f field) and(l report.Lit) field       { return f.then(say(l)) }
func (f field) figure(g report.Figure) field { return f.then(fig(g)) }

// A screen collects the lines of a terminal report of a given width.
type screen struct {
	bytes.Buffer
	width  int
	colour bool
}

func (s *screen) paint(f field) string {
	if !s.colour || f.style == normal || f.s == "" {
		return f.s
	}
	return "\x1b[" + string(f.style) + "m" + f.s + "\x1b[0m"
}

// line writes fields side by side.
func (s *screen) line(fields ...field) {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(s.paint(f))
	}
	s.WriteString(strings.TrimRight(b.String(), " "))
	s.WriteByte('\n')
}

// heading writes an empty line and a section heading.
func (s *screen) heading(f field) {
	s.WriteByte('\n')
	s.paragraph(field{}, f.in(strong), 2)
}

// paragraph writes a lead and, beside it, a text wrapped to at most max lines.
func (s *screen) paragraph(lead, body field, max int) {
	indent := columns(lead.s)
	for i, part := range wrap(body.s, s.width-indent, max) {
		if i > 0 {
			lead = field{s: strings.Repeat(" ", indent)}
		}
		s.line(lead, field{s: part, style: body.style})
	}
}

// A column of a grid. If the grid is too wide, flexible columns shrink first, as long as their words can be recognised,
// then spare ones are dropped, starting with the last.
type column struct {
	head  field
	right bool
	flex  bool
	spare bool
}

// gap is between columns, and before the first.
const gap = "  "

// grid writes rows in columns, shrinking and dropping columns to fit the screen. Empty columns
// are left out.
func (s *screen) grid(cols []column, rows [][]field) {
	widths := make([]int, len(cols))
	for i := range cols {
		for _, row := range rows {
			widths[i] = max(widths[i], columns(row[i].s))
		}
		if widths[i] > 0 {
			widths[i] = max(widths[i], columns(cols[i].head.s))
		}
	}
	shrink(cols, widths, s.width)

	head := make([]field, len(cols))
	headed := false
	for i, c := range cols {
		head[i] = c.head.in(faint)
		headed = headed || c.head.s != ""
	}
	if headed {
		rows = append([][]field{head}, rows...)
	}
	for _, row := range rows {
		var line []field
		for i, f := range row {
			if widths[i] == 0 {
				continue
			}
			f.s = cut(f.s, widths[i])
			pad := field{s: strings.Repeat(" ", widths[i]-columns(f.s))}
			if cols[i].right {
				line = append(line, field{s: gap}, pad, f)
			} else {
				line = append(line, field{s: gap}, f, pad)
			}
		}
		s.line(line...)
	}
}

// shrink shrinks the widest flexible column until the grid fits, then drops spare columns, and shrinks further as the last.
func shrink(cols []column, widths []int, limit int) {
	const legible, narrowest = 16, 6
	least := legible
	for {
		total, widest, spare := 0, -1, -1
		for i, w := range widths {
			if w == 0 {
				continue
			}
			total += len(gap) + w
			if cols[i].flex && w > least && (widest < 0 || w > widths[widest]) {
				widest = i
			}
			if cols[i].spare {
				spare = i
			}
		}
		switch {
		case total <= limit:
			return
		case widest >= 0:
			widths[widest]--
		case spare >= 0:
			widths[spare] = 0
		case least > narrowest:
			least = narrowest
		default:
			return
		}
	}
}

// fits reports whether the rows fit without cutting.
func fits(rows [][]field, limit int) bool {
	if len(rows) == 0 {
		return true
	}
	total := 0
	for i := range rows[0] {
		w := 0
		for _, row := range rows {
			w = max(w, columns(row[i].s))
		}
		if w > 0 {
			total += len(gap) + w
		}
	}
	return total <= limit
}

// plain is a line without the sequences of [screen.paint].
func plain(line string) string {
	for {
		before, rest, found := strings.Cut(line, "\x1b[")
		if !found {
			return line
		}
		_, after, _ := strings.Cut(rest, "m")
		line = before + after
	}
}

// columns returns how many terminal columns s takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	if unicode.Is(wide, r) {
		return 2
	}
	return 1
}

// cut shortens s to limit columns.
func cut(s string, limit int) string {
	if columns(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n += columnsOf(r); n > limit-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wrap wraps s at blanks into at most lines lines of limit columns. It cannot create a workflow
// command: the door of lines disarms one at the start of every word.
func wrap(s string, limit, lines int) []string {
	var out []string
	for w := range strings.FieldsSeq(s) {
		if n := len(out); n > 0 && columns(out[n-1])+1+columns(w) <= limit {
			out[n-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	if len(out) > lines {
		out[lines-1] += " " + out[lines] // now too long, so the cut shows
		out = out[:lines]
	}
	for i := range out {
		out[i] = cut(out[i], limit)
	}
	return out
}
