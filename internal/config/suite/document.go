package suite

import (
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	globs "github.com/agent-gate/agent-gate/internal/changes/pattern"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
)

// The keys of a suite file that are not inputs.
const (
	keyVersion    = "version"
	keyDefaults   = "defaults"
	keyBudget     = "budget"
	keyGates      = "gates"
	keyQuarantine = "quarantine"
	keyName       = "name"
	keyOwner      = "owner"
	keyPaths      = "paths"
	keyCalls      = "calls"
	keyCost       = "cost"
	keyMinutes    = "minutes"
)

// fileKeys are the keys of the file.
func fileKeys() []string {
	return []string{keyVersion, keyDefaults, keyBudget, keyGates, keyQuarantine}
}

// maxBudget is the largest cost and the largest number of minutes.
const maxBudget = 1_000_000

// document is what a suite file contains.
type document struct {
	defaults   map[string]config.FileValue
	budget     Budget
	gates      []entry
	quarantine []Quarantined
	// secrets are values that must not be shown.
	secrets []string
}

// entry is a gate of the file.
type entry struct {
	name, at string
	owner    string
	paths    []string
	values   map[string]config.FileValue
}

// reader reads a suite file.
type reader struct {
	nodes
	document
	now    time.Time
	inputs []config.Input
}

// read reads a suite file. What is wrong with it is in the reader's problems.
func read(path string, data []byte, now time.Time) *reader {
	r := &reader{now: now, inputs: config.Inputs()}
	r.path, r.lines = path, strings.Split(string(data), "\n")
	if root := r.parse(data); root != nil {
		r.file(root)
	}
	return r
}

// file reads the whole file.
func (r *reader) file(root *yaml.Node) {
	pairs := r.mapping(root, "the file")
	var version, gates, quarantine *yaml.Node
	for _, p := range pairs {
		switch p.key.Value {
		case keyVersion:
			version = p.value
			if v, ok := r.scalar(p.value, keyVersion); ok && v != "1" {
				r.reject(p.value, "version must be 1, not %s", quote(v))
			}
		case keyDefaults:
			r.defaults = r.readDefaults(p.value)
		case keyBudget:
			r.readBudget(p.value)
		case keyGates:
			gates = p.value
		case keyQuarantine:
			quarantine = p.value
		default:
			if _, isInput := r.input(p.key.Value); isInput {
				r.reject(p.key, "unknown key %s; inputs stand under defaults or in a gate", quote(p.key.Value))
			} else {
				r.unknown(p.key, fileKeys())
			}
		}
	}
	if root.Kind != yaml.MappingNode {
		return
	}
	if version == nil {
		r.reject(root, "version is missing; write version: 1")
	}
	if gates == nil {
		r.reject(root, "gates is missing; a suite has at least one gate")
	} else {
		r.readGates(gates)
	}
	if quarantine != nil {
		r.readQuarantine(quarantine)
	}
}

// input returns the row of an input by its name.
func (r *reader) input(name string) (config.Input, bool) {
	for _, in := range r.inputs {
		if in.Name == name {
			return in, true
		}
	}
	return config.Input{}, false
}

// readDefaults reads the inputs that all gates share.
func (r *reader) readDefaults(n *yaml.Node) map[string]config.FileValue {
	values := map[string]config.FileValue{}
	for _, p := range r.mapping(n, keyDefaults) {
		r.readInput(p, values, false, nil)
	}
	return values
}

// readInput reads one input into values. Other is the keys that may stand beside inputs.
func (r *reader) readInput(p pair, values map[string]config.FileValue, inGate bool, other []string) {
	name := p.key.Value
	in, known := r.input(name)
	switch {
	case known && in.Secret && !in.InSuiteFile():
		if own := r.follow(p.value); own != nil {
			r.secret(in, p.key, own)
		}
	case known && inGate && in.OfTheWhole() && in.Takes(config.CommandRun):
		r.reject(p.key, "%s belongs to all gates together; set it under defaults, as a flag or as a variable", name)
	case known && in.InSuiteFile():
		if own := r.follow(p.value); inGate && isBlank(own) { // it takes the default away
			values[name] = config.FileValue{At: r.at(p.value)}
		} else if v, ok := r.value(in, p.value); ok {
			values[name] = v
		}
	case known && in.Takes(config.CommandRun):
		r.reject(p.key, "%s chooses the suite file or its gates; it cannot stand in it", name)
	default:
		for _, in := range r.inputs {
			if in.InSuiteFile() && !(inGate && in.OfTheWhole()) {
				other = append(other, in.Name)
			}
		}
		r.unknown(p.key, other)
	}
}

// readGates reads the gates.
func (r *reader) readGates(n *yaml.Node) {
	items, ok := r.list(n, keyGates)
	if ok && len(items) == 0 {
		r.reject(n, "gates is empty; a suite has at least one gate")
	}
	lines := map[string]int{}
	for _, item := range items {
		gate := r.readGate(item)
		if line, again := lines[gate.name]; again && gate.name != "" {
			r.rejectAt(gate.at, "the name %s is taken by the gate on line %d", quote(gate.name), line)
		}
		lines[gate.name] = item.Line
		r.gates = append(r.gates, gate)
	}
}

// readGate reads one gate.
func (r *reader) readGate(n *yaml.Node) entry {
	gate := entry{at: r.at(n), values: map[string]config.FileValue{}}
	hasName := false
	for _, p := range r.mapping(n, "a gate") {
		switch p.key.Value {
		case keyName:
			hasName = true
			gate.name, gate.at = r.gateName(p.value), r.at(p.value)
		case keyOwner:
			gate.owner, _ = r.scalar(p.value, keyOwner)
		case keyPaths:
			gate.paths = r.readPaths(p.value)
		default:
			r.readInput(p, gate.values, true, []string{keyName, keyOwner, keyPaths})
		}
	}
	if own := r.follow(n); !hasName && own != nil && (own.Kind == yaml.MappingNode || isNull(own)) {
		r.reject(n, "the gate has no name; add name: with a-z, 0-9, - and _")
	}
	return gate
}

// gateName reads the name of a gate; empty after a mistake.
func (r *reader) gateName(n *yaml.Node) string {
	name, ok := r.scalar(n, keyName)
	if ok && !kind.IsName(name) {
		r.reject(n, "%s is not the name of a gate; names are up to 64 of a-z, 0-9, - and _", quote(name))
		return ""
	}
	return name
}

// readPaths reads a list of patterns, or one alone.
func (r *reader) readPaths(n *yaml.Node) []string {
	items := []*yaml.Node{n}
	if own := r.follow(n); own != nil && own.Kind == yaml.SequenceNode {
		if items = own.Content; len(items) == 0 {
			r.reject(n, "the list of paths is empty; remove the key, or give a path")
		}
	}
	var patterns []string
	sound := true
	for _, item := range items {
		pattern, ok := r.scalar(item, "a path")
		switch bare := strings.TrimPrefix(pattern, "!"); {
		case !ok || pattern == "" && item == n:
		case pattern == "":
			r.reject(item, "a path is empty")
		case strings.HasPrefix(bare, "/") || strings.HasPrefix(bare, "./") || strings.HasPrefix(bare, "../"):
			r.reject(item, "the path %s matches nothing: paths begin at the root of the repository, without / or ./", quote(pattern))
		default:
			if err := globs.Check(pattern); err != nil {
				sound = false
				r.reject(item, "the path %s: %v", quote(pattern), err)
			}
			patterns = append(patterns, pattern)
		}
	}
	if _, err := globs.Compile(patterns); sound && err != nil {
		r.reject(n, "paths: %v", err)
	}
	return patterns
}

// readBudget reads the budget of all gates together.
func (r *reader) readBudget(n *yaml.Node) {
	for _, p := range r.mapping(n, keyBudget) {
		switch p.key.Value {
		case keyCalls:
			r.budget.Calls = int(r.number(p, kind.Whole(1, kind.MaxCalls)))
		case keyCost:
			r.budget.Cost = r.number(p, kind.Number(0.01, maxBudget))
		case keyMinutes:
			r.budget.Minutes = r.number(p, kind.Number(0.01, maxBudget))
		default:
			r.unknown(p.key, []string{keyCalls, keyCost, keyMinutes})
		}
	}
}

// number reads a number of some kind; 0 when there is none.
func (r *reader) number(p pair, k kind.Type) float64 {
	written, ok := r.scalar(p.value, p.key.Value)
	if !ok || written == "" {
		return 0
	}
	normal, err := k.Check(written, quote)
	if err != nil {
		r.reject(p.value, "%s: %v", p.key.Value, err)
		return 0
	}
	n, err := strconv.ParseFloat(normal, 64)
	if err != nil || math.IsInf(n, 0) {
		return 0
	}
	return n
}
