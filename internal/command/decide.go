package command

import (
	"fmt"
	"slices"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/odds"
)

// decide judges a saved JSON report again, with the criteria given now.
func (s *session) decide() int {
	file, err := openFile(s.config.Argument)
	if err != nil {
		return s.misconfigured(fmt.Errorf("cannot read the report: %w", err))
	}
	defer file.Close()
	evidence, meta, err := jsonreport.Read(file)
	if err != nil {
		return s.misconfigured(fmt.Errorf("%s is not a valid report: %w", s.config.Argument, err))
	}
	if !s.config.Transcripts {
		// Transcripts leave only in reports that ask for them.
		evidence.Calls = evidence.Calls.WithTranscripts(nil)
	}
	if err := s.readBaseline(); err != nil {
		return s.misconfigured(err)
	}
	if meta.Verdict == verdict.Skip {
		// A skipped gate has not passed.
		evidence.Stopped = &verdict.Stop{
			Cause:  verdict.CauseOperational,
			Reason: text.Sprintf("the report is from a skipped run, so there is nothing to judge: %s", meta.Reason),
		}
	}
	if mistakes := criteriaMistakes(evidence, s.config.Rules); mistakes != nil {
		return s.misconfigured(mistakes)
	}
	if b := s.config.Rules.Baseline; b != nil && evidence.Calls.Len() > 0 && !b.SharesScenario(scenariosOf(evidence)) {
		return s.misconfigured(fmt.Errorf("baseline: the report %s has no scenario in common with this run", s.config.Baseline.File))
	}
	if c := verdict.Compare(evidence, s.config.Rules); c != nil {
		evidence.Warnings = append(evidence.Warnings, c.Warnings...)
	}
	v := verdict.Judge(evidence, s.config.Rules)
	for _, chance := range odds.PlanOf(v, evidence.Trials()).Words(s.config.Rules) {
		s.log.Info("%s", chance)
	}
	return s.finish(evidence, v)
}

// criteriaMistakes returns the criteria that name something the report does not have, or
// compare a fraction with a score on 0-100; nil when there are none.
func criteriaMistakes(e verdict.Evidence, rules verdict.Rules) error {
	scenarios := criteria.Names{Known: e.Calls.Len() > 0}
	for _, s := range scenariosOf(e) {
		scenarios.All = append(scenarios.All, s.Name)
	}
	var problems []config.Problem
	found := rules.UnknownNames(scenarios, evalsOf(e))
	for _, m := range append(found, rules.ScoreMistakes(verdict.ScalesOf(e.Calls))...) {
		problems = append(problems, config.Problem{Input: m.Input, Text: text.New(m.Err.Error())})
	}
	if problems == nil {
		return nil
	}
	return &config.Error{Problems: problems}
}

// scenariosOf returns the scenarios of a saved report: those requested and those of its
// calls.
func scenariosOf(e verdict.Evidence) []verdict.Planned {
	all := slices.Clone(e.Plan)
	known := map[text.Untrusted]bool{}
	for _, p := range all {
		known[p.Name] = true
	}
	for i := range e.Calls.Len() {
		if c := e.Calls.Brief(i); !known[c.Scenario] {
			known[c.Scenario] = true
			all = append(all, verdict.Planned{ID: c.ScenarioID, Name: c.Scenario})
		}
	}
	return all
}

// evalsOf returns the names of the evals in a saved report.
func evalsOf(e verdict.Evidence) criteria.Names {
	names := criteria.Names{Known: e.Calls.Len() > 0}
	for _, c := range e.Evals {
		names.All = append(names.All, c.Name)
	}
	for _, c := range e.Calls.All() {
		for _, result := range c.Evals {
			if !result.Name().IsEmpty() && !slices.Contains(names.All, result.Name()) {
				names.All = append(names.All, result.Name())
			}
		}
	}
	return names
}
