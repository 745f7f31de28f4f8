package verdict

import (
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

// tokenize splits one line, up to its comment. problem is empty when it could.
func tokenize(line string) (tokens []token, problem string) {
	for line != "" {
		r, size := utf8.DecodeRuneInString(line)
		switch {
		case unicode.IsSpace(r):
			line = line[size:]
		case r == '#':
			return tokens, ""
		case r == ':':
			tokens = append(tokens, token{tokenColon, ":"})
			line = line[size:]
		case r == '"':
			name, rest, problem := unquoteName(line[size:])
			if problem != "" {
				return nil, problem
			}
			tokens = append(tokens, token{tokenQuoted, name})
			line = rest
		default:
			op := strings.ContainsRune(opRunes, r)
			end := strings.IndexFunc(line, func(r rune) bool {
				if op {
					return !strings.ContainsRune(opRunes, r)
				}
				return unicode.IsSpace(r) || strings.ContainsRune(`#:"`+opRunes, r)
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
	return tokens, ""
}

// unquoteName reads a name up to its closing quote and returns what follows it.
func unquoteName(s string) (name, rest, problem string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], ""
		case '\\':
			i++
			if i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", "", `inside quotes a backslash stands only before " or \: write \\ for a backslash`
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", "a quote is opened and not closed"
}
