package config

import (
	"maps"
	"slices"
	"strings"
)

// checkEnvironment looks for names that were meant for agent-gate and are no input: a
// misspelt threshold must not be ignored. Names without a value count as absent.
func (s *sources) checkEnvironment() {
	var names, variables []string
	for _, in := range s.inputs {
		names = append(names, in.Name)
		variables = append(variables, in.EnvNames()...)
	}
	for _, o := range Outputs() {
		variables = append(variables, o.EnvName()) // of an earlier job, see ambiguous
	}
	for _, variable := range slices.Sorted(maps.Keys(s.env)) {
		if strings.TrimSpace(s.env[variable]) == "" || slices.Contains(variables, variable) {
			continue
		}
		upper := strings.ToUpper(variable)
		if key, ok := strings.CutPrefix(upper, actionPrefix); ok {
			s.checkActionName(variable, key, names)
		} else if key, ok := strings.CutPrefix(upper, envPrefix); ok {
			s.checkOurName(variable, key, names)
		}
	}
}

// checkActionName rejects a variable that GitHub made of an input of the step. It makes
// one of everything that stands under "with", and of args and entrypoint of a container
// action. Elsewhere other tools use such names too: only one that is almost an input is
// meant for us.
func (s *sources) checkActionName(variable, key string, names []string) {
	name := inputName(key)
	if s.env["GITHUB_ACTIONS"] == "true" {
		if key != "ARGS" && key != "ENTRYPOINT" {
			s.unknown(name, variable, nearestOrPart(name, names))
		}
		return
	}
	if suggestion := nearest(name, takenNames(s.command, s.inputs)); suggestion != "" {
		s.unknown(name, variable, actionPrefix+envKey(suggestion))
	}
}

// checkOurName rejects a variable with our prefix that is almost an input. Any other may
// be the user's own, and gets a warning.
func (s *sources) checkOurName(variable, key string, names []string) {
	name := inputName(key)
	if suggestion := nearest(name, names); suggestion != "" {
		s.unknown(name, variable, envPrefix+envKey(suggestion))
		return
	}
	s.warn("", "", "the environment variable %s is no input and is ignored", s.quote(variable))
}

// unknown rejects a name. Only what judges can be misled by it; cleanup has to cancel
// what is left behind in any case.
func (s *sources) unknown(name, variable, suggestion string) {
	say := s.warn
	if s.command.judges() {
		say = s.reject
	}
	say("", "", "unknown input %s (environment variable %s)%s", s.quote(name), s.quote(variable), didYouMean(suggestion))
}
