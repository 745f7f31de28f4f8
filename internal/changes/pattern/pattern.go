// Package pattern matches the paths of files as the filters of GitHub workflows do.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// List is patterns in their order, of which later ones can take back what earlier ones matched.
type List struct{ all []pattern }

// pattern is one of them.
type pattern struct {
	*regexp.Regexp
	not bool // it begins with !
}

// Match is what a list says about a file.
type Match int

// The matches.
const (
	None     Match = iota // no pattern matches the file
	Matched               // the last pattern that matches it is a positive one
	Excluded              // the last pattern that matches it begins with !
)

// errOnlyNot refuses a list that can match nothing.
var errOnlyNot = errors.New("all patterns begin with !, so no file is left; put one without ! before them, such as **")

// Compile reads a list of patterns. The empty list matches nothing.
func Compile(patterns []string) (List, error) {
	var l List
	positive := len(patterns) == 0
	for _, p := range patterns {
		bare, not := strings.CutPrefix(p, "!")
		compiled, err := compile(bare)
		if err != nil {
			return List{}, err
		}
		positive = positive || !not
		l.all = append(l.all, pattern{compiled, not})
	}
	if !positive {
		return List{}, errOnlyNot
	}
	return l, nil
}

// Check says what is wrong with one pattern, with or without !.
func Check(p string) error {
	_, err := compile(strings.TrimPrefix(p, "!"))
	return err
}

// Match says what the list says about a file, whose path begins at the root of the repository.
func (l List) Match(path string) Match {
	m := None
	for _, p := range l.all {
		switch {
		case !p.MatchString(path):
		case p.not:
			m = Excluded
		default:
			m = Matched
		}
	}
	return m
}

// compile turns a pattern into an expression that matches whole paths, in time linear to their length.
func compile(p string) (*regexp.Regexp, error) {
	switch {
	case p == "":
		return nil, errors.New("the pattern is empty")
	case !utf8.ValidString(p):
		return nil, errors.New("the pattern is not UTF-8")
	}
	var all []string // what the pattern consists of; ? and + are about the last
	rest := p
	for rest != "" {
		var atom string
		switch {
		case strings.HasPrefix(rest, "**/") && (len(all) == 0 || all[len(all)-1] == "/"):
			// Also no folder: **/README.md matches README.md, and docs/**/*.md matches docs/a.md.
			atom, rest = "(?:.*/)?", rest[3:]
		case strings.HasPrefix(rest, "**"):
			atom, rest = ".*", strings.TrimLeft(rest, "*")
		case rest[0] == '*':
			atom, rest = "[^/]*", rest[1:]
		case rest[0] == '?' || rest[0] == '+':
			if len(all) == 0 {
				return nil, fmt.Errorf("there is nothing before the first %c, which repeats the character before it; a file's own %c is \\%c", rest[0], rest[0], rest[0])
			}
			atom, rest = "(?:"+all[len(all)-1]+")"+rest[:1], rest[1:]
			all = all[:len(all)-1]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, errors.New("[ has no ]; a file's own [ is \\[")
			}
			class, err := classOf(rest[1:end])
			if err != nil {
				return nil, err
			}
			atom, rest = class, rest[end+1:]
		default:
			if rest[0] == '\\' && len(rest) > 1 {
				rest = rest[1:]
			}
			_, size := utf8.DecodeRuneInString(rest)
			atom, rest = regexp.QuoteMeta(rest[:size]), rest[size:]
		}
		all = append(all, atom)
	}
	return regexp.Compile(`(?s)\A(?:` + strings.Join(all, "") + `)\z`)
}

// classOf is the class of characters between brackets: single ones, and ranges of letters or digits.
func classOf(s string) (string, error) {
	if s == "" {
		return "", errors.New("[] lists no characters")
	}
	var b strings.Builder
	b.WriteByte('[')
	list := []rune(s)
	for i := 0; i < len(list); i++ {
		if i+2 < len(list) && list[i+1] == '-' {
			from, to := list[i], list[i+2]
			if kindOf(from) == 0 || kindOf(from) != kindOf(to) || from > to {
				return "", fmt.Errorf("[%s]: a range goes from a to z, from A to Z, or from 0 to 9", s)
			}
			b.WriteString(string(from) + "-" + string(to))
			i += 2
			continue
		}
		b.WriteString(quoteInClass(list[i]))
	}
	b.WriteByte(']')
	return b.String(), nil
}

// kindOf tells letters and digits, between which there are ranges, apart; 0 for other characters.
func kindOf(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return 'a'
	case 'A' <= r && r <= 'Z':
		return 'A'
	case '0' <= r && r <= '9':
		return '0'
	}
	return 0
}

// quoteInClass is a character as it stands for itself in a class.
func quoteInClass(r rune) string {
	if strings.ContainsRune(`\-^[]&~`, r) {
		return `\` + string(r)
	}
	return string(r)
}
