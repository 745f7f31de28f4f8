package ci

import (
	"os"

	"golang.org/x/term"

	"github.com/agent-gate/agent-gate/internal/ci/job"
)

// style is an ANSI SGR parameter.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	yellow style = "33"
)

// paint styles s, if colours are on.
func paint(l *Log, with style, s string) string {
	if !l.options.Color {
		return s
	}
	return "\x1b[" + string(with) + "m" + s + "\x1b[0m"
}

// WantColor reports whether to use colours: on a terminal, and in the logs of CI systems
// that render them although they are not terminals. Jenkins renders them only with a
// plugin and otherwise shows the bare codes. NO_COLOR and CLICOLOR=0 turn colours off,
// CLICOLOR_FORCE and FORCE_COLOR turn them on, and a dumb terminal cannot show them; the
// first of these that applies decides.
//
// https://no-color.org, https://bixense.com/clicolors
func WantColor(getenv func(string) string, terminal bool) bool {
	switch {
	case getenv("NO_COLOR") != "":
		return false
	case isOn(getenv("CLICOLOR_FORCE")) || isOn(getenv("FORCE_COLOR")):
		return true
	case getenv("CLICOLOR") == "0" || getenv("TERM") == "dumb":
		return false
	}
	provider := ProviderOf(getenv)
	return terminal || provider != job.Plain && provider != job.Jenkins
}

// isOn reports whether a variable is set that counts by its presence.
func isOn(s string) bool { return s != "" && s != "0" && s != "false" }

// TerminalWidth returns a function that returns the width of terminal f in columns, 0
// when it is unknown. It returns nil when a line on f cannot be redrawn: f is not a
// terminal, or a dumb one, or one that a CI system records as a log.
func TerminalWidth(getenv func(string) string, f *os.File) func() int {
	fd := int(f.Fd())
	if getenv("TERM") == "dumb" || isOn(getenv("CI")) || !term.IsTerminal(fd) {
		return nil
	}
	return func() int {
		width, _, err := term.GetSize(fd)
		if err != nil {
			return 0
		}
		return width
	}
}
