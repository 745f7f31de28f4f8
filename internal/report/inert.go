package report

import (
	"fmt"
	"unicode/utf8"
)

// Inert writes characters in encoded JSON as escapes where a log that shows the file
// would obey them: "##" may begin a workflow command in the middle of a line, and
// DEL, the C1 controls and the marks of text direction are obeyed by terminals. The
// value stays the same. Such characters stand only inside of strings.
func Inert(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	for i := 0; i < len(b); {
		if b[i] == '#' && i+1 < len(b) && b[i+1] == '#' {
			out = append(out, `\u0023`...)
			i++
			continue
		}
		if b[i] < 0x7f {
			out = append(out, b[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if obeyed(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, b[i:i+size]...)
		}
		i += size
	}
	return out
}

// obeyed reports whether terminals act on r: DEL, C1, and the bidirectional controls
// of Unicode (UAX 9).
func obeyed(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0x061c || r == 0x200e || r == 0x200f ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// NeedsNoEscape reports whether a string stands in JSON as it is, and is inert in a log.
func NeedsNoEscape(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&', c == '#':
			return false
		}
	}
	return true
}
