package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// naive finds patterns one by one.
func naive(all []string, fold bool, s string) (found []span, partial int) {
	if fold {
		s = lower(s)
	}
	partial = len(s)
	for _, pattern := range all {
		for i := range len(s) {
			if strings.HasPrefix(s[i:], pattern) {
				found = append(found, span{i, i + len(pattern)})
			}
			if len(s)-i < len(pattern) && strings.HasPrefix(pattern, s[i:]) {
				partial = min(partial, i)
			}
		}
	}
	return merge(found), partial
}

func checkPatterns(t *testing.T, all []string, fold bool, s string) {
	t.Helper()
	all = slices.Clone(all)
	if fold {
		for i := range all {
			all[i] = lower(all[i])
		}
	}
	all = unique(all)
	p := newPatterns(all, fold)
	found, partial := naive(all, fold, s)
	if got := merge(p.find(s, nil)); !slices.Equal(got, found) {
		t.Errorf("%q in %q: got %v, want %v", all, s, got, found)
	}
	if got := p.partial(s); got != partial {
		t.Errorf("%q at the end of %q: got %d, want %d", all, s, got, partial)
	}
}

// TestPatternsAreFoundAsOneByOne draws patterns and texts of few letters, so that they begin,
// overlap and nearly match again and again.
func TestPatternsAreFoundAsOneByOne(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	word := func(n int) string {
		const letters = "aAbB\x01!é" // some have the same number in a block
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.IntN(1+r.IntN(len(letters)))]
		}
		return string(b)
	}
	for range 20_000 {
		var all []string
		for range r.IntN(5) {
			all = append(all, word(3+r.IntN(8)))
		}
		s := word(r.IntN(40))
		for _, pattern := range all {
			if r.IntN(2) == 0 {
				at := r.IntN(len(s) + 1)
				s = s[:at] + pattern[:3+r.IntN(len(pattern)-2)] + s[at:]
			}
		}
		checkPatterns(t, all, r.IntN(2) == 0, s)
	}
}

func TestALongPatternIsFound(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 100)
	checkPatterns(t, []string{long, long[1:] + "x"}, true, "a "+long+"x "+strings.ToUpper(long)+long[:700])
}

func FuzzPatterns(f *testing.F) {
	f.Add("abc", "bca", "cab", "abcabcab", true)
	f.Add("0123456789", "9876", "\xff\xfe\xfd", "ab\xff\xfe\xfd0123", false)
	f.Fuzz(func(t *testing.T, a, b, c, s string, fold bool) {
		all := slices.DeleteFunc([]string{a, b, c}, func(p string) bool { return len(p) < blockSize })
		checkPatterns(t, all, fold, s)
		if len(all) > 0 {
			checkPatterns(t, all, fold, s+strings.ToUpper(all[0])+s)
		}
	})
}

func BenchmarkRedactingWriter(b *testing.B) {
	r := NewRedactor("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", "0123456789abcdef0123456789abcdef:fedcba9876543210fedcba9876543210")
	p := []byte(strings.Repeat(`{"id":"3ecc3afa-72c2-5a25-ba2b-f1e5c889c5c0","status":"completed","score":0.85,"reason":"The agent named the order and offered a refund."}`+"\n", 30))
	b.SetBytes(int64(len(p)))
	w := r.Writer(discard{})
	for b.Loop() {
		if _, err := w.Write(p); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is io.Discard for strings, too.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
