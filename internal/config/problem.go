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

// ErrHelp is returned when the arguments ask for help.
var ErrHelp = errors.New("help requested")

// ErrHelpAll is returned when the arguments ask for the help with all inputs.
var ErrHelpAll = errors.New("full help requested")

// ErrVersion is returned when the arguments ask for the version.
var ErrVersion = errors.New("version requested")

// Problem is a mistake in the configuration, or a warning.
type Problem struct {
	At    string // place in a suite file, FILE:LINE:COLUMN; empty if it is not about one
	Input string // name of the input; empty if none or several
	From  string // flag or variable that set the value; empty if irrelevant
	Text  text.Untrusted
	// Note marks mere information, not a warning.
	Note bool
}

// String formats the problem as one log line, with the input named as the user gave it.
// It contains no secret.
func (p Problem) String() string {
	line := p.Text.Line()
	if p.Input != "" {
		line = p.label() + ": " + line
	}
	if p.At != "" {
		line = p.At + ": " + line
	}
	return line
}

// label names the input and its source.
func (p Problem) label() string {
	switch p.From {
	case "":
		return p.Input
	case "--" + p.Input:
		return p.From
	}
	return p.Input + " (from " + p.From + ")"
}

// Error is everything that is wrong with the configuration. Its exit code is 2.
type Error struct {
	// Problems has at least one entry, in this order: names, single values in table
	// order, combinations of inputs.
	Problems []Problem
}

// Error lists all mistakes, one per line if there are several.
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

// redactor hides credentials in messages, even if they were given to the wrong input.
type redactor struct{ secrets []string }

// newRedactor returns a redactor for the given values. The longest goes first, since one
// may be part of another.
func newRedactor(secrets []string) redactor {
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return redactor{secrets}
}

// minSecretLength is the shortest value that is hidden, in bytes: anything shorter is not
// a key, and hiding it would tear words apart.
const minSecretLength = 4

// hide replaces secrets with three stars regardless of case, because host names, for one,
// are turned into lower case.
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

// lower turns ASCII letters into lower case and keeps all other bytes, so that offsets
// stay valid.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// quote formats a value: without secrets, shortened, in quotes, control characters
// escaped.
func (r redactor) quote(s string) string {
	s = r.hide(s)
	if letters := []rune(s); len(letters) > shownLength {
		s = string(letters[:shownLength]) + "…"
	}
	return strconv.Quote(s)
}

// quoter returns the quote function for a value and its parts. A value that contains a
// secret is not shown at all, since a part of it may be part of the secret.
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

// reject records a mistake. Input and from may be empty.
func (f *findings) reject(input, from, format string, args ...any) {
	f.errors = append(f.errors, f.problem(input, from, format, args))
}

// warn records something that looks like a mistake.
func (f *findings) warn(input, from, format string, args ...any) {
	f.warnings = append(f.warnings, f.problem(input, from, format, args))
}

// note records how inputs were interpreted.
func (f *findings) note(input, from, format string, args ...any) {
	p := f.problem(input, from, format, args)
	p.Note = true
	f.warnings = append(f.warnings, p)
}

func (f *findings) problem(input, from, format string, args []any) Problem {
	p := Problem{Input: input, From: from, Text: text.New(f.hide(fmt.Sprintf(format, args...)))}
	if isPosition(from) {
		p.At, p.From = from, ""
	}
	return p
}

// err returns the mistakes as one error, or nil.
func (f *findings) err() error {
	if len(f.errors) == 0 {
		return nil
	}
	return &Error{Problems: f.errors}
}
