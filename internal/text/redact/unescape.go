package redact

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes are the bytes that can begin an escape: of URLs, HTML and XML, string literals
// and quoted-printable; and the line break, which may have been put into a long word.
const escapes = "%&\\=\n"

// unescape decodes the escape at the start of s: its first n bytes mean value. n is 0
// when there is none.
func unescape(s string) (value string, n int) {
	switch s[0] {
	case '%':
		return unescapePercent(s)
	case '&':
		return unescapeEntity(s)
	case '\\':
		return unescapeBackslash(s)
	case '=':
		if rest := strings.TrimPrefix(s[1:], "\r"); strings.HasPrefix(rest, "\n") {
			return "", len(s) - len(rest) + 1 // a soft line break
		}
		return hexByte(s, 1)
	}
	return "", 0
}

// unescapePercent decodes %2F, and %u002F as JavaScript's escape writes it.
func unescapePercent(s string) (string, int) {
	if len(s) > 1 && s[1]|0x20 == 'u' {
		return hexRune(s, 2, 4)
	}
	return hexByte(s, 1)
}

// maxEntity is the longest name of an HTML entity for an ASCII character, in bytes:
// DiacriticalGrave and some slack.
const maxEntity = 20

// unescapeEntity decodes &#47; &#x2F; and &sol;.
func unescapeEntity(s string) (string, int) {
	if len(s) < 3 {
		return "", 0
	}
	if s[1] == '#' {
		at, base := 2, rune(10)
		if s[2]|0x20 == 'x' {
			at, base = 3, 16
		}
		var c rune
		n := at
		for ; n < len(s) && n < at+10; n++ {
			d := digit(s[n])
			if d < 0 || d >= base {
				break
			}
			c = min(c*base+d, utf8.MaxRune+1)
		}
		if n == at {
			return "", 0
		}
		if n < len(s) && s[n] == ';' {
			n++
		}
		return string(c), n
	}
	end := strings.IndexByte(s[:min(len(s), maxEntity+2)], ';')
	if end < 0 || strings.ContainsAny(s[1:end], "& \n") {
		return "", 0
	}
	value := html.UnescapeString(s[:end+1])
	if value == s[:end+1] {
		return "", 0
	}
	return value, end + 1
}

// controls maps the letter after a backslash to the control character it means.
var controls = [256]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", 'v': "\v", 'a': "\a"}

// unescapeBackslash decodes the escapes in string literals of Go, C, Python, Java,
// JavaScript and JSON.
func unescapeBackslash(s string) (string, int) {
	if len(s) < 2 {
		return "", 0
	}
	switch c := s[1]; {
	case c == 'u':
		at := 2
		for at < len(s) && s[at] == 'u' { // Java allows any number of u
			at++
		}
		value, n := hexRune(s, at, 4)
		if n == 0 {
			return bracedRune(s, at)
		}
		return value, n
	case c == 'x':
		if value, n := hexByte(s, 2); n > 0 {
			return value, n
		}
		return bracedRune(s, 2)
	case c == 'U':
		return hexRune(s, 2, 8)
	case '0' <= c && c <= '7':
		value, n := rune(0), 1
		for ; n < len(s) && n < 4 && '0' <= s[n] && s[n] <= '7'; n++ {
			value = value*8 + rune(s[n]-'0')
		}
		return string([]byte{byte(value)}), n
	case controls[c] != "":
		return controls[c], 2
	case c == '\n':
		return "", 2 // a soft line break
	case c == '\r' && len(s) > 2 && s[2] == '\n':
		return "", 3
	case c > ' ' && c <= '~' && !isAlphanumeric(c):
		return s[1:2], 2
	}
	return "", 0
}

// hexByte decodes two hexadecimal digits at an offset in s.
func hexByte(s string, at int) (string, int) {
	if at+2 > len(s) || digit(s[at]) < 0 || digit(s[at+1]) < 0 {
		return "", 0
	}
	return string([]byte{byte(digit(s[at])<<4 | digit(s[at+1]))}), at + 2
}

// hexRune decodes a character written with a fixed number of hexadecimal digits. The
// second half of a surrogate pair must follow in the same form.
func hexRune(s string, at, digits int) (string, int) {
	c, n := hexNumber(s, at, digits)
	if n == 0 {
		return "", 0
	}
	if utf16.IsSurrogate(c) && strings.HasPrefix(s[n:], s[:at]) {
		if second, end := hexNumber(s, n+at, digits); end > 0 {
			if pair := utf16.DecodeRune(c, second); pair != utf8.RuneError {
				return string(pair), end
			}
		}
	}
	return string(c), n
}

// hexNumber reads a fixed number of hexadecimal digits. n is the offset after them, 0
// when there are too few.
func hexNumber(s string, at, digits int) (c rune, n int) {
	if at+digits > len(s) {
		return 0, 0
	}
	for i := at; i < at+digits; i++ {
		d := digit(s[i])
		if d < 0 {
			return 0, 0
		}
		c = min(c<<4|d, utf8.MaxRune+1)
	}
	return c, at + digits
}

// bracedRune decodes {2F} at an offset in s.
func bracedRune(s string, at int) (string, int) {
	if at >= len(s) || s[at] != '{' {
		return "", 0
	}
	end := strings.IndexByte(s[at:min(len(s), at+10)], '}')
	if end < 2 {
		return "", 0
	}
	c, n := hexNumber(s, at+1, end-1)
	if n == 0 {
		return "", 0
	}
	return string(c), n + 1
}

// digit returns the value of a hexadecimal digit, -1 for any other byte.
func digit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
