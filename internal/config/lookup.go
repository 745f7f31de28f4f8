package config

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// sources is where inputs come from, strongest first: flags, environment, defaults. It
// is the one Lookuper that envconfig decodes from. What it returns was checked by the
// type of the input; a value that is wrong is noted and counts as absent, so that all
// mistakes are found at once although envconfig stops at the first.
type sources struct {
	command  Command
	inputs   []Input
	flags    map[string]string
	env      map[string]string
	defaults map[string]string // of the command, instead of the table's
	*findings
	// broken are the inputs that were given and are wrong.
	broken map[string]bool
	try    func(path string, appended bool) error // see [Options]
}

// environment turns the pairs of os.Environ into a map. The first of two equal names
// counts, as for os.Getenv.
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

// Lookup is envconfig's question for the value of a key such as MIN_SUCCESS_RATE.
func (s *sources) Lookup(key string) (string, bool) {
	i := slices.IndexFunc(s.inputs, func(in Input) bool { return in.key() == key })
	if i < 0 {
		return "", false
	}
	in := s.inputs[i]
	value, from := s.value(in)
	if value == "" {
		return "", false
	}
	normal, err := in.Type.check(value, s.quoter(value))
	if err != nil {
		s.broken[in.Name] = true
		s.reject(in.Name, from, "%v", err)
		return "", false
	}
	return normal, true
}

// value finds the value of an input, without surrounding blanks, and the flag or
// variable that gave it. From is empty for a default, and for the name that GitHub makes
// of an input in a workflow, where the user wrote just the input's name.
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

// choice returns the inputs whose defaults, which only commands such as demo have, give
// way as soon as the user gives one of them.
func (s *sources) choice(in Input) []string {
	for _, set := range [][]string{targetNames(), criteriaNames()} {
		if slices.Contains(set, in.Name) {
			return set
		}
	}
	return nil
}

// given finds what the user gave for an input, and from where as messages name it.
func (s *sources) given(in Input) (value, from string) {
	value, from = s.found(in)
	if from == in.EnvNames()[0] {
		from = ""
	}
	return value, from
}

// source is the flag or the variable that gave an input; empty when nobody did.
func (s *sources) source(name string) string {
	in, _ := find(s.inputs, name)
	_, from := s.found(in)
	return from
}

// found finds what the user gave for an input, and the flag or the variable. The environment
// may hold inputs that the command does not take: it is shared with other commands.
func (s *sources) found(in Input) (value, from string) {
	if !in.Takes(s.command) {
		return "", ""
	}
	if value := text.Trim(s.flags[in.Name]); value != "" {
		return value, in.Flag()
	}
	for _, name := range in.EnvNames() {
		value := text.Trim(s.env[name])
		if value == "" || in.Secret && isUnexpanded(value) || in.ActionDefault != "" && value == "null" {
			continue
		}
		return value, name
	}
	return "", ""
}

// isGiven reports whether the user gave an input, right or wrong.
func (s *sources) isGiven(name string) bool {
	in, ok := find(s.inputs, name)
	if !ok {
		return false
	}
	value, _ := s.given(in)
	return value != ""
}

// from is the flag or variable that gave an input, for messages about it.
func (s *sources) from(name string) string {
	in, _ := find(s.inputs, name)
	_, from := s.given(in)
	return from
}

// isUnexpanded reports whether a value is the bare name of a variable. GitLab leaves
// $NAME as it stands when the variable is missing, as on a fork, and Azure $(NAME), whose
// names may have dots and hyphens: that is no key.
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

// secretValues are the values of all credentials, wherever they were given, also those
// that a stronger source hides.
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
