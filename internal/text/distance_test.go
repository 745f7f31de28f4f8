package text

import "testing"

func TestDistanceCountsEdits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 9, 0}, {"abc", "abc", 9, 0}, {"abc", "abd", 9, 1}, {"abc", "acb", 9, 1}, {"abc", "ab", 9, 1},
		{"ab", "abc", 9, 1}, {"abc", "cab", 9, 2}, {"", "abc", 9, 3}, {"kitten", "sitting", 9, 3}, {"ca", "abc", 9, 3},
		{"a", "abcdef", 3, 3}, {"abcdef", "a", 3, 3},
	} {
		if got := Distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
