package ci

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// constant is a string that stands in the program. Other packages cannot name the
// type, so only a constant of theirs converts to it: to log a variable is to write
// "%s".
type constant string

// lineLimit is the longest line of a log, in characters.
const lineLimit = 2000

// LogOptions say how a log is shown.
type LogOptions struct {
	Provider Provider
	Level    slog.Level // messages below it are not shown
	Color    bool       // see [WantColor]
	// Width is the width of the terminal in columns, 0 when it is not known; nil when
	// the log does not go to a terminal. See [TerminalWidth].
	Width func() int
}

// Log is the log of the job. Its messages pass the door of log lines as a whole, so
// that whatever is in them stays one line and no command to the CI system. Errors of
// the stream are dropped: there is nowhere left to report them. It may be used by
// several goroutines.
type Log struct {
	options LogOptions

	mu      sync.Mutex
	w       io.Writer
	live    string // what a Progress shows in the last line of a terminal
	partial []byte // the end of what was written without a newline
	group   string // the name of the open section; empty when none is open
	groups  int
	issues  map[Severity]*issues
}

// NewLog returns a log that writes to w.
func NewLog(w io.Writer, options LogOptions) *Log {
	return &Log{w: w, options: options, issues: map[Severity]*issues{}}
}

// Debug logs a message for those who look for a fault.
func (l *Log) Debug(format constant, args ...any) {
	l.message(slog.LevelDebug, paint(l, dim, "debug:")+" ", format, args)
}

// Info logs a message without a prefix.
func (l *Log) Info(format constant, args ...any) {
	l.message(slog.LevelInfo, "", format, args)
}

// Warn logs a warning. It makes no annotation; see [Log.Annotate].
func (l *Log) Warn(format constant, args ...any) {
	l.message(slog.LevelWarn, paint(l, yellow, "warning:")+" ", format, args)
}

// Error logs an error. It makes no annotation; see [Log.Annotate].
func (l *Log) Error(format constant, args ...any) {
	l.message(slog.LevelError, paint(l, red, "error:")+" ", format, args)
}

func (l *Log) message(level slog.Level, prefix string, format constant, args []any) {
	if level < l.options.Level {
		return
	}
	// The door trims; blanks that the program itself puts first are an indent.
	indent := strings.Repeat(" ", len(format)-len(strings.TrimLeft(string(format), " ")))
	line := text.New(fmt.Sprintf(string(format), args...)).LineMax(lineLimit)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.print(prefix + indent + line + "\n")
}

// Write logs what a report has rendered, lines and colours and all. Its texts have
// passed their doors one by one; here only lines that together became a command are
// broken. A last line without newline waits for the rest, or for Close.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	end := bytes.LastIndexByte(l.partial, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	var lines strings.Builder
	for line := range strings.Lines(string(l.partial[:end])) {
		lines.WriteString(guard(line))
	}
	l.partial = append([]byte(nil), l.partial[end:]...)
	l.print(lines.String())
	return len(p), nil
}

// Close ends the open group, and writes what is still to be written. The stream stays
// open.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.partial) > 0 {
		l.print(guard(string(l.partial)) + "\n")
		l.partial = nil
	}
	l.endGroup()
	l.closeIssues()
}

// print writes lines, above the live line if there is one.
func (l *Log) print(lines string) {
	if l.live != "" {
		lines = clearLine + lines + l.live
	}
	_, _ = io.WriteString(l.w, lines)
}

// clearLine goes to the start of the last line of a terminal and empties it.
const clearLine = "\r\x1b[K"

// show replaces the live line of a terminal; an empty one removes it.
func (l *Log) show(live string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live == "" && live == "" {
		return
	}
	l.live = live
	_, _ = io.WriteString(l.w, clearLine+live)
}

// guard breaks a line that a CI runner would take for a command: "::" at its start,
// and the old forms of GitHub, Azure and TeamCity anywhere.
func guard(line string) string {
	line = oldCommands.Replace(line)
	if strings.HasPrefix(strings.TrimSpace(line), "::") {
		line = strings.Replace(line, "::", `\:\:`, 1)
	}
	return line
}

// The runner takes a carriage return for the end of a line.
var oldCommands = strings.NewReplacer("\r\n", "\n", "\r", "", "##[", `#\#[`, "##vso[", `#\#vso[`, "##teamcity[", `#\#teamcity[`)
