package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Inert escapes characters in encoded JSON that a log would act on when it shows the file: "##"
// can start a workflow command in the middle of a line, and terminals obey DEL, C1 controls and
// bidirectional controls. The value stays the same: such characters only occur inside strings.
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

// IndentedJSON encodes a value for a file that people read too: indented, inert in a log, and without HTML's
// escapes.
func IndentedJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return Inert(b.Bytes()), nil
}

// obeyed reports whether terminals act on r: DEL, C1, and the bidirectional controls of Unicode
// (UAX 9).
func obeyed(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0x061c || r == 0x200e || r == 0x200f ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// NeedsNoEscape reports whether a string can be written to JSON unescaped and is inert in a
// log.
func NeedsNoEscape(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&', c == '#':
			return false
		}
	}
	return true
}
