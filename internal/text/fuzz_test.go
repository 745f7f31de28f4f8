package text_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The corpora in testdata/fuzz are the texts of the vendor-shaped sample in which
// every field is hostile.

// gitlabSection is what GitLab's log viewer looks for, without the sequences around.
var gitlabSection = regexp.MustCompile(`section_(start|end):`)

// runsCommand reports whether a CI runner takes a log line for a command, by the rules of
// actions/runner (ActionCommand.cs), Azure's agent, TeamCity and GitLab.
func runsCommand(line string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") ||
		strings.Contains(line, "##[") ||
		strings.Contains(line, "##vso[") ||
		strings.Contains(line, "##teamcity[") ||
		gitlabSection.MatchString(line)
}

// checkVisible fails unless s is valid UTF-8 and everything in it is visible.
func checkVisible(t *testing.T, s string, allowed string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%q is not UTF-8", s)
	}
	for _, r := range s {
		if strings.ContainsRune(allowed, r) || unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
			continue
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point) {
			t.Errorf("%q holds %U", s, r)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw string) {
		line := text.New(raw).Line()
		checkVisible(t, line, "")
		if n := utf8.RuneCountInString(line); n > text.LineLimit {
			t.Errorf("%d characters", n)
		}
		if line != strings.TrimSpace(line) || strings.Contains(line, "  ") {
			t.Errorf("%q is not folded", line)
		}
		if again := text.New(line).Line(); again != line {
			t.Errorf("Line of %q is %q", line, again)
		}
		// Words of ours may precede it. They never end in a bare colon.
		for _, before := range []string{"", "  ", "\t", "scenario ", "reason: ", "(", "\x1b[31m"} {
			for _, after := range []string{"", ": ", "::", ":error::x"} {
				if runsCommand(before+line+after) && line != "" {
					t.Errorf("%q is a command", before+line+after)
				}
			}
		}
		for n := range 8 {
			short := text.New(raw).LineMax(n)
			if utf8.RuneCountInString(short) > n || runsCommand(short) {
				t.Errorf("LineMax(%d) = %q", n, short)
			}
		}
	})
}

func FuzzCell(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw string) {
		checkCell(t, raw)
	})
}

func FuzzFence(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw string) {
		checkFence(t, raw)
	})
}

func FuzzXML(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw string) {
		s := text.New(raw).XML()
		checkVisible(t, s, "\n\t")
		if err := wellFormed(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if again := text.New(s).XML(); again != s {
			t.Errorf("XML of %q is %q", s, again)
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw string) {
		s := text.New(raw).HTML()
		checkVisible(t, s, "\n\t")
		if n := utf8.RuneCountInString(s); n > text.BlockLimit {
			t.Errorf("%d characters", n)
		}
		if again := text.New(s).HTML(); again != s {
			t.Errorf("HTML of %q is %q", s, again)
		}
	})
}
