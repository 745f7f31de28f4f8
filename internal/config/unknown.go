package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// checkEnvironment looks for variables meant for agent-gate that are not inputs: a
// misspelt threshold must not be ignored. Empty variables count as absent.
func (s *sources) checkEnvironment() {
	var names, variables []string
	for _, in := range s.inputs {
		names = append(names, in.Name)
		variables = append(variables, in.EnvNames()...)
	}
	for _, o := range Outputs() {
		variables = append(variables, o.EnvName()) // from an earlier job, see ambiguous
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

// checkActionName rejects a variable that GitHub made from an input of our action: it
// makes one of everything under "with", and of args and entrypoint. Elsewhere, such as in
// a run step, people pass their own inputs in such variables, and only one that is almost
// an input of ours is rejected.
func (s *sources) checkActionName(variable, key string, names []string) {
	name := inputName(key)
	if s.inContainerAction() {
		if key != "ARGS" && key != "ENTRYPOINT" {
			s.unknown(name, variable, text.NearestOrPart(name, names))
		}
		return
	}
	suggestion := text.Nearest(name, takenNames(s.command, s.inputs))
	switch {
	case suggestion == "":
	case s.env["GITHUB_ACTIONS"] == "true": // which keeps the names of inputs
		s.unknown(name, variable, suggestion)
	default:
		s.unknown(name, variable, actionPrefix+envKey(suggestion))
	}
}

// inContainerAction reports whether GitHub's runner started us as a container action.
// Only then is the workspace mounted at this path (actions/runner,
// ContainerActionHandler.cs).
func (s *sources) inContainerAction() bool {
	return s.env["GITHUB_ACTIONS"] == "true" && s.env["GITHUB_WORKSPACE"] == "/github/workspace"
}

// checkOurName rejects a variable with our prefix that is almost an input. Any other may
// be the user's own and gets a warning.
func (s *sources) checkOurName(variable, key string, names []string) {
	name := inputName(key)
	if suggestion := text.Nearest(name, names); suggestion != "" {
		s.unknown(name, variable, envPrefix+envKey(suggestion))
		return
	}
	s.warn("", "", "ignoring the environment variable %s, which is not an input", s.quote(variable))
}

// unknown rejects a name. For commands that do not judge it is a warning: a wrong name
// cannot mislead them, and cleanup has to cancel what is left behind in any case.
func (s *sources) unknown(name, variable, suggestion string) {
	say := s.warn
	if s.command.Judges() {
		say = s.reject
	}
	say("", "", "unknown input %s (environment variable %s)%s", s.quote(name), s.quote(variable), text.Suggestion(suggestion))
}
