package text

import "testing"

func FuzzCleanTextStaysAsItIs(f *testing.F) {
	for _, s := range []string{"", "a", "a b\nc", " a", "a ", "a  b", "a\n\nb", "a \nb", "\x1b[1m", "ä", "~ !", "a\x7f", "::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const limit = 1000
		if got, want := cleanLine(s, limit), cleanAnyLine(s, limit); got != want {
			t.Errorf("line: %q becomes %q, want %q", s, got, want)
		}
		if got, want := cleanBlock(s, limit), cleanAnyBlock(s, limit); got != want {
			t.Errorf("block: %q becomes %q, want %q", s, got, want)
		}
	})
}
