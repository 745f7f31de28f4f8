package text

import "strings"

// sequenceLen returns the length in bytes of the terminal sequence at the start of s, 0
// when there is none (ECMA-48, and xterm's OSC, which ends with BEL). Of an incomplete
// sequence only the introducer counts, so that a stray ESC cannot hide the rest of a
// text.
func sequenceLen(s string) int {
	switch {
	case s[0] == '\x1b':
		if len(s) == 1 {
			return 1
		}
		switch c := s[1]; {
		case c == '[':
			return 2 + controlLen(s[2:])
		case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
			return 2 + stringLen(s[2:])
		case c >= 0x20 && c <= 0x2f:
			return intermediateLen(s)
		case c >= 0x30 && c <= 0x7e:
			return 2
		}
		return 1
	case len(s) > 1 && s[0] == 0xc2: // the same introducers as single characters, U+0080 to U+009F
		switch s[1] {
		case 0x9b:
			return 2 + controlLen(s[2:])
		case 0x9d, 0x90, 0x98, 0x9e, 0x9f:
			return 2 + stringLen(s[2:])
		}
	}
	return 0
}

// controlLen returns the length of a control sequence after its introducer: parameters,
// intermediates and one final byte.
func controlLen(s string) int {
	i := 0
	for i < len(s) && s[i] >= 0x30 && s[i] <= 0x3f {
		i++
	}
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
		return i + 1
	}
	return 0
}

// stringLen returns the length of a control string after its introducer, terminator
// included. It never extends past the end of a line.
func stringLen(s string) int {
	if end := strings.IndexAny(s, "\r\n"); end >= 0 {
		s = s[:end]
	}
	length := 0
	for _, terminator := range []string{"\a", "\x1b\\", "\u009c"} {
		if i := strings.Index(s, terminator); i >= 0 && (length == 0 || i+len(terminator) < length) {
			length = i + len(terminator)
		}
	}
	return length
}

// intermediateLen returns the length of an escape sequence with intermediate bytes, such
// as the selection of a character set.
func intermediateLen(s string) int {
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		return i + 1
	}
	return 1
}
