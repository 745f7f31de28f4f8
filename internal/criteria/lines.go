package criteria

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Parse reads criteria, one a line; blank lines and comments are skipped, so
// that an input of nothing else gives no criteria and no error. All lines that cannot
// be read are reported at once: the error joins a *CriterionError for each, and the other
// lines are returned beside it, so that [Set.Mistakes] can tell in the same breath which of
// them cannot do their work.
func Parse(input string) ([]Criterion, error) {
	return readLines(input, language[Criterion]{
		input: inputCriteria, what: "criterion", inside: criteriaInside,
		read: (*parser).criterion,
		set:  func(c *Criterion, line int) { c.Line = line },
	})
}

// ParseConditions reads the input pass-when, one condition a line, by the rules of
// ParseCriteria: an input of blank lines and comments gives no condition and no error, the
// error joins a *CriterionError for each line that cannot be read, and the other lines are
// returned beside it.
func ParseConditions(input string) ([]Condition, error) {
	return readLines(input, language[Condition]{
		input: inputPassWhen, what: "condition", inside: conditionsInside,
		read: (*parser).condition,
		set:  func(c *Condition, line int) { c.Line = line },
	})
}

// language is an input of one T a line.
type language[T comparable] struct {
	input, what string // the name of the input, and what a line of it is
	// inside finds the lines that a comment holds.
	inside func(comment string) []string
	read   func(*parser) (T, bool)
	set    func(t *T, line int)
}

// readLines reads all lines of an input that can be read. The error joins a *CriterionError
// for each of the others.
func readLines[T comparable](input string, l language[T]) ([]T, error) {
	var all []T
	var mistakes []error
	first := map[T]int{} // the line on which one stands first
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

// readLine reads one line; some is false when there is nothing on it but a comment. The
// mistake lacks its line.
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

// LineError is a line of the criteria, or of pass-when, that cannot be judged by.
type LineError struct {
	Line       int    // from 1; 0 when the criterion comes from an input of its own
	Text       string // the line, as the user wrote it
	Problem    string // what is wrong, and what is allowed
	Suggestion string // what was probably meant; empty when there is no guess
}

// Error is the mistake in one line, in which what cannot be seen is spelled out.
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
