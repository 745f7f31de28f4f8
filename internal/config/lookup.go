package config

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// sources is where inputs come from, in order of precedence: a gate of the suite file,
// flags, environment, the defaults of that file, defaults. It is the Lookuper that envconfig decodes from. Values it returns have been
// validated by the input's type. A wrong value is recorded and counts as absent, so that
// all mistakes are found although envconfig stops at the first.
type sources struct {
	command  Command
	inputs   []Input
	flags    map[string]string
	env      map[string]string
	defaults map[string]string // of the command, instead of the table's
	*findings
	// broken has the inputs that were given but are wrong.
	broken map[string]bool
	try    func(path string, appended bool) error // see [Options]
	suite  *SuiteOptions                          // nil for a run without a suite file
}

// environment turns os.Environ into a map. The first of two equal names counts, as in
// os.Getenv.
func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		name, value, ok := strings.Cut(pair, "=")
		if _, again := env[name]; ok && !again {
			env[name] = value
		}
	}
	return env
}

// Lookup implements envconfig.Lookuper for keys such as MIN_SUCCESS_RATE.
func (s *sources) Lookup(key string) (string, bool) {
	in, ok := find(s.inputs, inputName(key))
	if !ok {
		return "", false
	}
	value, from := s.value(in)
	if value == "" {
		return "", false
	}
	normal, err := in.Type.Check(value, s.quoter(value))
	if err != nil && s.isOffline() && in.Name == "baseline" && strings.HasSuffix(value, ".json") {
		return value, true // the job that runs the gate has to fetch it first
	}
	if err != nil {
		s.broken[in.Name] = true
		s.reject(in.Name, from, "%v", err)
		return "", false
	}
	return normal, true
}

// value returns the value of an input, without surrounding white space, and the flag or
// variable it came from. From is empty for a default, and for the variable that GitHub
// makes of an input in a workflow, where the user only wrote the input's name.
func (s *sources) value(in Input) (value, from string) {
	if value, from = s.given(in); value != "" {
		return value, from
	}
	if set := s.choice(in); slices.ContainsFunc(set, s.isGiven) {
		return "", ""
	}
	if value, ok := s.defaults[in.Name]; ok {
		return value, ""
	}
	return in.Default, ""
}

// choice returns the inputs whose command defaults, as demo has them, are dropped
// together as soon as the user gives one of them.
func (s *sources) choice(in Input) []string {
	for _, set := range [][]string{targetNames(), criteriaNames()} {
		if slices.Contains(set, in.Name) {
			return set
		}
	}
	return nil
}

// given returns what the user gave for an input, and its source as messages name it.
func (s *sources) given(in Input) (value, from string) {
	value, from = s.found(in)
	if from == in.EnvNames()[0] {
		from = ""
	}
	return value, from
}

// source returns the flag or variable that set an input; empty when nothing did.
func (s *sources) source(name string) string {
	in, _ := find(s.inputs, name)
	_, from := s.found(in)
	return from
}

// found returns what the user gave for an input, and the flag or variable. Inputs that
// the command does not take are ignored: other commands share the environment.
func (s *sources) found(in Input) (value, from string) {
	if !in.Takes(s.command) {
		return "", ""
	}
	if value, at := s.inGate(in.Name); value != "" {
		return value, at
	}
	if s.suite != nil && slices.Contains(targetNames(), in.Name) {
		return s.inDefaults(in.Name) // Choose has rejected the others
	}
	if s.suite != nil && s.displaced(in.Name) {
		return "", ""
	}
	if value := text.Trim(s.flags[in.Name]); value != "" {
		return value, in.Flag()
	}
	for _, name := range in.EnvNames() {
		value := text.Trim(s.env[name])
		if value == "" || in.Secret && isUnexpanded(value) || in.ActionDefault != "" && value == "null" || isVerdicts(in.Name, value) {
			continue
		}
		return value, name
	}
	return s.inDefaults(in.Name)
}

// isVerdicts reports whether the value of the input gates is the output gates, NAME:VERDICT, that a later GitLab
// job inherits from a dotenv report in a variable of the same name.
func isVerdicts(input, value string) bool { return input == inputGates && strings.Contains(value, ":") }

// isGiven reports whether the user gave an input, valid or not.
func (s *sources) isGiven(name string) bool {
	in, ok := find(s.inputs, name)
	if !ok {
		return false
	}
	value, _ := s.given(in)
	return value != ""
}

// from returns the flag or variable that set an input, as messages name it.
func (s *sources) from(name string) string {
	in, _ := find(s.inputs, name)
	_, from := s.given(in)
	return from
}

// isUnexpanded reports whether a value is a bare variable name. GitLab leaves $NAME as it
// is when the variable is missing, as in a fork, and Azure $(NAME), whose names may
// contain dots and hyphens. Neither is a key.
func isUnexpanded(value string) bool {
	name, ok := strings.CutPrefix(value, "$")
	if !ok {
		return false
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
	if inner, isAzure := strings.CutPrefix(name, "("); isAzure {
		name, isAzure = strings.CutSuffix(inner, ")")
		if !isAzure {
			return false
		}
		name = strings.NewReplacer(".", "", "-", "").Replace(name)
	}
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// secretValues returns the values of all credentials, wherever they were given, including
// those that a higher-precedence source hides.
func secretValues(inputs []Input, args []string, env map[string]string) []string {
	var values []string
	for _, in := range inputs {
		if !in.Secret {
			continue
		}
		for _, name := range in.EnvNames() {
			values = append(values, text.Trim(env[name]))
		}
		for i, arg := range args {
			if value, ok := strings.CutPrefix(arg, in.Flag()+"="); ok {
				values = append(values, text.Trim(value))
			}
			if arg == in.Flag() && i+1 < len(args) && !isFlag(args[i+1], inputs) {
				values = append(values, text.Trim(args[i+1]))
			}
		}
	}
	return values
}
