package config

import (
	"slices"
	"strings"
)

// Input is one row of the table of inputs. Flags, environment names, look-up, help,
// action.yml and the documents are all made from it.
type Input struct {
	Name  string // lower case, words joined by hyphens
	Group Group
	Type  Type
	// Default is what holds when nobody gives the input, as a user would write it;
	// empty when there is none.
	Default string
	// DefaultNote says in words what happens when nobody gives the input, where
	// Default cannot.
	DefaultNote string
	// ActionDefault is the default in action.yml: an expression of what only GitHub knows.
	// Where there is no such thing it comes as null.
	ActionDefault string
	// Help is one line without any markup: meaning, unit, range.
	Help string
	// Secret marks a credential: its value is never shown.
	Secret bool
	// Vendor is the environment name of the vendor's own SDK, looked up last; empty
	// when it has none.
	Vendor string
	// Commands take the input.
	Commands []Command
	// Modes are the ways of what to run that use the input; none means all.
	Modes []Mode
	// Lenient makes giving the input to another of the Modes a warning, not an error,
	// because what is run and judged is the same without it.
	Lenient bool
}

// Group is a heading under which inputs stand together.
type Group string

// The groups, in the order in which they are shown.
const (
	GroupConnection Group = "Connection"
	GroupTarget     Group = "What to run"
	GroupSpending   Group = "Cost control"
	GroupReruns     Group = "Reruns and evals"
	GroupCriteria   Group = "Criteria"
	GroupWaiting    Group = "Timeouts and polling"
	GroupPolicy     Group = "Policy"
	GroupReports    Group = "Reports"
	GroupServer     Group = "Simulated API"
)

// Flag is the name of the input's flag.
func (in Input) Flag() string { return "--" + in.Name }

// EnvName is the environment name of the input in any CI, such as
// AGENT_GATE_MIN_SUCCESS_RATE.
func (in Input) EnvName() string { return envPrefix + in.key() }

// EnvNames are the environment names of the input in the order in which they are
// looked up: the one that GitHub makes, which keeps hyphens; the same with
// underscores, since sh drops names with hyphens; ours; the vendor's.
func (in Input) EnvNames() []string {
	names := []string{actionPrefix + strings.ToUpper(in.Name)}
	if strings.Contains(in.Name, "-") {
		names = append(names, actionPrefix+in.key())
	}
	names = append(names, in.EnvName())
	if in.Vendor != "" {
		names = append(names, in.Vendor)
	}
	return names
}

// Takes reports whether c takes the input.
func (in Input) Takes(c Command) bool { return slices.Contains(in.Commands, c) }

const (
	actionPrefix = "INPUT_"
	envPrefix    = "AGENT_GATE_"
)

// key is the name under which envconfig asks for the input.
func (in Input) key() string { return envKey(in.Name) }

// envKey turns the name of an input or output into the form of environment names.
func envKey(name string) string {
	return strings.ReplaceAll(strings.ToUpper(name), "-", "_")
}

// inputName turns an environment name without its prefix into the form of inputs.
func inputName(key string) string {
	return strings.ReplaceAll(strings.ToLower(key), "_", "-")
}

// find returns the row of an input.
func find(inputs []Input, name string) (Input, bool) {
	i := slices.IndexFunc(inputs, func(in Input) bool { return in.Name == name })
	if i < 0 {
		return Input{}, false
	}
	return inputs[i], true
}
