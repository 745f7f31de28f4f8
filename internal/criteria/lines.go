package criteria

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Parse reads criteria, one a line. It skips blank lines and comments; an input without anything
// else gives no criteria and no error. The error joins a *[LineError] for each invalid line, and the
// valid lines are returned as well: [Set.Mistakes] can then report all mistakes at once.
func Parse(input string) ([]Criterion, error) {
	return readLines(input, language[Criterion]{
		input: inputCriteria, what: "criterion", inside: criteriaInside,
		read: (*parser).criterion,
		set:  func(c *Criterion, line int) { c.Line = line },
	})
}

// ParseConditions reads the input pass-when, one condition a line, by the rules of [Parse].
func ParseConditions(input string) ([]Condition, error) {
	return readLines(input, language[Condition]{
		input: inputPassWhen, what: "condition", inside: conditionsInside,
		read: (*parser).condition,
		set:  func(c *Condition, line int) { c.Line = line },
	})
}

// language is an input with one T a line.
type language[T comparable] struct {
	input, what string // the name of the input, and the word for a line of it
	// inside finds criteria or conditions in a comment.
	inside func(comment string) []string
	read   func(*parser) (T, bool)
	set    func(t *T, line int)
}

// readLines reads the valid lines of an input. The error joins a *[LineError] for each other line.
func readLines[T comparable](input string, l language[T]) ([]T, error) {
	var all []T
	var mistakes []error
	first := map[T]int{} // the line on which each one is first
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(input, "\ufeff"), "\n") {
		number++
		t, some, mistake := readLine(line, l)
		before, twice := first[t]
		switch {
		case mistake == nil && !some:
		case mistake == nil && twice:
			mistake = &LineError{Problem: fmt.Sprintf("line %[2]d has the same %[1]s", l.what, before)}
		case mistake == nil:
			first[t] = number
			l.set(&t, number)
			all = append(all, t)
		}
		if mistake != nil {
			mistake.Line, mistake.Text = number, strings.TrimSpace(line)
			mistakes = append(mistakes, mistake)
		}
	}
	return all, errors.Join(mistakes...)
}

// readLine reads one line; some is false if it is blank or a comment. The mistake lacks line and
// text.
func readLine[T comparable](line string, l language[T]) (t T, some bool, mistake *LineError) {
	tokens, comment, problem := tokenize(line)
	if problem != "" {
		return t, false, &LineError{Problem: problem}
	}
	if len(tokens) > 0 {
		p := parser{tokens: tokens}
		var ok bool
		if t, ok = l.read(&p); !ok {
			return t, false, &LineError{Problem: p.problem, Suggestion: p.suggestion}
		}
		some = true
	}
	if problem := swallowed(l, comment, some); problem != "" {
		return t, false, &LineError{Problem: problem}
	}
	return t, some, nil
}

// LineError is an invalid or useless line of criteria or pass-when.
type LineError struct {
	Line       int    // from 1; 0 if the criterion comes from an input of its own
	Text       string // the line, as the user wrote it
	Problem    string // what is wrong, and what is allowed
	Suggestion string // what was probably meant; empty without a guess
}

// Error is the mistake in one line, with invisible characters spelled out.
func (e *LineError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	b.WriteString(text.New(reveal(e.Text)).LineMax(120) + ": " + e.Problem)
	if e.Suggestion != "" {
		b.WriteString("; did you mean " + text.New(reveal(e.Suggestion)).LineMax(120) + "?")
	}
	return b.String()
}
