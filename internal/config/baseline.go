package config

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config/kind"
)

// baseline reads the input baseline and rejects what the command cannot look up.
func (s *sources) baseline(v settings) Baseline {
	const name = "baseline"
	if !s.command.Judges() && s.command != CommandExplain {
		return Baseline{}
	}
	var b Baseline
	if id, err := uuid.Parse(v.Baseline); err == nil {
		b.ExecutionID = id
	} else {
		switch v.Baseline {
		case "", kind.NoBaseline:
		case kind.AutoBaseline:
			b.Auto = true
		default:
			b.File = v.Baseline
		}
	}
	switch {
	case s.command.reads() && (b.Auto || b.ExecutionID != uuid.Nil):
		s.reject(name, s.from(name), "%s sends no requests, so the baseline must be a JSON report", string(s.command))
	case b.Auto && s.isGiven("run-name") && !s.isWhole():
		s.reject(name, s.from(name), "auto finds runs by the name made from the CI context, which run-name replaces; remove run-name, or give the UUID of a test execution or a JSON report")
	}
	return b
}

// checkChanges rejects criteria that compare with a baseline when there is none: they
// would have no data after all calls are paid for.
func (s *sources) checkChanges(c Config) {
	if c.Baseline != (Baseline{}) || s.broken["baseline"] {
		return
	}
	for _, criterion := range c.Rules.Criteria {
		if criterion.Change {
			s.reject("criteria", s.from("criteria"), "line %d: .change needs a baseline, but the input baseline is none", criterion.Line)
		}
	}
}
