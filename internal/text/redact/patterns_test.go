package redact

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// naive finds runs one at a time.
func naive(all []needle, fold bool, s string) (found []span) {
	if fold {
		s = lower(s)
	}
	for _, n := range all {
		for i := range len(s) {
			for at := range len(n.text) {
				run := 0
				for i+run < len(s) && at+run < len(n.text) && s[i+run] == n.text[at+run] {
					run++
				}
				if run >= n.least {
					found = append(found, span{i, i + run})
				}
			}
		}
	}
	return merge(found)
}

func checkPatterns(t *testing.T, all []needle, fold bool, s string) {
	t.Helper()
	all = slices.Clone(all)
	if fold {
		for i := range all {
			all[i].text = lower(all[i].text)
		}
	}
	all = unique(all)
	p := newPatterns(all, fold)
	if got, want := merge(p.find(s, nil)), naive(all, fold, s); !slices.Equal(got, want) {
		t.Errorf("%+v in %q: got %v, want %v", all, s, got, want)
	}
}

// TestRunsAreFoundAsOneByOne draws needles and texts from few letters, so that they
// begin, overlap and almost match all the time.
func TestRunsAreFoundAsOneByOne(t *testing.T) {
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
	for range 10_000 {
		var all []needle
		for range r.IntN(5) {
			text := word(3 + r.IntN(20))
			all = append(all, needle{text, 3 + r.IntN(len(text)-2)})
		}
		s := word(r.IntN(40))
		for _, n := range all {
			if r.IntN(2) == 0 {
				at, from := r.IntN(len(s)+1), r.IntN(len(n.text)-2)
				s = s[:at] + n.text[from:from+3+r.IntN(len(n.text)-from-2)] + s[at:]
			}
		}
		checkPatterns(t, all, r.IntN(2) == 0, s)
	}
}

func TestALongNeedleIsFound(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 100)
	checkPatterns(t, []needle{{long, 700}, {long[1:] + "x", 1600}}, true, "a "+long[:900]+"x "+strings.ToUpper(long[300:1100]))
}

func FuzzPatterns(f *testing.F) {
	f.Add("abc", "bca", "cab", "abcabcab", uint8(3), true)
	f.Add("0123456789", "9876", "\xff\xfe\xfd", "ab\xff\xfe\xfd0123", uint8(4), false)
	f.Fuzz(func(t *testing.T, a, b, c, s string, least uint8, fold bool) {
		var all []needle
		for _, text := range []string{a, b, c} {
			if len(text) >= blockSize {
				all = append(all, needle{text, blockSize + int(least)%(len(text)-blockSize+1)})
			}
		}
		checkPatterns(t, all, fold, s)
		if len(all) > 0 {
			checkPatterns(t, all, fold, s+strings.ToUpper(all[0].text)+s)
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	r := New("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", "0123456789abcdef0123456789abcdef:fedcba9876543210fedcba9876543210")
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

func BenchmarkNewRedactor(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
	}
}
