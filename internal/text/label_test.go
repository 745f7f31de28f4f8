package text_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, want string }{
		{"ordinary text is unchanged", "success_rate >= 95 (Refund, 50 %)", "success_rate >= 95 (Refund, 50 %)"},
		{"quotes and backslashes are escaped", `eval "is_polite" a\b`, `eval \"is_polite\" a\\b`},
		{"lines are folded", "a\nb\r\nc", "a b c"},
		{"a number sign would end the line for GitLab", "order #1 ##[error]", `order _1 _\\_[error]`},
		{"terminal sequences are dropped", "\x1b[31mred\x1b[0m\x00", "red"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).Label(); got != c.want {
				t.Errorf("Label() = %q, want %q", got, c.want)
			}
		})
	}
}

func TestDiagram(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw string
		n         int
		want      string
	}{
		{"ordinary text is unchanged", "Refund (50): naïve 設定, a/b + c's?", 60, "Refund (50): naïve 設定, a/b + c's?"},
		{"directives and comments are taken apart", `a%%{init: {"theme": "x"}}%% b`, 60, "a init: theme : x b"},
		{"entities are taken apart", "a#quot;b&lt;c", 60, "a quot b lt c"},
		{"HTML and Markdown are taken apart", "<b>`x`</b> [a](b) **c**", 60, "b x /b a (b) c"},
		{"a quote ends nothing", `x"] bar [1`, 60, "x bar 1"},
		{"lines are folded", "a\nbar [9]\n```", 60, "a bar 9"},
		{"too long", "abcdef", 4, "abc…"},
		{"what is dropped makes room", strings.Repeat("#", 80) + "name", 4, "name"},
		{"nothing to show", "#%`", 10, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.New(c.raw).Diagram(c.n); got != c.want {
				t.Errorf("Diagram(%d) = %q, want %q", c.n, got, c.want)
			}
		})
	}
}

// quotedLabel is the inside of a label value by the grammar of OpenMetrics 1.0.
var quotedLabel = regexp.MustCompile(`^([^"\\\n]|\\["\\n])*$`)

func FuzzLabel(f *testing.F) {
	f.Add("eval \"a\\\": score\n# EOF")
	f.Fuzz(func(t *testing.T, raw string) {
		s := text.New(raw).Label()
		checkVisible(t, s, "")
		if !quotedLabel.MatchString(s) || strings.Contains(s, "#") || runsCommand(s) {
			t.Errorf("Label of %q is %q", raw, s)
		}
	})
}

func FuzzDiagram(f *testing.F) {
	f.Add("%%{init}%% \"]\nbar [9] #35; <b> ```")
	f.Fuzz(func(t *testing.T, raw string) {
		s := text.New(raw).Diagram(30)
		checkVisible(t, s, "")
		if strings.ContainsAny(s, "\"`#%&<>[]{}|\\;$@*_~^") {
			t.Errorf("Diagram of %q is %q", raw, s)
		}
		if n := utf8.RuneCountInString(s); n > 30 || s != strings.TrimSpace(s) {
			t.Errorf("Diagram of %q is %q, %d characters", raw, s, n)
		}
		if again := text.New(s).Diagram(30); again != s {
			t.Errorf("Diagram of %q is %q", s, again)
		}
	})
}
