package criteria

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // anything without white space and the characters of the other tokens
	tokenQuoted           // a name in double quotes; the text is unquoted and unescaped
	tokenColon
	tokenOp // a run of < > = ! and their mathematical forms
)

type token struct {
	kind tokenKind
	text string
}

// opRunes are the characters of comparisons, including unknown ones, to report them as such.
const opRunes = "<>=!≤≥≠"

// tokenize splits one line into tokens and its comment, which follows the #. problem is empty if
// the line is valid.
func tokenize(line string) (tokens []token, comment, problem string) {
	whole := line
	for line != "" {
		r, size := utf8.DecodeRuneInString(line)
		switch {
		case unicode.IsSpace(r):
			line = line[size:]
		case r == '#':
			return tokens, line[size:], ""
		case r == ':':
			tokens = append(tokens, token{tokenColon, ":"})
			line = line[size:]
		case invisible(r):
			return nil, "", unseen(r, whole, line)
		case r == '"':
			name, rest, problem := unquoteName(line[size:])
			if problem != "" {
				return nil, "", problem
			}
			if i := strings.IndexFunc(line[:len(line)-len(rest)], invisibleInName); i >= 0 {
				r, _ := utf8.DecodeRuneInString(line[i:])
				return nil, "", unseen(r, whole, line[i:]) + ", or write " + escape(r) + " if the name contains it"
			}
			tokens = append(tokens, token{tokenQuoted, name})
			line = rest
		default:
			op := strings.ContainsRune(opRunes, r)
			end := strings.IndexFunc(line, func(r rune) bool {
				if op {
					return !strings.ContainsRune(opRunes, r)
				}
				return unicode.IsSpace(r) || invisible(r) || strings.ContainsRune(`#:"`+opRunes, r)
			})
			if end < 0 {
				end = len(line)
			}
			kind := tokenWord
			if op {
				kind = tokenOp
			}
			tokens = append(tokens, token{kind, line[:end]})
			line = line[end:]
		}
	}
	return tokens, "", ""
}

// unquoteName reads a name up to its closing quote, and returns the rest.
func unquoteName(s string) (name, rest, problem string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], ""
		case '\\':
			if r, size := unescape(s[i:]); size > 0 {
				b.WriteRune(r)
				i += size - 1
				continue
			}
			i++
			if i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", "", `inside quotes a backslash can only precede " or \: write \\ for a backslash`
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", "missing closing quote"
}

// unescape reads an escape such as \u{200B} at the start of s, and returns its character and size;
// size 0 if there is none.
func unescape(s string) (r rune, size int) {
	code, found := strings.CutPrefix(s, escapeStart)
	if !found {
		return 0, 0
	}
	code, _, found = strings.Cut(code, escapeEnd)
	n, err := strconv.ParseUint(code, 16, 32)
	if !found || err != nil || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), len(escapeStart) + len(code) + len(escapeEnd)
}

// The delimiters of an escape, which has the code point of an invisible character between them.
const (
	escapeStart = `\u{`
	escapeEnd   = `}`
)
