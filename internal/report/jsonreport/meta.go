package jsonreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Meta is what a saved report says about the run besides its evidence.
type Meta struct {
	Tool     report.Tool
	CI       job.Context
	Verdict  verdict.Kind
	Cause    verdict.Cause // empty unless Verdict is error
	Reason   text.Untrusted
	ExitCode int
	SoftFail bool
	// Confidence, DecideOn and IntervalFor are the rules it was judged by; 0 and empty if the report
	// does not say.
	Confidence  float64
	DecideOn    verdict.DecideOn
	IntervalFor verdict.IntervalFor
	// Rules and Policy are all that it was judged by, without a baseline. Earlier versions did not write
	// them: there are no criteria then.
	Rules  verdict.Rules
	Policy verdict.Policy
	// Settings are what was asked of the run; nil if the report does not say.
	Settings *report.Settings
	// Checks are the checks as they were judged; nil if the report does not say. They are what it tells, and
	// judge nothing: see [Read].
	Checks []verdict.Check
	// Flip is the smallest change that would have turned the verdict.
	Flip text.Untrusted
	// Baseline is what the run was compared with; nil if it was with nothing.
	Baseline *report.SavedBaseline
}

// compared takes what a report says of its baseline. It decides nothing, so it may be of another version.
func (m *Meta) compared(raw json.RawMessage) error {
	if string(raw) == "null" {
		return nil
	}
	var b jsonBaseline
	_ = json.Unmarshal(raw, &b)
	m.Baseline = &report.SavedBaseline{ID: orNil(b.ID), NewlyFailing: b.NewlyFailing, NewlyPassing: b.NewlyPassing}
	return nil
}

// checks reads the checks as they were judged. They decide nothing, so they may be of another version, whose
// checks are not told.
func (in *reading) checks(key string) error {
	all, known := []verdict.Check{}, true
	err := each(in, key, func(raw json.RawMessage) error {
		var j jsonCriterion
		if json.Unmarshal(raw, &j) != nil || oneOf(key, verdict.CheckOutcome(j.Outcome), verdict.Met, verdict.NotMet, verdict.Undecided, verdict.NoData) != nil {
			known = false
		}
		if known {
			all = append(all, j.check())
		}
		return nil
	})
	if known {
		in.meta.Checks = all
	}
	return err
}

// check restores a check as it was judged.
func (j jsonCriterion) check() verdict.Check {
	c := verdict.Check{
		Criterion: j.Criterion, Scope: orEmpty(j.Scope), Outcome: verdict.CheckOutcome(j.Outcome), Detail: orEmpty(j.Detail),
		Value: verdict.Estimate{Value: j.Actual, Low: j.Low, High: j.High, N: max(j.N, 0)}, Unknown: max(j.Unknown, 0),
	}
	if j.Tolerance != nil {
		c.Tolerance = *j.Tolerance
	}
	if read, ok := report.Criterion(c); ok {
		m, _ := read.Lookup()
		c.Value.Unit = m.Unit.Of(read)
		if v := c.Value.Value; v != nil {
			c.Margin = math.Abs(*v - read.Bound)
		}
	}
	if c.Outcome == verdict.NotMet {
		c.Short = c.Margin
	}
	return c
}

// The most that a report may name, with room to spare.
const (
	maxAttempts = 100 // reruns
	maxNewEvals = 1000
)

// restore reads what was asked of the run.
func (j *jsonSettings) restore(m *Meta) error {
	if j == nil {
		return nil
	}
	s := &report.Settings{RerunAttempts: j.RerunAttempts, RerunMaxCalls: j.RerunMaxCalls, NewEvals: j.NewEvals}
	if j.RerunType != rerunAuto {
		s.RerunType = calls.RerunType(j.RerunType)
		if err := oneOf("run: settings: rerun_type", s.RerunType, calls.RerunCallAndEval, calls.RerunEvalOnly); err != nil {
			return err
		}
	}
	if len(s.NewEvals) > maxNewEvals {
		return fmt.Errorf("run: settings: more than %d new evals", maxNewEvals)
	}
	if s.RerunAttempts < 0 || s.RerunAttempts > maxAttempts {
		return fmt.Errorf("run: settings: %d rerun attempts are impossible", s.RerunAttempts)
	}
	if strings.Trim(s.RerunMaxCalls, "0123456789.%") != "" {
		return errors.New("run: settings: rerun_max_calls is neither a number nor a percentage")
	}
	m.Settings = s
	return nil
}
