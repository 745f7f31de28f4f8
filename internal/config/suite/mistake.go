package suite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// mistakes collects what is wrong with a file.
type mistakes struct {
	path     string
	problems []config.Problem
}

// at is the place of a node as messages name it.
func (m *mistakes) at(n *yaml.Node) string { return m.place(n.Line, n.Column) }

func (m *mistakes) place(line, column int) string {
	return fmt.Sprintf("%s:%d:%d", m.path, line, column)
}

// reject records a mistake at a node.
func (m *mistakes) reject(n *yaml.Node, format string, args ...any) {
	m.rejectAt(m.at(n), format, args...)
}

func (m *mistakes) rejectAt(at, format string, args ...any) {
	if m.isFull() {
		return
	}
	m.problems = append(m.problems, config.Problem{At: at, Text: text.New(fmt.Sprintf(format, args...))})
}

// maxMistakes is how many mistakes of one file are reported.
const maxMistakes = 200

// isFull reports whether further mistakes would not be reported.
func (m *mistakes) isFull() bool { return len(m.problems) >= maxMistakes }

// shownLength is how many characters of a text of the file a message shows.
const shownLength = 60

// quote formats a text of the file: shortened, in quotes, invisible characters escaped.
func quote(s string) string {
	if letters := []rune(s); len(letters) > shownLength {
		s = string(letters[:shownLength]) + "…"
	}
	return strconv.Quote(s)
}

// sorted returns problems without duplicates, those of the file last and in its order.
func sorted(problems []config.Problem) []config.Problem {
	seen := map[string]bool{}
	var all []config.Problem
	for _, p := range problems {
		if s := p.String(); !seen[s] {
			seen[s] = true
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b config.Problem) int { return slices.Compare(lineAndColumn(a.At), lineAndColumn(b.At)) })
	return all
}

// lineAndColumn returns the numbers in FILE:LINE:COLUMN; nil when there are none.
func lineAndColumn(at string) []int {
	parts := strings.Split(at, ":")
	if len(parts) < 3 {
		return nil
	}
	var numbers []int
	for _, part := range parts[len(parts)-2:] {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// asError returns problems as one error, or nil.
func asError(problems []config.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &config.Error{Problems: problems}
}
