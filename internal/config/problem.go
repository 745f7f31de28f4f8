package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// ErrHelp says that the arguments ask for help.
var ErrHelp = errors.New("help requested")

// ErrVersion says that the arguments ask for the version.
var ErrVersion = errors.New("version requested")

// Problem is one mistake in the configuration, or one thing that looks like one.
type Problem struct {
	Input string // name of the input; empty when it is about none, or about several
	From  string // flag or environment name that gave the value; empty when it does not matter
	Text  text.Untrusted
	// Note marks what is as it should be, and is only said: it is no warning.
	Note bool
}

// String is the problem in one line for the log, with the input named as the user gave
// it. It holds no secret.
func (p Problem) String() string {
	if p.Input == "" {
		return p.Text.Line()
	}
	return p.label() + ": " + p.Text.Line()
}

// label names the input and what gave its value.
func (p Problem) label() string {
	switch p.From {
	case "":
		return p.Input
	case "--" + p.Input:
		return p.From
	}
	return p.Input + " (from " + p.From + ")"
}

// Error is everything that is wrong with the configuration. It is exit code 2.
type Error struct {
	// Problems are the mistakes, at least one: names first, then single values in the
	// order of the table, then what concerns several inputs.
	Problems []Problem
}

// Error lists all mistakes, one a line when there are several.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return "bad configuration: " + e.Problems[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "bad configuration, %d problems:", len(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n  - " + p.String())
	}
	return b.String()
}

// shownLength is how many characters of a wrong value a message shows.
const shownLength = 60

// redactor hides the values of credentials in messages, also where they were given to
// the wrong input.
type redactor struct{ secrets []string }

// newRedactor hides the given values. The longest goes first, since one may be a part of
// another.
func newRedactor(secrets []string) redactor {
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return redactor{secrets}
}

// minSecretLength is the shortest value that is hidden: anything shorter is no key, and
// hiding it would tear words apart.
const minSecretLength = 4

// hide replaces secrets by three stars, in whatever case they stand: a host name, for
// one, is turned into lower case.
func (r redactor) hide(s string) string {
	for _, secret := range r.secrets {
		if len(secret) < minSecretLength {
			continue
		}
		low, where := lower(s), lower(secret)
		for i := strings.Index(low, where); i >= 0; i = strings.Index(low, where) {
			s = s[:i] + "***" + s[i+len(where):]
			low = low[:i] + "***" + low[i+len(where):]
		}
	}
	return s
}

// lower turns ASCII letters into lower case and keeps all other bytes, so that positions
// stay the same.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// quote shows a value: without secrets, shortened, in quotes, control characters
// escaped.
func (r redactor) quote(s string) string {
	s = r.hide(s)
	if letters := []rune(s); len(letters) > shownLength {
		s = string(letters[:shownLength]) + "…"
	}
	return strconv.Quote(s)
}

// quoter returns the quote for a value and its parts. A value that holds a secret is not
// shown at all, since a part of it may be a part of the secret.
func (r redactor) quoter(value string) func(string) string {
	if r.hide(value) == value {
		return r.quote
	}
	return func(string) string { return `"***"` }
}

// findings collects mistakes and warnings.
type findings struct {
	redactor
	errors   []Problem
	warnings []Problem
}

// reject notes a mistake. Input and from may be empty.
func (f *findings) reject(input, from, format string, args ...any) {
	f.errors = append(f.errors, f.problem(input, from, format, args))
}

// warn notes something that looks like a mistake.
func (f *findings) warn(input, from, format string, args ...any) {
	f.warnings = append(f.warnings, f.problem(input, from, format, args))
}

// note says what was made of the inputs.
func (f *findings) note(input, from, format string, args ...any) {
	p := f.problem(input, from, format, args)
	p.Note = true
	f.warnings = append(f.warnings, p)
}

func (f *findings) problem(input, from, format string, args []any) Problem {
	return Problem{Input: input, From: from, Text: text.New(f.hide(fmt.Sprintf(format, args...)))}
}

// err returns the mistakes as one error, or nil.
func (f *findings) err() error {
	if len(f.errors) == 0 {
		return nil
	}
	return &Error{Problems: f.errors}
}
