// Package kind has the kinds of values that inputs take: how a value is validated, normalised and
// described in the help.
//
// kind.go is the [Type] and the simple kinds; number.go, list.go, url.go, file.go, secret.go and
// baseline.go have the others, and amount.go the one with a Go type of its own.
//
// The package knows no input and no command: the table of inputs in package config picks a kind
// for each.
package kind

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Type is the kind of value that an input takes.
type Type struct {
	// Placeholder stands for the value in the help, such as UUID or fail|warn.
	Placeholder string
	// Values are the values of an enumeration; empty for other types.
	Values []string
	// Bool marks a flag that needs no value.
	Bool bool
	// List marks a type with several values, whose flag can be repeated.
	List bool
	// Low and High are the range of a number; equal for other types.
	Low, High float64
	// Whole marks a number without a fraction.
	Whole bool
	// File marks a type whose value is a path.
	File bool
	// JSON marks a type whose value is JSON.
	JSON bool
	// Separator joins the values of repeated flags.
	Separator string
	// Check validates a value, trimmed and not empty, and normalises it to the form that
	// envconfig decodes. The error is a full sentence without the input's name; it shows
	// the given value through quote.
	Check func(value string, quote func(string) string) (string, error)
}

// Text accepts any valid UTF-8.
func Text() Type {
	return Type{Placeholder: "TEXT", Check: func(value string, _ func(string) string) (string, error) {
		if !utf8.ValidString(value) {
			return "", errors.New("the text is not valid UTF-8")
		}
		return value, nil
	}}
}

// nameLength is the longest name of a run test, in characters (create-run-test.txt).
const nameLength = 255

// Name accepts the name of a run test.
func Name() Type {
	return Type{Placeholder: "NAME", Check: func(value string, quote func(string) string) (string, error) {
		switch {
		case !utf8.ValidString(value):
			return "", errors.New("the name is not valid UTF-8")
		case strings.Contains(value, "/"):
			// The API's lookup by name cannot route a slash (contract, section 3.3).
			return "", fmt.Errorf("%s contains a slash, which the API cannot look up in a name", quote(value))
		case strings.ContainsFunc(value, unicode.IsControl):
			return "", fmt.Errorf("%s contains a line break or another control character", quote(value))
		case utf8.RuneCountInString(value) > nameLength:
			return "", fmt.Errorf("the name has %d characters; allowed: at most %d", utf8.RuneCountInString(value), nameLength)
		}
		return value, nil
	}}
}

// UUID accepts a UUID that names something.
func UUID() Type {
	return Type{Placeholder: "UUID", Check: func(value string, quote func(string) string) (string, error) {
		id, ok := parseUUID(value)
		if !ok {
			return "", fmt.Errorf("%s is not a UUID, such as a758ede8-419d-4f12-9270-be81e46f4896", quote(value))
		}
		return id.String(), nil
	}}
}

// parseUUID parses a UUID that names something. Parse alone would accept malformed input,
// such as a letter before and after the UUID; Validate does not. The nil UUID names
// nothing.
func parseUUID(s string) (uuid.UUID, bool) {
	if uuid.Validate(s) != nil {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil && id != uuid.Nil
}

// Bool accepts true and false, and their usual synonyms.
func Bool() Type {
	return Type{Placeholder: "true|false", Bool: true, Check: func(value string, quote func(string) string) (string, error) {
		switch strings.ToLower(value) {
		case "true", "yes", "on", "1":
			return "true", nil
		case "false", "no", "off", "0":
			return "false", nil
		}
		return "", fmt.Errorf("%s is neither true nor false; allowed: true, false, yes, no, on, off, 1, 0", quote(value))
	}}
}

// Enum accepts one of the values, in any case.
func Enum(values ...string) Type {
	return Type{Placeholder: strings.Join(values, "|"), Values: values, Check: func(value string, quote func(string) string) (string, error) {
		lower := strings.ToLower(value)
		if slices.Contains(values, lower) {
			return lower, nil
		}
		return "", fmt.Errorf("%s is not allowed; allowed: %s%s", quote(value), strings.Join(values, ", "), text.Suggestion(text.Nearest(lower, values)))
	}}
}

// Lines accepts text with one item per line, which package verdict parses. A line @FILE stands for the lines
// of a file.
func Lines(placeholder, things string) Type {
	return Type{Placeholder: placeholder + "|@FILE", List: true, Separator: "\n", Check: func(value string, quote func(string) string) (string, error) {
		var lines []string
		for line := range strings.SplitSeq(value, "\n") {
			path, isFile := strings.CutPrefix(strings.TrimSpace(line), "@")
			if !isFile {
				lines = append(lines, line)
				continue
			}
			data, err := ReadSmallFile(path, linesLimit)
			switch {
			case err != nil:
				return "", fmt.Errorf("cannot read %s: %w", quote(path), err)
			case len(data) > linesLimit:
				return "", fmt.Errorf("%s is larger than %d bytes", quote(path), linesLimit)
			}
			lines = append(lines, strings.TrimSuffix(string(data), "\n"))
		}
		value = strings.Join(lines, "\n")
		if !utf8.ValidString(value) {
			return "", errors.New("the " + things + " are not valid UTF-8")
		}
		return value, nil
	}}
}

// linesLimit is the maximum size of a file of lines, in bytes.
const linesLimit = 1 << 20
