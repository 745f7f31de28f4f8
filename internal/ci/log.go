package ci

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// constant is a string literal. Other packages cannot name the type, so only their
// constants convert to it; a variable has to be logged with "%s".
type constant string

// lineLimit is the longest line of the log, in characters.
const lineLimit = 2000

// LogOptions control how a log is displayed.
type LogOptions struct {
	Provider job.Provider
	Level    slog.Level // messages below it are dropped
	Color    bool       // see [WantColor]
	// Width returns the width of the terminal in columns, 0 when unknown. It is nil when
	// the log does not go to a terminal. See [TerminalWidth].
	Width func() int
}

// Log is the log of the job. Every message passes the door for log lines as a whole, so
// that whatever it contains stays one line and is not a command to the CI system. Write
// errors are dropped, since there is nowhere left to report them. It is safe for
// concurrent use.
type Log struct {
	options LogOptions

	mu      sync.Mutex
	w       io.Writer
	live    string // the last line of a terminal, drawn by a Progress
	partial []byte // an unfinished last line
	group   string // the name of the open section, or empty
	groups  int
	issues  map[Severity]*issues

	// whole is the log of the job if this is that of a part of it, see Named.
	whole *Log
	name  string
}

// NewLog returns a log that writes to w.
func NewLog(w io.Writer, options LogOptions) *Log {
	return &Log{w: w, options: options, issues: map[Severity]*issues{}}
}

// Debug logs a message for troubleshooting.
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
	// The door trims; leading spaces in the format are an indent.
	indent := strings.Repeat(" ", len(format)-len(strings.TrimLeft(string(format), " ")))
	said := fmt.Sprintf(string(format), args...)
	if l.whole != nil {
		said, l = l.name+": "+said, l.whole
	}
	line := text.New(said).LineMax(lineLimit)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.print(prefix + indent + line + "\n")
}

// Write logs rendered output, such as a report, with its lines and colours. Its texts
// have passed their doors one by one; Write only breaks lines that became a command when
// put together. A last line without a newline waits for the rest, or for Close.
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

// Close ends the open section and writes what is pending. The stream stays open.
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

// print writes lines, above the live ones if there are any.
func (l *Log) print(lines string) {
	if l.live != "" {
		lines = l.erase() + lines + l.live
	}
	_, _ = io.WriteString(l.w, lines)
}

// clearLine moves to the start of the line and erases it; clearAbove does the same with the line above.
const (
	clearLine  = "\r\x1b[K"
	clearAbove = "\x1b[A\x1b[K"
)

// erase removes the live lines, at whose end the cursor is.
func (l *Log) erase() string {
	return clearLine + strings.Repeat(clearAbove, strings.Count(l.live, "\n"))
}

// show replaces the live lines of a terminal; an empty text removes them.
func (l *Log) show(live string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live == "" && live == "" {
		return
	}
	erased := l.erase()
	l.live = live
	_, _ = io.WriteString(l.w, erased+live)
}

// guard breaks a line that a CI runner would take for a command: "::" at its start, and
// the old forms of GitHub, Azure and TeamCity anywhere.
func guard(line string) string {
	line = oldCommands.Replace(line)
	if strings.HasPrefix(strings.TrimSpace(line), "::") {
		line = strings.Replace(line, "::", `\:\:`, 1)
	}
	return line
}

// The runner treats a carriage return as the end of a line.
var oldCommands = strings.NewReplacer("\r\n", "\n", "\r", "", "##[", `#\#[`, "##vso[", `#\#vso[`, "##teamcity[", `#\#teamcity[`)
