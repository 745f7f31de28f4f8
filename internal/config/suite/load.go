package suite

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Options says for which command to load a suite.
type Options struct {
	// Command is the command; config.CommandRun when empty.
	Command config.Command
	// Now decides which quarantine entries have expired.
	Now time.Time
	// Defaults are values that replace the table's defaults, as in config.Options.
	Defaults map[string]string
	// TryWrite is as in config.Options, for the files of the whole.
	TryWrite func(path string, appended bool) error
}

// Load reads the suite that arguments and environment ask for. It is nil if they ask for
// a single gate, which config.Parse reads.
//
// The error is a *config.Error with all mistakes, or config.ErrHelp or its like. With a
// *config.Error the Suite still has what could be read, so that keys can be masked and
// reports written; do not run anything with it. The second result is the warnings.
func Load(args, environ []string, opts Options) (*Suite, []config.Problem, error) {
	command := cmp.Or(opts.Command, config.CommandRun)
	choice, warnings, err := config.Choose(args, environ, command)
	mistakes, other := problemsOf(err)
	if other != nil {
		return nil, nil, other
	}
	if choice.File == "" {
		return nil, warnings, err
	}
	l := loader{args: args, environ: environ, opts: opts, command: command}
	l.reader = l.open(choice.File, opts.Now)
	s, found, more := l.suite(choice.Gates)
	s.Found = !choice.Named
	warnings = sorted(append(warnings, found...))
	return s, warnings, asError(sorted(append(mistakes, more...)))
}

// Validate checks a suite file without keys, environment and network. The result is the
// warnings and the error, as for [Load].
func Validate(path string, now time.Time) (*Suite, []config.Problem, error) {
	l := loader{command: config.CommandRun, offline: true}
	l.reader = l.open(path, now)
	s, warnings, mistakes := l.suite(nil)
	return s, sorted(warnings), asError(sorted(mistakes))
}

// loader makes the configurations of the gates of a file.
type loader struct {
	args, environ []string
	opts          Options
	command       config.Command
	offline       bool
	*reader
}

// open reads a file.
func (l *loader) open(path string, now time.Time) *reader {
	data, err := kind.ReadSmallFile(path, SizeLimit)
	if err != nil {
		r := &reader{}
		r.path = path
		r.problems = []config.Problem{{Input: "config", Text: text.Sprintf("cannot read %s: %v", quote(path), err)}}
		return r
	}
	return read(path, data, now)
}

// suite makes the configurations of the gates with the given names, or of all.
func (l *loader) suite(names []string) (*Suite, []config.Problem, []config.Problem) {
	s := &Suite{Path: l.path, Budget: l.budget, Quarantine: l.quarantine}
	mistakes := append(l.problems, l.checkNames(names)...)
	var warnings []config.Problem
	shared, _ := l.expand(l.defaults, false)
	whole := l.parse(nil, shared, true)
	s.Whole = whole.Config
	warnings, mistakes = append(warnings, whole.warnings...), append(mistakes, whole.mistakes...)
	known := map[string]bool{}
	for _, p := range slices.Concat(whole.warnings, whole.mistakes) {
		known[p.String()] = true
	}
	for _, e := range l.gates {
		s.AllPaths = append(s.AllPaths, e.paths)
		chosen := len(names) == 0 || slices.Contains(names, e.name)
		values, missing := l.expand(e.values, chosen)
		mistakes = append(mistakes, missing...)
		defaults, missing := l.expand(l.defaults, chosen)
		mistakes = append(mistakes, missing...)
		gate := l.parse(values, defaults, false)
		warnings = append(warnings, about(e, gate.warnings, known)...)
		mistakes = append(mistakes, about(e, gate.mistakes, known)...)
		if chosen {
			gate.Gate, gate.Reports, gate.Comment.Mode = e.name, config.Reports{}, config.CommentNever
			s.Gates = append(s.Gates, Gate{Name: e.name, Owner: text.New(e.owner), Paths: e.paths, Config: gate.Config, At: e.at})
		}
	}
	return s, warnings, append(mistakes, twice(s.Gates)...)
}

// twice rejects gates that would ask for the same work on an execution that exists: it would be paid for twice.
func twice(gates []Gate) (mistakes []config.Problem) {
	first := map[uuid.UUID]string{}
	for _, g := range gates {
		c := g.Config
		if c.Target.Mode != config.ModeAttach || c.Reruns.Attempts == 0 && len(c.NewEvalConfigIDs) == 0 {
			continue
		}
		if other, taken := first[c.Target.TestExecutionID]; taken {
			mistakes = append(mistakes, config.Problem{At: g.At, Text: text.Sprintf(
				"gate %s: gate %s reruns calls or evals of test execution %s too, which would be paid for twice: leave rerun-attempts and new-eval-config-ids to one of them",
				g.Name, other, c.Target.TestExecutionID)})
			continue
		}
		first[c.Target.TestExecutionID] = g.Name
	}
	return mistakes
}

// checkNames rejects names of gates that the file does not have.
func (l *loader) checkNames(names []string) []config.Problem {
	var all []string
	for _, e := range l.gates {
		all = append(all, e.name)
	}
	var mistakes []config.Problem
	for _, name := range names {
		if !slices.Contains(all, name) && len(all) > 0 {
			mistakes = append(mistakes, config.Problem{Input: "gates", Text: text.Sprintf("%s has no gate %s%s; it has %s",
				l.path, quote(name), text.DidYouMean(name, all), strings.Join(all, ", "))})
		}
	}
	return mistakes
}

// agentHeader is the one secret that a file may refer to.
const agentHeader = "agent-header"

// expand returns values with the variable of agent-header filled in, or without it if the
// variable is missing, which is a mistake.
func (l *loader) expand(values map[string]config.FileValue, chosen bool) (map[string]config.FileValue, []config.Problem) {
	v, ok := values[agentHeader]
	if !ok {
		return values, nil
	}
	lookUp := func(name string) string {
		for _, pair := range l.environ {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
	if l.offline || !chosen || l.command == config.CommandPlan {
		lookUp = nil
	}
	values = maps.Clone(values)
	value, missing := expand(v.Text, lookUp)
	if missing != "" {
		delete(values, agentHeader)
		return values, []config.Problem{{At: v.At, Input: agentHeader, Text: text.Sprintf("the variable %s is not set", missing)}}
	}
	if lookUp != nil {
		l.secrets = append(l.secrets, value)
	}
	values[agentHeader] = config.FileValue{Text: value, At: v.At}
	return values, nil
}

// parsed is a configuration and what was said about it.
type parsed struct {
	config.Config
	warnings, mistakes []config.Problem
}

// parse makes the configuration of a gate, or of the whole.
func (l *loader) parse(values, defaults map[string]config.FileValue, whole bool) parsed {
	options := config.Options{Command: l.command, Defaults: l.opts.Defaults, Suite: &config.SuiteOptions{
		Whole: whole, Gate: values, Defaults: defaults, Offline: l.offline, Secrets: l.secrets,
	}}
	args := l.args
	switch {
	case whole:
		options.TryWrite = l.opts.TryWrite
	case l.command == config.CommandPlan:
		// A plan starts nothing and judges nothing, and its flags are not those of gates.
		args, options.Command, options.Suite.Offline = nil, config.CommandStart, true
	}
	c, warnings, err := config.Parse(args, l.environ, options)
	mistakes, other := problemsOf(err)
	if other != nil {
		mistakes = []config.Problem{{Text: text.New(other.Error())}}
	}
	return parsed{c, warnings, mistakes}
}

// about adds the gate to problems that are not about its own keys, and leaves out those
// that are known of the whole.
func about(e entry, problems []config.Problem, known map[string]bool) []config.Problem {
	own := map[string]bool{}
	for _, v := range e.values {
		own[v.At] = true
		for _, at := range v.Lines {
			own[at] = true
		}
	}
	var all []config.Problem
	for _, p := range problems {
		if known[p.String()] {
			continue
		}
		if !own[p.At] {
			what := "gate " + cmp.Or(e.name, "without a name")
			if p.Input != "" {
				what += ": " + p.Input
			}
			p.Text, p.Input, p.From = text.Sprintf("%s: %s", what, p.Text), "", ""
			p.At = cmp.Or(p.At, e.at)
		}
		all = append(all, p)
	}
	return all
}

// problemsOf returns the mistakes in an error, or the error if it has none.
func problemsOf(err error) ([]config.Problem, error) {
	if err == nil {
		return nil, nil
	}
	if several, ok := errors.AsType[*config.Error](err); ok {
		return several.Problems, nil
	}
	return nil, err
}
