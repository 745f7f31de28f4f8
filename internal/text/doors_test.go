package text_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/token"
	"html/template"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestLine(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, raw, want string }{
		{"ordinary text is unchanged", "Refund, 50 % off: [::1]:443 is a#1 (naïve)", "Refund, 50 % off: [::1]:443 is a#1 (naïve)"},
		{"a workflow command at the start is broken", "::error file=a::b", `\:\:error file=a::b`},
		{"a workflow command after blanks is broken", " \t ::error::b", `\:\:error::b`},
		{"a workflow command on a later line is broken", "x\r\n::add-mask::pass", `x \:\:add-mask::pass`},
		{"a workflow command behind invisible characters is broken", "\u200b\x1b[0m:\u2060:error::b", `\:\:error::b`},
		{"a lone colon at the start is broken", ":", `\:`},
		{"a lone colon elsewhere stays", "a : b", "a : b"},
		{"the old command is broken anywhere", "Refund ##[error]x", `Refund #\#[error]x`},
		{"three number signs are broken twice", "###[error]x", `#\#\#[error]x`},
		{"Azure's command is broken", "##vso[task.complete]", `#\#vso[task.complete]`},
		{"TeamCity's command is broken", "a ##teamcity[x]", `a #\#teamcity[x]`},
		{"GitLab's sections are broken", "\x1b[0Ksection_start:0:x\r\x1b[0KHidden section_end:0:x", `section_start\:0:x Hidden section_end\:0:x`},
		{"lines are folded", "a\r\nb\nc\rd\u0085e\u2028f\u2029g\vh\fi", "a b c d e f g h i"},
		{"blanks are folded and trimmed", " \u00a0a \t\u3000 b\n\n", "a b"},
		{"control characters are dropped", "a\x00b\x07c\x08d\x7fe\u0081f", "abcdef"},
		{"colours are dropped", "\x1b[31mred\x1b[0m \x1b[2K\x1b[1A", "red"},
		{"terminal links are dropped", "\x1b]8;;http://127.0.0.1\x07link\x1b]8;;\x1b\\", "link"},
		{"sequences of one character are dropped", "\u009b31mred\u009d0;title\u009c", "red"},
		{"a broken sequence hides nothing", "\x1b]0;title\nnext \x1b[31", "0;title next 31"},
		{"a stray ESC is dropped", "a\x1b", "a"},
		{"short sequences and character sets are dropped", "\x1bca\x1b(Bb\x1b#8c\x1b\u00fc", "abcü"},
		{"a broken character set hides nothing", "\x1b(", "("},
		{"control strings are dropped", "\x1bPq\x1b\\a\x1b_b\x1b\\\u0090q\u009c\u009b", "a"},
		{"bidirectional and invisible characters are dropped", "\u202egnp\u202c \u2066i\u2069 \u200fm z\u200bw\ufeffb\u00ad\u3164\U000E0041\ufe0f", "gnp i m zwb"},
		{"piles of marks are cut", "e" + strings.Repeat("\u0301", 50), "e" + strings.Repeat("\u0301", 4)},
		{"a mark at the start does not change what stands before", "\u0338x \u0338y", "x y"},
		{"Arabic number signs are kept", "\u0600\u0661", "\u0600\u0661"},
		{"invalid UTF-8 is replaced", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"noncharacters are replaced", "a\uffffb\ufdd0", "a\ufffdb\ufffd"},
		{"nothing to see is empty", "\x1b[31m \n\u200b", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).Line(); got != c.want {
				t.Errorf("Line() = %q, want %q", got, c.want)
			}
		})
	}
}

func TestLineMax(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		raw  string
		n    int
		want string
	}{
		{"a text of the limit is whole", "äbcde", 5, "äbcde"},
		{"a longer text ends in an ellipsis", "äbcdef", 5, "äbcd…"},
		{"no blank before the ellipsis", "abc defg", 5, "abc…"},
		{"one character", "abc", 1, "…"},
		{"trailing white space is no reason to cut", "abcde   ", 5, "abcde"},
		{"zero", "abc", 0, ""},
		{"negative", "abc", -1, ""},
		{"the largest limit is none", "abc", int(^uint(0) >> 1), "abc"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).LineMax(c.n); got != c.want {
				t.Errorf("LineMax(%d) = %q, want %q", c.n, got, c.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	long := text.New(strings.Repeat("word ", 10_000))
	for name, c := range map[string]struct {
		got  string
		want int
	}{
		"Line": {long.Line(), text.LineLimit},
		"Cell": {long.Cell(), text.CellLimit},
		"XML":  {long.XML(), text.BlockLimit},
		"HTML": {long.HTML(), text.BlockLimit},
	} {
		if got := utf8.RuneCountInString(c.got); got > c.want || got < c.want-1 {
			t.Errorf("%s has %d characters, want about %d", name, got, c.want)
		}
		if !strings.HasSuffix(c.got, "…") {
			t.Errorf("%s does not say that it was cut", name)
		}
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name              string
		raw               string
		characters, lines int
		want              string
	}{
		{"lines are kept", "a\r\n\tb\n", 100, 10, "```text\na\n\tb\n```\n"},
		{"the fence is longer than any inside", "a\n```\nb `````", 100, 10, "``````text\na\n```\nb `````\n``````\n"},
		{"backticks that were parted by an invisible character count as one run", "``\u200b`", 100, 10, "````text\n```\n````\n"},
		{"controls are dropped", "\x1b[31mred\x1b[0m\x00\u202e", 100, 10, "```text\nred\n```\n"},
		{"too many characters", "abcdef", 4, 10, "```text\nabc…\n```\n"},
		{"too many lines", "a\nb\nc\nd", 100, 3, "```text\na\nb\n…\n```\n"},
		{"no lines", "a\nb", 100, 0, ""},
		{"nothing to see", " \n\u200b\n", 100, 10, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).FenceMax(c.characters, c.lines); got != c.want {
				t.Errorf("FenceMax(%d, %d) = %q, want %q", c.characters, c.lines, got, c.want)
			}
		})
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	raw := "\n\x1b[31mred\x1b[0m\x00 <b>&\u0001\ufffe\r\n]]>\tü \n"
	want := "red <b>&\ufffd\n]]>\tü"
	if got := text.New(raw).XML(); got != want {
		t.Errorf("XML() = %q, want %q", got, want)
	}
}

func TestHTMLIsEscapedByTemplates(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("").Parse(`<p title="{{.}}">{{.}}</p>`))
	var b strings.Builder
	if err := page.Execute(&b, text.New("<script>\"\u202e\x1b[1m</p>").HTML()); err != nil {
		t.Fatal(err)
	}
	want := `<p title="&lt;script&gt;&#34;&lt;/p&gt;">&lt;script&gt;&#34;&lt;/p&gt;</p>`
	if got := b.String(); got != want {
		t.Errorf("page = %s, want %s", got, want)
	}
}

func TestEveryVerbGoesThroughTheDoor(t *testing.T) {
	t.Parallel()
	hostile := text.New("::error::\x1b[31mx")
	type report struct{ Name text.Untrusted }
	cases := []struct{ format, want string }{
		{"%s", `\:\:error::x`},
		{"%v", `\:\:error::x`},
		{"%+v", `\:\:error::x`},
		{"%q", `"\\:\\:error::x"`},
		{"%#v", `"\\:\\:error::x"`},
		{"%14s|", `  \:\:error::x|`},
		{"%-14s|", `\:\:error::x  |`},
		{"%.4s", `\:\:`},
		{"%d", `%!d(string=\:\:error::x)`},
	}
	for _, c := range cases {
		if got := fmt.Sprintf(c.format, hostile); got != c.want {
			t.Errorf("%s = %s, want %s", c.format, got, c.want)
		}
	}
	if got, want := fmt.Sprintf("%v", report{hostile}), `{\:\:error::x}`; got != want {
		t.Errorf("in a struct = %s, want %s", got, want)
	}
}

func TestJSONCarriesTheTextUnchanged(t *testing.T) {
	t.Parallel()
	raw := "::error::\x1b[31m<b>\u202e\n"
	data, err := json.Marshal(text.New(raw))
	if err != nil {
		t.Fatal(err)
	}
	var back text.Untrusted
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back.Raw() != raw {
		t.Errorf("read back %q, want %q", back.Raw(), raw)
	}
	if err := json.Unmarshal([]byte("7"), &back); err == nil {
		t.Error("a number was read as a text")
	}
}

func TestOnlyConstantsAreFormats(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]any{"Sprintf": text.Sprintf, "Join": text.Join} {
		// A variable does not convert to a type that other packages cannot name.
		if typ := reflect.TypeOf(f).In(0); typ.PkgPath() == "" || token.IsExported(typ.Name()) {
			t.Errorf("%s takes any %s", name, typ)
		}
	}
}

func TestSprintf(t *testing.T) {
	t.Parallel()
	scenario := text.New(strings.Repeat("x", 600) + "\n<b>")
	got := text.Sprintf("%d of %s", 3, scenario)
	if want := "3 of " + scenario.Raw(); got.Raw() != want {
		t.Errorf("Sprintf = %q, want %q", got.Raw(), want)
	}
	joined := text.Join(", ", text.New("a\n"), text.New("b"))
	if want := "a\n, b"; joined.Raw() != want {
		t.Errorf("Join = %q, want %q", joined.Raw(), want)
	}
}

// wellFormed returns why an XML reader would not read s back, or nothing.
func wellFormed(s string) error {
	var b strings.Builder
	b.WriteString("<a>")
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return err
	}
	b.WriteString("</a>")
	var read string
	if err := xml.Unmarshal([]byte(b.String()), &read); err != nil {
		return err
	}
	if read != s {
		return fmt.Errorf("read back %q", read)
	}
	return nil
}
