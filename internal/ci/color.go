package ci

import (
	"os"

	"golang.org/x/term"
)

// style is a way to write, as the terminal's own number for it.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	yellow style = "33"
)

// paint writes s in a style, where colours are wanted.
func paint(l *Log, with style, s string) string {
	if !l.options.Color {
		return s
	}
	return "\x1b[" + string(with) + "m" + s + "\x1b[0m"
}

// WantColor reports whether colours are wanted: on a terminal, and in the logs of CI
// systems that show them although they are no terminals. Jenkins shows them only with a
// plugin, and else the bare codes. NO_COLOR and
// CLICOLOR=0 forbid them, CLICOLOR_FORCE and FORCE_COLOR demand them, a dumb terminal
// cannot show them; the first of these that applies decides.
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
	return terminal || provider != Plain && provider != Jenkins
}

// isOn reports whether a variable that counts by being there is set.
func isOn(s string) bool { return s != "" && s != "0" && s != "false" }

// TerminalWidth returns a function that tells the width of the terminal f in columns,
// 0 when it does not say. It returns nil when a line cannot be drawn anew on f: f is
// no terminal, a dumb one, or one that a CI system keeps as a log.
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
