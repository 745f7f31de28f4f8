package text_test

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/agent-gate/agent-gate/internal/text"
)

// flavoured reads Markdown as GitHub and GitLab do, and a little more.
var flavoured = goldmark.New(goldmark.WithExtensions(
	extension.GFM, extension.Footnote, extension.DefinitionList))

// references are what GitHub and GitLab make links, formulas, check boxes or changes
// of in text that is already rendered.
var references = map[string]*regexp.Regexp{
	"mention":       regexp.MustCompile(`@[\pL\pN_]`),
	"issue":         regexp.MustCompile(`#[\pL\pN]`),
	"prefixed":      regexp.MustCompile(`(?i)\bGH-\d|\b[A-Z]{2,}-\d|GHSA-[a-z0-9]`),
	"merge request": regexp.MustCompile(`![\pN\[]`),
	"epic":          regexp.MustCompile(`&[\pN\pL]`),
	"milestone":     regexp.MustCompile(`%["\pL\pN]`),
	"label":         regexp.MustCompile(`~["\pL\pN]`),
	"formula":       regexp.MustCompile(`(^|\s)\$\S`),
	"address":       regexp.MustCompile(`(?i)://|www\.|mailto:[\pL\pN]`),
	"commit":        regexp.MustCompile(`(?i)(?:^|[^0-9a-z_])[0-9a-f]{7}`),
	"wiki page":     regexp.MustCompile(`\[\[`),
	"contents":      regexp.MustCompile(`\[T`),
	"check box":     regexp.MustCompile(`\[[ xX]\]`),
	"inline change": regexp.MustCompile(`[\[{][+-]`),
	"emoji":         regexp.MustCompile(`:[a-z0-9_+-]+:`),
}

const around = "| %[1]s | x |\n| --- | --- |\n| %[1]s | y |\n| z | %[1]s |\n\n# %[1]s\n\n- %[1]s\n\n1. a %[1]s\n\n> %[1]s\n\n%[1]s\n\n**%[1]s**\n\n[%[1]s](/x)\n\n<details><summary>%[1]s</summary>\n\n</details>\n"

// outline writes the kinds of all nodes of a document except its texts.
func outline(source []byte) string {
	var b strings.Builder
	// The walk returns an error only if the function does.
	_ = ast.Walk(flavoured.Parser().Parse(gmtext.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindText, ast.KindString:
			return ast.WalkContinue, nil
		case ast.KindRawHTML:
			if raw, _ := n.(*ast.RawHTML); string(raw.Segments.Value(source)) == "<wbr>" {
				return ast.WalkContinue, nil
			}
		}
		if entering {
			fmt.Fprintf(&b, "(%s", n.Kind())
			if cells, ok := n.(*east.Table); ok {
				fmt.Fprintf(&b, " %d", len(cells.Alignments))
			}
		} else {
			b.WriteString(")")
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// rendered returns what a reader of the Markdown paragraph sees, with a zero-width space
// where the line may break.
func rendered(t *testing.T, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	if err := flavoured.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	page := strings.TrimSuffix(b.String(), "\n")
	if strings.Count(markdown, "<wbr>") == strings.Count(markdown, "<") {
		page = strings.ReplaceAll(page, "<!-- raw HTML omitted -->", "\u200b")
	}
	inner, ok := strings.CutPrefix(page, "<p>")
	inner, ok2 := strings.CutSuffix(inner, "</p>")
	if !ok || !ok2 || strings.Contains(inner, "<") {
		t.Errorf("%q renders as %q, more than text", markdown, page)
	}
	return html.UnescapeString(inner)
}

// checkCell fails unless the cell of raw renders as the clean line and as nothing but
// text, in every place where a report may put it.
func checkCell(t *testing.T, raw string) {
	t.Helper()
	cell := text.New(raw).Cell()
	checkVisible(t, cell, "")
	if runsCommand(cell) {
		t.Errorf("%q is a command", cell)
	}
	if cell == "" {
		return
	}

	seen := rendered(t, cell)
	for name, reference := range references {
		if found := reference.FindString(seen); found != "" {
			t.Errorf("%q renders with a %s: %q", cell, name, found)
		}
	}
	want := text.New(raw).HTML() // the clean text, with its lines
	want = strings.Join(strings.Fields(want), " ")
	if got := strings.ReplaceAll(seen, "\u200b", ""); got != want {
		short, cut := strings.CutSuffix(got, "…")
		if !cut || !strings.HasPrefix(want, short) {
			t.Errorf("%q renders as %q, want %q", cell, got, want)
		}
	}

	got, plain := outline(fmt.Appendf(nil, around, cell)), outline(fmt.Appendf(nil, around, "word"))
	if got != plain {
		t.Errorf("%q changes the document\nfrom %s\nto   %s", cell, plain, got)
	}
	if strings.HasPrefix(cell, "/") { // GitLab reads these in the source
		t.Errorf("%q is a quick action", cell)
	}
}

// checkFence fails unless the fence of raw renders as one code block that holds the
// clean text, and leaves the document around it as it was.
func checkFence(t *testing.T, raw string) {
	t.Helper()
	fence := text.New(raw).Fence()
	checkVisible(t, fence, "\n\t")
	if fence == "" {
		return
	}
	source := "before\n\n" + fence + "\n# after\n"
	if got, want := outline([]byte(source)), outline([]byte("before\n\n```\nx\n```\n\n# after\n")); got != want {
		t.Errorf("%q changes the document from %s to %s", fence, want, got)
	}
	var b bytes.Buffer
	if err := flavoured.Convert([]byte(fence), &b); err != nil {
		t.Fatal(err)
	}
	code := strings.TrimSuffix(strings.TrimPrefix(b.String(), `<pre><code class="language-text">`), "\n</code></pre>\n")
	got, want := html.UnescapeString(code), text.New(raw).HTML()
	if got != want {
		if short, cut := strings.CutSuffix(got, "…"); !cut || !strings.HasPrefix(want, strings.TrimRight(short, "\n")) {
			t.Errorf("%q shows %q, want %q", fence, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, raw, want string }{
		{"ordinary text stays readable", "Refund (late), 50 % off - it's \u00fcber; a/b = c+d?", "Refund (late), 50 % off - it's über; a/b = c+d?"},
		{"a pipe does not end the cell", "a|b", "a&#124;b"},
		{"a backslash does not undo an escape", `a\|b`, "a&#92;&#124;b"},
		{"emphasis and code", "*a* _b_ `c` ~~d~~", "&#42;<wbr>a&#42; &#95;b&#95; &#96;c&#96; &#126;<wbr>&#126;<wbr>d&#126;<wbr>&#126;"},
		{"a link is text", "[a](b)", "&#91;<wbr>a&#93;(b)"},
		{"HTML is text", "<b>&amp;", "&#60;b&#62;&#38;<wbr>amp;"},
		{"a mention is text", "@a b@c.d", "&#64;<wbr>a b&#64;<wbr>c.d"},
		{"references are text", "#1 GH-2 !3 %4 ~e", "&#35;<wbr>1 GH-<wbr>2 &#33;<wbr>3 %<wbr>4 &#126;<wbr>e"},
		{"a commit is text", "a7b05cf12", "a7b05c<wbr>f12"},
		{"an address is text", "https://a.b www.c.d", "https:<wbr>//a.b www<wbr>.c.d"},
		{"a formula is text", "$x$", "<wbr>&#36;<wbr>x<wbr>&#36;"},
		{"a list item", "- a", "&#45; a"},
		{"a numbered item", "12) a", "12&#41; a"},
		{"a quick action", "/approve", "&#47;approve"},
		{"lines are folded", "a\n\n# b", "a &#35; b"},
		{"nothing to see", "\n\x1b[0m", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).Cell(); got != c.want {
				t.Errorf("Cell() = %q, want %q", got, c.want)
			}
			checkCell(t, c.raw)
		})
	}
}

func TestCellRendersAsItself(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"1. a", "1986. A year", "+ a", "= a", "===", "---", ":---:", "***", "___", "> a", "\tcode", "    code", "```", "~~~",
		"[^1]", "[^1]: note", "[ref]: http://x", ": definition", "<!-- x", "<details>", "https://a.b/c_d_e", "a@b.co", "mailto:a@b.co",
		"xmpp:a@b.co", "ftp://a.b", "WWW.a.co", "&#60;", "&copy;", "a  ", "a\\", "\\", `"`, "'", "[x] done", "[ ] open", ":+1:", "[TOC]",
		"[[page]]", "{+a+} [-b-]", "$`a`$", "$$a$$", "a|b||c", "|---|---|", "*iteration:1", "^alert#1", "org/repo#1", "a!1", "g&1", "%\"a b\"",
		"JIRA-12", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", "==a==", "^a^ H~2~O", "javascript:alert(1)", "/close", "!reference [a]",
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			checkCell(t, raw)
			checkFence(t, raw)
		})
	}
}
