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

// Help returns the help of a command with its own flags, at most 80 columns wide, with a
// final newline.
func Help(c config.Command) string {
	var b strings.Builder
	info := c.Info()
	usage := "agent-gate " + string(c)
	if info.Argument != "" {
		usage += " " + info.Argument
	}
	inputs := ownInputs(c)
	if len(inputs) > 0 {
		usage += " [flags]"
	}
	fmt.Fprintf(&b, "Usage: %s\n\n", usage)
	b.WriteString(strings.Join(wrap(info.Summary, helpWidth), "\n") + "\n")
	writeInputs(&b, inputs, func(config.Input) string { return "" })
	if c == config.CommandDemo {
		b.WriteString("\n" + strings.Join(wrap(demoTakes, helpWidth), "\n") + "\n")
	}
	if c.Judges() {
		writeExitCodes(&b)
	}
	return b.String()
}

// demoTakes says what else the demo takes.
const demoTakes = "Nearly all flags of agent-gate run work here, too, such as --criteria, --config, --trials and the reports: agent-gate run --help."

// ownInputs returns the inputs to show in the help of a command, those first that only few commands take. Of
// the demo's, which are many, those are all.
func ownInputs(c config.Command) []config.Input {
	var own, shared []config.Input
	for _, in := range config.Inputs() {
		switch {
		case !in.Takes(c):
		case c != config.CommandRun && !in.Takes(config.CommandRun):
			own = append(own, in)
		case c != config.CommandDemo:
			shared = append(shared, in)
		}
	}
	return append(own, shared...)
}

// All returns the help with every input of every command.
func All() string {
	var b strings.Builder
	b.WriteString("Usage: agent-gate [command] [flags]\n\n" + about + "\nCommands:\n")
	for _, info := range config.Commands() {
		writeRow(&b, strings.TrimSpace(string(info.Name)+" "+info.Argument), info.Summary)
	}
	writeInputs(&b, config.Inputs(), func(in config.Input) string {
		if in.Takes(config.CommandRun) {
			return ""
		}
		var names []string
		for _, c := range in.Commands {
			names = append(names, string(c))
		}
		return " Only for " + strings.Join(names, " and ") + "."
	})
	writeExitCodes(&b)
	return b.String()
}

// Brief returns the help on one screen: what most people need.
func Brief() string {
	var b strings.Builder
	var names []string
	for _, info := range config.Commands() {
		names = append(names, string(info.Name))
	}
	b.WriteString("Usage: agent-gate [command] [flags]\n\n" + about)
	b.WriteString(strings.Join(wrap("Commands: "+strings.Join(names, ", "), helpWidth), "\n") + "\n\n")
	for _, in := range config.Inputs() {
		if in.Brief == "" {
			continue
		}
		flag := usageOf(in)
		if len(flag) > helpColumn-4 {
			flag = in.Flag()
		}
		writeRow(&b, flag, in.Brief)
	}
	b.WriteString("\nExamples:\n")
	for _, example := range [][2]string{
		{"agent-gate demo", "a complete run, simulated: no keys, no cost"},
		{"agent-gate init", "write agent-gate.yaml and a workflow"},
		{"agent-gate --run-test-id UUID --criteria 'pass_rate >= 90'", ""},
	} {
		writeRow(&b, example[0], example[1])
	}
	b.WriteString("\nagent-gate COMMAND --help: a command's flags. --help-all: every input.\n")
	return b.String()
}

// FirstSteps is what to try when nothing is given.
func FirstSteps() string {
	return `agent-gate: nothing to run. Try first:

  agent-gate demo     a complete run on a simulated API: no keys, no cost
  agent-gate init     write agent-gate.yaml and a workflow for this CI system
  agent-gate --help   what most people need
`
}

const about = "agent-gate is a quality gate for AI agents: it runs simulated calls on Future\n" +
	"AGI, judges them, and passes or fails the CI job.\n"

// writeInputs writes inputs by group. Extra is added to the text of one.
func writeInputs(b *strings.Builder, inputs []config.Input, extra func(config.Input) string) {
	var group config.Group
	for _, in := range inputs {
		if in.Group != group {
			group = in.Group
			fmt.Fprintf(b, "\n%s:\n", group)
		}
		writeRow(b, usageOf(in), in.Help+extra(in)+note(in))
	}
	if len(inputs) > 0 {
		b.WriteString("\n" + strings.Join(wrap(lookup(inputs), helpWidth), "\n") + "\n")
	}
}

func writeExitCodes(b *strings.Builder) {
	b.WriteString("\nExit codes:\n")
	for _, code := range exitCodes() {
		writeRow(b, code[0], code[1])
	}
}

// lookup says where else the values of inputs come from, with one of them as the example.
func lookup(inputs []config.Input) string {
	example := inputs[0]
	var lists, vendor, durations, booleans bool
	for _, in := range inputs {
		if in.Name == "min-success-rate" {
			example = in
		}
		lists = lists || in.Type.List
		vendor = vendor || in.Vendor != ""
		durations = durations || in.Type.Placeholder == "DURATION"
		booleans = booleans || in.Type.Bool
	}
	names := example.EnvNames()
	if example.Vendor != "" {
		names = names[:len(names)-1]
	}
	all := fmt.Sprintf("Flags can also be set in the environment: %s as %s or %s, in this order", example.Flag(), strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
	if vendor {
		all += "; the keys and the base URL also as FI_API_KEY, FI_SECRET_KEY and FI_BASE_URL"
	}
	all += ". Blank values are ignored."
	if lists {
		all += " Separate list items with commas or newlines, or repeat the flag."
	}
	if durations {
		all += " Durations need a unit: 90s, 20m, 1h30m."
	}
	if booleans {
		all += " Booleans are true, false, yes, no, on, off, 1 or 0."
	}
	return all
}

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
		if line == "" && left == "" {
			continue
		}
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
