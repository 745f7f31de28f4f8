// Package manual is what the table of inputs becomes for readers: the help, action.yml, the tables
// of the documents and the completion of shells.
//
// help.go has the help, action.go the rest of what is generated.
package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
)

const (
	helpWidth  = 80 // columns, the width of the narrowest terminal
	helpColumn = 32 // where the text next to a flag starts
)

// Help returns the help of a command, at most 80 columns wide, with a final newline. The
// help of run is that of the whole program.
func Help(c config.Command) string {
	var b strings.Builder
	info := c.Info()
	usage := "agent-gate " + string(c)
	if info.Argument != "" {
		usage += " " + info.Argument
	}
	inputs := slices.DeleteFunc(config.Inputs(), func(in config.Input) bool { return !in.Takes(c) })
	if len(inputs) > 0 {
		usage += " [flags]"
	}
	if c == config.CommandRun {
		b.WriteString("Usage: agent-gate [command] [flags]\n\nagent-gate is a quality gate for AI agents: it runs simulated calls on Future\nAGI, judges them, and passes or fails the CI job.\n\nCommands:\n")
		for _, info := range config.Commands() {
			writeRow(&b, strings.TrimSpace(string(info.Name)+" "+info.Argument), info.Summary)
		}
		b.WriteString("\nRun agent-gate COMMAND --help for the flags of a command. Flags of run:\n")
	} else {
		fmt.Fprintf(&b, "Usage: %s\n\n", usage)
		b.WriteString(strings.Join(wrap(info.Summary, helpWidth), "\n") + "\n")
	}
	var group config.Group
	for _, in := range inputs {
		if in.Group != group {
			group = in.Group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		writeRow(&b, usageOf(in), in.Help+note(in))
	}
	if len(inputs) > 0 {
		b.WriteString("\n" + strings.Join(wrap(helpLookup, helpWidth), "\n") + "\n")
	}
	if c.Judges() {
		b.WriteString("\nExit codes:\n")
		for _, code := range exitCodes() {
			writeRow(&b, code[0], code[1])
		}
	}
	return b.String()
}

const helpLookup = "Flags can also be set in the environment: --min-success-rate as INPUT_MIN-SUCCESS-RATE, " +
	"INPUT_MIN_SUCCESS_RATE or AGENT_GATE_MIN_SUCCESS_RATE, in this order; the keys and the base URL also as " +
	"FI_API_KEY, FI_SECRET_KEY and FI_BASE_URL. Blank values are ignored. Separate list items with commas or newlines, " +
	"or repeat the flag. Durations need a unit: 90s, 20m, 1h30m. Booleans are true, false, yes, no, on, off, 1 or 0."

// exitCodes lists the exit codes of the public interface and their meanings.
func exitCodes() [][2]string {
	return [][2]string{
		{"0", "pass or skipped, or a policy allows it"},
		{"1", "fail: a criterion is not met"},
		{"2", "bad configuration"},
		{"3", "no judgement possible: API or network failure, no calls, missing data; or a report could not be written"},
		{"4", "timed out"},
		{"5", "inconclusive"},
		{"130, 143", "interrupted by SIGINT, or by SIGTERM or SIGHUP"},
	}
}

// usageOf is the flag with its value, optional for a boolean.
func usageOf(in config.Input) string {
	if in.Type.Bool {
		return in.Flag() + "[=" + in.Type.Placeholder + "]"
	}
	return in.Flag() + " " + in.Type.Placeholder
}

// note returns the default of an input in words, with a leading space, and which mode it
// needs; empty when there is nothing to say.
func note(in config.Input) string {
	note := ""
	if len(in.Modes) > 0 && !slices.Contains(in.Modes, config.ModeExecute) {
		note = " Only with agent-definition-id."
	}
	switch {
	case in.Default != "":
		note += " (default: " + in.Default + ")"
	case in.DefaultNote != "":
		note += " (default: " + in.DefaultNote + ")"
	}
	return note
}

// writeRow writes a flag or command and its text in two columns. If the flag is too long
// for its column it gets a line of its own, broken between values if need be.
func writeRow(b *strings.Builder, left, text string) {
	left = "  " + left
	for len(left) > helpWidth {
		cut := strings.LastIndexByte(left[:helpWidth], '|') + 1
		if cut == 0 {
			break
		}
		b.WriteString(left[:cut] + "\n")
		left = "    " + left[cut:]
	}
	lines := wrap(text, helpWidth-helpColumn)
	if len(left) > helpColumn-2 {
		b.WriteString(left + "\n")
		left = ""
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%-*s%s\n", helpColumn, left, line)
		left = ""
	}
}

// wrap breaks a text at spaces into lines of at most width characters. A longer word gets
// its own line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
