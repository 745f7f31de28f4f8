// Package suite reads suite files: several gates in one YAML file, whose keys are the
// inputs of the table in package config.
//
// The file's text becomes nodes in yaml.go. Package functions start in load.go, which
// makes a configuration for each gate; document.go, keys.go, value.go and quarantine.go
// read the parts of the file, and mistake.go collects what is wrong, with line and column.
// schema.go makes the JSON Schema of the file.
//
// The package reads the file and nothing else: it starts no gate and knows no CI system.
package suite

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Suite is several gates that run together, complete and valid. It is immutable.
type Suite struct {
	// Path is the file, as it was given or found.
	Path string
	// Found is true if the file was found by its name, not named by the input config.
	Found bool
	// Whole has the inputs of all gates together: connection, reports, comment, state
	// file, dry run. It has no target and no agent, and no criteria that count.
	Whole  config.Config
	Budget Budget
	// Gates are the gates to run, in the order of the file, at least one.
	Gates []Gate
	// AllPaths are the paths of all gates of the file, also of those that do not run.
	AllPaths [][]string
	// Quarantine has the entries of all gates, also of those that do not run.
	Quarantine []Quarantined
}

// Gate is one gate of a suite.
type Gate struct {
	Name  string         // unique; of a-z, 0-9, - and _
	Owner text.Untrusted // who to show beside failures; may be empty
	// Paths are patterns of the files that the gate depends on, relative to the root of
	// the repository; none means all files.
	Paths []string
	// Config is the gate's own, with connection, tokens, pull request and state file of
	// the whole. It asks for no reports and no comment, which the whole has.
	Config config.Config
	At     string // FILE:LINE:COLUMN
}

// Budget limits all gates together; 0 means no limit.
type Budget struct {
	Calls   int
	Cost    float64 // US dollars
	Minutes float64 // call minutes
}

// Quarantined is a scenario of a gate that is run and shown, but not judged.
type Quarantined struct {
	Gate     string
	Scenario text.Untrusted // its name
	Reason   text.Untrusted
	Owner    text.Untrusted
	Until    time.Time // the first moment at which the entry no longer counts
	At       string    // FILE:LINE:COLUMN
}
