package config

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config/kind"
)

// Input is one row of the table of inputs. Flags, environment names, look-up, help,
// action.yml and the documents are all made from it.
type Input struct {
	Name  string // lower case, words joined by hyphens
	Group Group
	Type  kind.Type
	// Default is the value when the input is not given, as a user would write it; empty
	// when there is none.
	Default string
	// DefaultNote describes the default in words when Default cannot.
	DefaultNote string
	// ActionDefault is the default in action.yml: an expression that only GitHub can
	// evaluate. It arrives as null when it has no value.
	ActionDefault string
	// NotInAction leaves the input out of action.yml: it cannot work in the action's container.
	NotInAction bool
	// Help is one line of plain text: meaning, unit, range.
	Help string
	// Brief is Help in half a line, for the inputs that most people need; empty for others.
	Brief string
	// Secret marks a credential, whose value is never shown.
	Secret bool
	// Vendor is the variable of the vendor's own SDK, looked up last; empty when there is
	// none.
	Vendor string
	// Commands are the commands that take the input.
	Commands []Command
	// Modes are the ways of what to run that use the input; none means all.
	Modes []Mode
	// Lenient turns the error for using the input with another mode into a warning,
	// because what is run and judged stays the same.
	Lenient bool
}

// Group is a heading in the help and the tables.
type Group string

// The groups, in the order in which they are shown.
const (
	GroupConnection Group = "Connection"
	GroupTarget     Group = "What to run"
	GroupAgent      Group = "Text agents"
	GroupSpending   Group = "Cost control"
	GroupReruns     Group = "Reruns and evals"
	GroupTrials     Group = "Trials"
	GroupCriteria   Group = "Criteria"
	GroupWaiting    Group = "Timeouts and polling"
	GroupPolicy     Group = "Policy"
	GroupReports    Group = "Reports"
	GroupInit       Group = "Setup"
	GroupServer     Group = "Simulated API"
)

// Flag is the name of the input's flag.
func (in Input) Flag() string { return "--" + in.Name }

// EnvName is the environment name of the input in any CI, such as
// AGENT_GATE_MIN_SUCCESS_RATE.
func (in Input) EnvName() string { return envPrefix + in.key() }

// EnvNames are the variables of the input in the order of lookup: the one GitHub sets,
// which keeps hyphens; the same with underscores, since sh drops names with hyphens;
// ours; the vendor's.
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

// OfTheWhole reports whether the input belongs to all gates of a suite together, so that
// no gate can have its own: there is one connection, one set of reports and one comment.
func (in Input) OfTheWhole() bool {
	return in.Group == GroupConnection || in.Group == GroupReports || slices.Contains(wholeNames(), in.Name)
}

// wholeNames are inputs that belong to a suite as a whole, besides groups of them.
func wholeNames() []string {
	return []string{"dry-run", "on-missing-credentials", "run-key", "changed-files"}
}

// InSuiteFile reports whether a suite file can have the input: what the command run
// takes, except credentials and what chooses the file. Of the credentials agent-header
// is taken as a reference to a variable.
func (in Input) InSuiteFile() bool {
	return in.Takes(CommandRun) && in.Name != inputConfig && in.Name != inputGates && (!in.Secret || in.Name == "agent-header")
}

const (
	actionPrefix = "INPUT_"
	envPrefix    = "AGENT_GATE_"
)

// key is the name that envconfig looks up.
func (in Input) key() string { return envKey(in.Name) }

// envKey converts the name of an input or output for use in a variable name.
func envKey(name string) string {
	return strings.ReplaceAll(strings.ToUpper(name), "-", "_")
}

// inputName converts a variable name without its prefix to the form of input names.
func inputName(key string) string {
	return strings.ReplaceAll(strings.ToLower(key), "_", "-")
}

// find returns the row of an input.
func find(inputs []Input, name string) (Input, bool) {
	for i := range inputs { // without a copy of each
		if inputs[i].Name == name {
			return inputs[i], true
		}
	}
	return Input{}, false
}
