package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow one character. Living scripts need up
// to four; piles of them cover the lines above and below.
const maxMarks = 4

// cleanLine folds s into one line of visible characters. It stops one character past
// limit, which tells the caller that there was more: a huge text costs no more than a
// short one.
func cleanLine(s string, limit int) string {
	if len(s) <= limit && isClean(s, false) {
		return s
	}
	return cleanAnyLine(s, limit)
}

// cleanAnyLine is cleanLine without the shortcut for clean texts.
func cleanAnyLine(s string, limit int) string {
	var b strings.Builder
	count, blank := 0, false
	for r := range visible(s) {
		if r == ' ' || r == '\n' || r == '\t' {
			blank = count > 0
			continue
		}
		if blank {
			blank = false
			b.WriteByte(' ')
			count++
		}
		if count > limit {
			break
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// cleanBlock keeps the lines of s and their visible characters, at most limit of them.
// Blank lines at both ends are dropped.
func cleanBlock(s string, limit int) string {
	if len(s) <= limit && isClean(s, true) {
		return s
	}
	return cleanAnyBlock(s, limit)
}

// cleanAnyBlock is cleanBlock without the shortcut for clean texts.
func cleanAnyBlock(s string, limit int) string {
	var b strings.Builder
	count := 0
	for r := range visible(s) {
		if r == '\n' && count == 0 {
			continue
		}
		if count > limit {
			break
		}
		b.WriteRune(r)
		count++
	}
	return cut(strings.TrimRight(b.String(), " \n\t"), limit)
}

// isClean reports whether cleaning would leave s unchanged: visible ASCII with single
// spaces between words, as most texts are. It may say no for other clean texts. With
// lines, a line break counts as a space.
func isClean(s string, lines bool) bool {
	blank := true // at the start of the text
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || lines && c == '\n':
			if blank {
				return false
			}
			blank = true
		case c < ' ' || c > '~':
			return false
		default:
			blank = false
		}
	}
	return !blank || s == ""
}

// visible yields the characters of s that a reader sees, with white space reduced to
// space, tab and newline. Terminal sequences, control characters and characters that only
// change how others are displayed are left out; invalid characters become U+FFFD.
func visible(s string) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		// A mark needs a base character. A text must not begin with one that changes
		// ours.
		marks := maxMarks
		for len(s) > 0 {
			if n := sequenceLen(s); n > 0 {
				s = s[n:]
				continue
			}
			r, n := utf8.DecodeRuneInString(s)
			s = s[n:]
			if r == '\r' {
				s = strings.TrimPrefix(s, "\n")
			}
			r = classify(r)
			switch {
			case r == hidden:
				continue
			case r == ' ' || r == '\n' || r == '\t':
				marks = maxMarks
			case unicode.In(r, unicode.Mn, unicode.Me):
				if marks++; marks > maxMarks {
					continue
				}
			default:
				marks = 0
			}
			if !yield(r) {
				return
			}
		}
	}
}

// Seen returns the characters of s that are visible once a door has cleaned it, and for
// each byte of them its offset in s. Both are empty when the doors would drop nothing,
// which is true of most texts and quick to tell.
func Seen(s string) (seen string, at []int) {
	if allSeen(s) {
		return "", nil
	}
	b := make([]byte, 0, len(s))
	at = make([]int, 0, len(s))
	for i := 0; i < len(s); {
		n := sequenceLen(s[i:])
		if n == 0 {
			var c rune
			if c, n = utf8.DecodeRuneInString(s[i:]); classify(c) != hidden {
				for k := range n {
					b, at = append(b, s[i+k]), append(at, i+k)
				}
			}
		}
		i += n
	}
	return string(b), at
}

// allSeen reports whether s is plain ASCII without control characters. It may say no for
// other texts in which everything is visible.
func allSeen(s string) bool {
	for i := range len(s) {
		if c := s[i]; c > '~' || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// hidden is what classify returns for a character that must not be shown.
const hidden rune = -1

// classify turns white space into one of its three kinds, noncharacters into U+FFFD, and
// invisible characters into hidden.
func classify(r rune) rune {
	switch {
	case r >= ' ' && r <= '~':
		return r
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
		return '\n'
	case r == '\t':
		return '\t'
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return r // Arabic number signs: class Cf, but visible
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return hidden
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return utf8.RuneError
	}
	return r
}
