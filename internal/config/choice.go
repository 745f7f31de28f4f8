package config

import (
	"os"
	"slices"
	"strings"
)

// The inputs that choose a suite.
const (
	inputConfig = "config"
	inputGates  = "gates"
)

// SuiteFiles are where a suite file is looked for in the workspace, in this order.
func SuiteFiles() []string { return []string{"agent-gate.yaml", ".github/agent-gate.yaml"} }

// Choice is which gates to run, as flags and variables say.
type Choice struct {
	// File is the suite file; empty if the inputs alone say what to run.
	File string
	// Named is true if the input config gives the file, false if it was found by its name.
	Named bool
	// Gates are the names given by the input gates; empty for all.
	Gates []string
}

// Choose determines from arguments and environment whether a command runs a suite.
// Inputs that say what to run are mistakes beside config and gates, and win over a file
// that was only found by its name. Other mistakes in the inputs are left to [Parse].
func Choose(args, environ []string, c Command) (Choice, []Problem, error) {
	inputs, env := Inputs(), environment(environ)
	f := &findings{redactor: newRedactor(secretValues(inputs, args, env))}
	got, err := parseArguments(args, c, inputs, &findings{redactor: f.redactor})
	if err != nil {
		return Choice{}, nil, err
	}
	s := &sources{command: c, inputs: inputs, flags: got.flags, env: env, findings: f, broken: map[string]bool{}}
	if config, _ := find(inputs, inputConfig); !config.Takes(c) {
		return Choice{}, nil, nil
	}
	var choice Choice
	choice.File, choice.Named = s.Lookup(envKey(inputConfig))
	if names, ok := s.Lookup(envKey(inputGates)); ok {
		choice.Gates = strings.Split(names, ",")
	}
	found := ""
	if i := slices.IndexFunc(SuiteFiles(), exists); i >= 0 && c != CommandDemo { // which runs what it brings along
		found = SuiteFiles()[i]
	}
	ways := slices.DeleteFunc(targetNames(), func(name string) bool { return !s.isGiven(name) || s.isInherited(name) })
	switch {
	case s.isGiven(inputConfig) || s.isGiven(inputGates):
		for _, way := range ways {
			s.reject(way, s.from(way), "no effect with a suite file, whose gates say what to run; remove it, or remove config and gates")
		}
		if !s.isGiven(inputConfig) {
			choice.File = found
		}
		if choice.File == "" && !s.isGiven(inputConfig) {
			s.reject(inputGates, s.from(inputGates), "there is no suite file: neither %s exists; give its path as config", strings.Join(SuiteFiles(), " nor "))
		}
	case len(ways) > 0:
		if found != "" {
			s.note(ways[0], s.from(ways[0]), "it says what to run, so the suite file %s is not used", found)
		}
	default:
		choice.File = found
	}
	return choice, f.warnings, f.err()
}

// exists reports whether there is something at a path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isInherited reports whether an input only comes from an earlier job's dotenv report.
func (s *sources) isInherited(name string) bool {
	return strings.TrimSpace(s.env[envPrefix+"VERDICT"]) != "" && s.isOutput(s.from(name))
}

// AnyGiven reports whether flags or variables give any input of a command that is not
// about the connection.
func AnyGiven(args, environ []string, c Command) bool {
	s := &sources{command: c, inputs: Inputs(), env: environment(environ), findings: &findings{}}
	return len(args) > 0 || slices.ContainsFunc(s.inputs, func(in Input) bool {
		return in.Group != GroupConnection && !isExpression(s.env[in.EnvNames()[0]]) && s.isGiven(in.Name)
	})
}
