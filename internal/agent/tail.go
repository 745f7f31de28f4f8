package agent

import (
	"io"
	"regexp"
	"slices"
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	maxTail     = 20      // lines of stderr to keep
	maxTailLine = 4 << 10 // bytes of each
)

// tail reads stderr as fast as the program writes it, and keeps the last lines.
type tail struct {
	screen screen
	hear   func(text.Untrusted) // gets each line; may be nil

	mu    sync.Mutex
	lines [][]byte
}

// read reads until the stream ends.
func (t *tail) read(r io.Reader) {
	lines := newLineReader(r, maxTailLine)
	for {
		l, err := lines.next()
		if err != nil {
			return
		}
		said := l.text[:min(len(l.text), maxTailLine)]
		t.keep(said)
		if t.hear != nil {
			t.hear(t.screen.redactor.Text(text.New(string(said))))
		}
	}
}

// keep adds a line, reusing the buffer of the one that it displaces.
func (t *tail) keep(said []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var room []byte
	if len(t.lines) == maxTail {
		room = t.lines[0][:0]
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, append(room, said...))
}

// last returns excerpts of the last lines, oldest first.
func (t *tail) last() []text.Untrusted {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []text.Untrusted
	for _, line := range t.lines {
		all = append(all, t.screen.excerpt(string(line)))
	}
	return all
}

// thrown matches a line that says why a program ended, in Python, JavaScript, Java or Go.
// What follows it is a stack trace or the version of the interpreter.
var thrown = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:[\w.]*(?:Error|Exception)\b|panic: |fatal error: |Uncaught )`)
})

// telling picks the most informative line: the last that looks like an exception, else the
// very last.
func telling(lines []text.Untrusted) text.Untrusted {
	for _, line := range slices.Backward(lines) {
		if thrown().MatchString(line.Raw()) {
			return line
		}
	}
	if len(lines) == 0 {
		return text.Untrusted{}
	}
	return lines[len(lines)-1]
}
