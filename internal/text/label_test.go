package text_test

import (
	"regexp"
	"strings"
	"testing"

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
