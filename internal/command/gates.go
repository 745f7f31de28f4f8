package command

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/text"
)

// configuration reads the configuration: that of a gate of the suite file, if there is one and nothing else
// says what to run, or else of arguments and environment alone.
func (c Command) configuration(name config.Command, args []string) (config.Config, []config.Problem, error) {
	parse := func() (config.Config, []config.Problem, error) {
		return config.Parse(args, c.Environ, config.Options{Command: name, Defaults: defaults(name), TryWrite: ci.TryWrite})
	}
	if name != config.CommandRun && name != config.CommandStart {
		return parse()
	}
	file, notes, err := suite.Load(args, c.Environ, suite.Options{Command: name, Now: time.Now(), TryWrite: ci.TryWrite})
	switch {
	case file != nil && err != nil:
		return file.Whole, notes, err
	case file != nil:
		cfg, more, err := onlyGate(file)
		return cfg, append(notes, more...), err
	}
	cfg, warnings, parsed := parse()
	if parsed == nil || errors.Is(parsed, config.ErrHelp) || errors.Is(parsed, config.ErrVersion) {
		err = errors.Join(parsed, err)
	} else {
		err = parsed
	}
	return cfg, append(notes, warnings...), err
}

// onlyGate is the configuration of the one gate that is chosen from a suite file.
func onlyGate(file *suite.Suite) (config.Config, []config.Problem, error) {
	names := make([]string, len(file.Gates))
	for i, g := range file.Gates {
		names[i] = g.Name
	}
	if len(names) != 1 {
		return file.Whole, nil, &config.Error{Problems: []config.Problem{{
			Input: "gates", Text: text.New(fmt.Sprintf("several gates in one process are not supported yet: choose one of %s", strings.Join(names, ", "))),
		}}}
	}
	whole, g := file.Whole, file.Gates[0]
	cfg := g.Config
	cfg.Gate = g.Name
	cfg.Reports, cfg.Comment, cfg.Transcripts = whole.Reports, whole.Comment, whole.Transcripts
	cfg.RunKey, cfg.ReuseMaxAge = whole.RunKey, whole.ReuseMaxAge
	cfg.MaxCalls = int(least(float64(cfg.MaxCalls), float64(file.Budget.Calls)))
	cfg.MaxCents, cfg.MaxMinutes = least(cfg.MaxCents, 100*file.Budget.Cost), least(cfg.MaxMinutes, file.Budget.Minutes)
	var notes []config.Problem
	for _, q := range file.Quarantine {
		if q.Gate == g.Name {
			notes = append(notes, config.Problem{Text: text.Sprintf("%s: quarantine has no effect yet: scenario %q counts like any other", text.New(q.At), q.Scenario)})
		}
	}
	return cfg, notes, nil
}

// least is the smaller of two limits, of which 0 is none.
func least(a, b float64) float64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
