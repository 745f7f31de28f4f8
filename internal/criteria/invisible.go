package criteria

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// invisible reports whether a character is neither visible nor white space. Such characters come
// with copy and paste, and make a different word look the same.
func invisible(r rune) bool {
	if unicode.IsSpace(r) || unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false // Arabic number signs are visible although in class Cf
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// invisibleInName is invisible for quoted names, where the joiners and variation selectors of
// scripts and emoji are legitimate, and so are control characters.
func invisibleInName(r rune) bool {
	return invisible(r) && r != '\u200c' && r != '\u200d' && !unicode.In(r, unicode.Variation_Selector, unicode.Cc)
}

// escape writes an invisible character as it can be written inside quotes.
func escape(r rune) string { return fmt.Sprintf("%s%04X%s", escapeStart, r, escapeEnd) }

// codePoint names an invisible character: "U+200B (zero width space)".
func codePoint(r rune) string {
	var name string
	switch r {
	case '\u00ad':
		name = "soft hyphen"
	case '\u200b':
		name = "zero width space"
	case '\u200c':
		name = "zero width non-joiner"
	case '\u200d':
		name = "zero width joiner"
	case '\u2060':
		name = "word joiner"
	case '\ufeff':
		name = "byte order mark"
	default:
		if !unicode.Is(unicode.Bidi_Control, r) {
			return fmt.Sprintf("U+%04X", r)
		}
		name = "it changes the direction of writing"
	}
	return fmt.Sprintf("U+%04X (%s)", r, name)
}

// unseen says where the invisible character is that rest begins with.
func unseen(r rune, line, rest string) string {
	at := utf8.RuneCountInString(line[:len(line)-len(rest)]) + 1
	return fmt.Sprintf("character %d of the line is the invisible %s: delete it", at, codePoint(r))
}

// reveal writes invisible characters as their code points: <U+200B>.
func reveal(s string) string {
	if strings.IndexFunc(s, invisible) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if invisible(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
