package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// asker asks a person at a terminal.
type asker struct {
	in    io.Reader
	out   io.Writer
	lines *bufio.Reader
}

// isTerminal reports whether a person can answer on a stream.
func isTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// shownRunTests is how many run tests a question offers.
const shownRunTests = 20

// errNoAnswer is returned after several answers that are none.
var errNoAnswer = errors.New("no answer")

// runTests asks which run tests to make gates of; the newest if the answer is empty.
func (a *asker) runTests(ctx context.Context, found []calls.RunTest) ([]calls.RunTest, error) {
	shown := found[:min(len(found), shownRunTests)]
	for i, t := range shown {
		fmt.Fprintf(a.out, "%3d  %s\n", i+1, describe(t))
	}
	if more := len(found) - len(shown); more > 0 {
		fmt.Fprintf(a.out, "     and %d older ones: agent-gate init --list, then --run-test-id\n", more)
	}
	for range 3 {
		fmt.Fprint(a.out, "Run tests to make gates of, e.g. 1,3 [1]: ")
		answer, err := a.line(ctx)
		if err != nil {
			return nil, err
		}
		if chosen := pick(answer, shown); chosen != nil {
			return chosen, nil
		}
		fmt.Fprintf(a.out, "Numbers from 1 to %d, with commas between them, please.\n", len(shown))
	}
	return nil, errNoAnswer
}

// pick returns what an answer chooses; nil if it cannot be understood.
func pick(answer string, shown []calls.RunTest) []calls.RunTest {
	if answer == "" {
		answer = "1"
	}
	var chosen []calls.RunTest
	taken := map[int]bool{}
	for word := range strings.FieldsFuncSeq(answer, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(shown) {
			return nil
		}
		if !taken[n] {
			taken[n] = true
			chosen = append(chosen, shown[n-1])
		}
	}
	return chosen
}

// line reads an answer. It returns early when the context ends; the read then goes on
// until the process ends.
func (a *asker) line(ctx context.Context) (string, error) {
	if a.lines == nil {
		a.lines = bufio.NewReader(a.in)
	}
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := a.lines.ReadString('\n')
		read <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case got := <-read:
		if got.err != nil && got.line == "" {
			return "", errNoAnswer
		}
		return strings.TrimSpace(got.line), nil
	}
}
