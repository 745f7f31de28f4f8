package criteria

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind tells the tokens of a criterion apart.
type tokenKind int

const (
	tokenEnd    tokenKind = iota
	tokenWord             // anything without blanks and without the characters of the others
	tokenQuoted           // a name in double quotes, without them and unescaped
	tokenColon
	tokenOp // a run of < > = ! and their mathematical forms
)

type token struct {
	kind tokenKind
	text string
}

// opRunes are the characters of comparisons, also of those that the grammar does not
// know, so that a mistake is told as one.
const opRunes = "<>=!≤≥≠"

// tokenize splits one line up to its comment, which is what follows the #. problem is
// empty when it could.
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

// unquoteName reads a name up to its closing quote and returns what follows it.
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

// unescape reads the character that an escape such as \u{200B} at the start of s stands for,
// and its size; 0 when there is none.
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

// An escape is the code point of a character that cannot be seen, between these.
const (
	escapeStart = `\u{`
	escapeEnd   = `}`
)
