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

// checkActionName rejects a variable that GitHub made of an input of our action: it makes
// one of everything that stands under "with", and of args and entrypoint. Anywhere else,
// so in a run step, in which people hand their own inputs over in such variables, only one
// that is almost an input is meant for us.
func (s *sources) checkActionName(variable, key string, names []string) {
	name := inputName(key)
	if s.inContainerAction() {
		if key != "ARGS" && key != "ENTRYPOINT" {
			s.unknown(name, variable, nearestOrPart(name, names))
		}
		return
	}
	suggestion := nearest(name, takenNames(s.command, s.inputs))
	switch {
	case suggestion == "":
	case s.env["GITHUB_ACTIONS"] == "true": // which writes the names of inputs as they are
		s.unknown(name, variable, suggestion)
	default:
		s.unknown(name, variable, actionPrefix+envKey(suggestion))
	}
}

// inContainerAction reports whether GitHub's runner started us as an action in a
// container. It mounts the workspace there, and nowhere else, at this path (actions/runner,
// ContainerActionHandler.cs).
func (s *sources) inContainerAction() bool {
	return s.env["GITHUB_ACTIONS"] == "true" && s.env["GITHUB_WORKSPACE"] == "/github/workspace"
}

// checkOurName rejects a variable with our prefix that is almost an input. Any other may
// be the user's own, and gets a warning.
func (s *sources) checkOurName(variable, key string, names []string) {
	name := inputName(key)
	if suggestion := nearest(name, names); suggestion != "" {
		s.unknown(name, variable, envPrefix+envKey(suggestion))
		return
	}
	s.warn("", "", "ignoring the environment variable %s, which is not an input", s.quote(variable))
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
