package config

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// SuiteOptions says that inputs are those of a suite, or of one of its gates.
type SuiteOptions struct {
	// Whole is true for the inputs that belong to all gates together: nothing then has to
	// say what to run, and criteria are optional.
	Whole bool
	// Gate has the keys of the gate, by input name. They take precedence over flags.
	Gate map[string]FileValue
	// Defaults has the file's defaults, by input name. Flags and variables take precedence
	// over them.
	Defaults map[string]FileValue
	// Offline skips what only a run needs: keys, proxies, certificates, a baseline file.
	Offline bool
	// Secrets are values of the file that no message may show.
	Secrets []string
}

// FileValue is the value of an input in a suite file.
type FileValue struct {
	Text string
	At   string // FILE:LINE:COLUMN
	// Lines are the places of the lines of Text; empty if they are not known.
	Lines []string
}

// isPosition reports whether the source of a value is a place in a suite file. Flags and
// variables contain no colon.
func isPosition(from string) bool { return strings.Contains(from, ":") }

// isWhole reports whether the inputs are those of a suite as a whole.
func (s *sources) isWhole() bool { return s.suite != nil && s.suite.Whole }

// isOffline reports whether the inputs are only checked.
func (s *sources) isOffline() bool { return s.suite != nil && s.suite.Offline }

// inGate returns what the gate of the suite file has for an input, and where.
func (s *sources) inGate(name string) (value, at string) {
	if s.suite == nil {
		return "", ""
	}
	v := s.suite.Gate[name]
	return text.Trim(v.Text), v.At
}

// inDefaults returns what the defaults of the suite file have for an input, and where. A
// gate drops those that it sets to nothing, or says in another way.
func (s *sources) inDefaults(name string) (value, at string) {
	if s.suite == nil {
		return "", ""
	}
	if s.emptied(name) || s.displaced(name) {
		return "", ""
	}
	v := s.suite.Defaults[name]
	return text.Trim(v.Text), v.At
}

// displaced reports whether a gate of the suite file says in another way what an input says, so that the input has no place
// beside it.
func (s *sources) displaced(name string) bool {
	inGate := func(way string) bool {
		own, _ := s.inGate(way)
		return own != ""
	}
	switch {
	case slices.Contains(wayNames(), name):
		return slices.ContainsFunc(wayNames(), inGate)
	case name == inputAgentCommand:
		return inGate(inputAgentURL)
	case name == inputAgentURL:
		return inGate(inputAgentCommand)
	case slices.Contains(urlInputs, name):
		return inGate(inputAgentCommand) || s.emptied(inputAgentURL)
	}
	return false
}

// emptied reports whether a gate of the suite file sets an input to nothing.
func (s *sources) emptied(name string) bool {
	own, has := s.suite.Gate[name]
	return has && text.Trim(own.Text) == ""
}

// lineInFile returns the place of a line, from 1, of an input that the suite file gives;
// empty when that is not known.
func (s *sources) lineInFile(name string, line int) string {
	if s.suite == nil {
		return ""
	}
	from := s.from(name)
	for _, v := range []FileValue{s.suite.Gate[name], s.suite.Defaults[name]} {
		if v.At == from && line > 0 && line <= len(v.Lines) {
			return v.Lines[line-1]
		}
	}
	return ""
}
