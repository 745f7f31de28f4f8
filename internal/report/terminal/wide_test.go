package terminal

import (
	"testing"
	"unicode"

	"golang.org/x/text/width"
)

func TestWideCharactersAreThoseOfUnicode(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		kind := width.LookupRune(r).Kind()
		if want := kind == width.EastAsianWide || kind == width.EastAsianFullwidth; unicode.Is(wide, r) != want {
			t.Errorf("%U is wide: %v, want %v", r, !want, want)
		}
	}
}
