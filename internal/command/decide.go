package command

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/odds"
)

// decide judges a saved JSON report again, with the criteria given now, or else with its own.
func (s *session) decide() int {
	saved, err := s.readSaved(s.config.Argument)
	if err != nil {
		return s.misconfigured(err)
	}
	if saved.Suite != nil {
		return s.decideSuite(saved.Suite)
	}
	evidence, v, err := s.again(saved.Evidence, saved.Meta)
	if err != nil {
		return s.misconfigured(err)
	}
	s.sayChances(evidence, v)
	return s.finish(evidence, v)
}

// decideSuite judges each gate of a saved suite again. One that was not started, so that there is nothing to
// judge, stays as it is.
func (s *session) decideSuite(saved *jsonreport.SavedSuite) int {
	s.recall(saved)
	for _, w := range saved.Warnings {
		s.warnings = append(s.warnings, config.Problem{Text: w})
	}
	var gates []report.Gate
	var mistakes []config.Problem
	for _, g := range saved.Gates {
		one := s.ofSaved(g)
		evidence := g.Evidence
		var v verdict.Verdict
		switch {
		case g.Ran:
			var err error
			if evidence, v, err = one.again(g.Evidence, g.Meta); err != nil {
				for _, m := range mistakesOf(err) {
					mistakes = append(mistakes, config.Problem{Text: text.Sprintf("gate %s: %s", string(g.Name), m)})
				}
			}
			one.sayChances(evidence, v)
		case g.Verdict.Cause == "": // a skipped gate has not passed
			v = verdict.Errored(verdict.CauseOperational, nothingToJudge(g.Verdict.Reason), verdict.Evidence{}, verdict.Rules{})
		default:
			v = skipped(g.Verdict.Cause, g.Verdict.Reason)
		}
		gates = append(gates, report.Gate{Name: g.Name, Owner: g.Owner, Report: one.judged(evidence, v)})
	}
	if len(mistakes) > 0 {
		return s.misconfigured(&config.Error{Problems: mistakes})
	}
	return s.finishGates(gates)
}

// recall makes a saved suite the one of the session.
func (s *session) recall(saved *jsonreport.SavedSuite) {
	l := saved.Budget.Limits
	s.took = &saved.Timing
	s.suite = &suite.Suite{Path: s.config.Argument, Budget: suite.Budget{Calls: l.Calls, Cost: l.Cents / 100, Minutes: l.Minutes}}
}

// ofSaved returns the session of a gate of a saved suite.
func (s *session) ofSaved(g jsonreport.SavedGate) *session {
	one := s.of(suite.Gate{Name: string(g.Name), Owner: g.Owner, Config: s.config})
	one.config.Gate = string(g.Name)
	return one
}

// nothingToJudge is the reason of an error instead of a pass that nobody has seen.
func nothingToJudge(reason text.Untrusted) text.Untrusted {
	return text.Sprintf("the report is from a skipped run, so there is nothing to judge: %s", reason)
}

// again judges the evidence of a saved report. The session then has the rules and the policy.
func (s *session) again(evidence verdict.Evidence, meta jsonreport.Meta) (verdict.Evidence, verdict.Verdict, error) {
	fail := func(err error) (verdict.Evidence, verdict.Verdict, error) { return evidence, verdict.Verdict{}, err }
	if !s.config.Transcripts {
		// Transcripts leave only in reports that ask for them.
		evidence = evidence.WithTranscripts(nil)
	}
	if err := s.judgeAs(meta); err != nil {
		return fail(err)
	}
	if err := s.readBaseline(); err != nil {
		return fail(err)
	}
	if meta.Verdict == verdict.Skip {
		// A skipped gate has not passed.
		evidence.Stopped = &verdict.Stop{Cause: verdict.CauseOperational, Reason: nothingToJudge(meta.Reason)}
	}
	if mistakes := criteriaMistakes(evidence, s.config.Rules); mistakes != nil {
		return fail(mistakes)
	}
	if b := s.config.Rules.Baseline; b != nil && evidence.Calls.Len() > 0 && !b.SharesScenario(scenariosOf(evidence)) {
		return fail(fmt.Errorf("baseline: the report %s has no scenario in common with this run", s.config.Baseline.File))
	}
	if c := verdict.Compare(evidence, s.config.Rules); c != nil {
		evidence.Warnings = append(evidence.Warnings, c.Warnings...)
	}
	if from := meta.Baseline; from != nil && s.config.Rules.Baseline == nil && s.config.Rules.NeedsBaseline() {
		evidence.Warnings = append(evidence.Warnings, withoutBaseline(*from))
	}
	return evidence, verdict.Judge(evidence, s.config.Rules), nil
}

// withoutBaseline says what a report lacks that was judged against a baseline.
func withoutBaseline(from report.SavedBaseline) text.Untrusted {
	t := text.New("The run was compared with a baseline, whose calls are not in its report: set baseline to the JSON report of")
	if from.ID == uuid.Nil {
		return text.Sprintf("%s the baseline.", t)
	}
	return text.Sprintf("%s test execution %s.", t, from.ID.String())
}

// sayChances says how likely the criteria are met by agents of several true rates.
func (s *session) sayChances(e verdict.Evidence, v verdict.Verdict) {
	for _, chance := range odds.PlanOf(v, e).Words(s.config.Rules) {
		s.log.Info("%s", chance)
	}
}

// errNoCriteria is the error about a report that does not say by which criteria it was judged.
var errNoCriteria = errors.New("no criteria given, and the report does not say by which it was judged; set criteria")

// judgeAs takes the rules and the policy of a saved report if no criteria are given, except for what is.
func (s *session) judgeAs(meta jsonreport.Meta) error {
	c := &s.config
	s.saved = meta.Settings
	given := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(c.Given, name) })
	}
	if given("criteria", "min-success-rate", "min-overall-score") {
		return nil
	}
	own, policy := meta.Rules, meta.Policy
	if len(own.Criteria) == 0 && meta.Verdict != verdict.Skip && meta.Cause != verdict.CauseConfig {
		return errNoCriteria
	}
	for name, take := range map[string]func(){
		"pass-when":            func() { own.PassWhen = c.Rules.PassWhen },
		"platform-failures":    func() { own.PlatformFails = c.Rules.PlatformFails },
		"confidence":           func() { own.Confidence = c.Rules.Confidence },
		"decide-on":            func() { own.DecideOn = c.Rules.DecideOn },
		"interval-for":         func() { own.IntervalFor = c.Rules.IntervalFor },
		"on-operational-error": func() { policy.WarnOnOperationalError = c.Policy.WarnOnOperationalError },
		"on-inconclusive":      func() { policy.AllowInconclusive = c.Policy.AllowInconclusive },
		"soft-fail":            func() { policy.SoftFail = c.Policy.SoftFail },
	} {
		if given(name) {
			take()
		}
	}
	c.Rules, c.Policy.Policy = own, policy
	return nil
}

// criteriaMistakes returns the criteria that name something the report does not have, or
// compare a fraction with a score on 0-100; nil when there are none.
func criteriaMistakes(e verdict.Evidence, rules verdict.Rules) error {
	list := e.AllCalls()
	scenarios := criteria.Names{Known: list.Len() > 0}
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

// scenariosOf returns the scenarios of a saved report, judged or not: those requested and those of its
// calls.
func scenariosOf(e verdict.Evidence) []verdict.Planned {
	list, all := e.AllCalls(), slices.Concat(e.Plan, e.Quarantine.Plan)
	known := map[text.Untrusted]bool{}
	for _, p := range all {
		known[p.Name] = true
	}
	for i := range list.Len() {
		if c := list.Brief(i); !known[c.Scenario] {
			known[c.Scenario] = true
			all = append(all, verdict.Planned{ID: c.ScenarioID, Name: c.Scenario})
		}
	}
	return all
}

// evalsOf returns the names of the evals in a saved report.
func evalsOf(e verdict.Evidence) criteria.Names {
	list := e.AllCalls()
	names := criteria.Names{Known: list.Len() > 0}
	for _, c := range e.Evals {
		names.All = append(names.All, c.Name)
	}
	for _, c := range list.All() {
		for _, result := range c.Evals {
			if !result.Name().IsEmpty() && !slices.Contains(names.All, result.Name()) {
				names.All = append(names.All, result.Name())
			}
		}
	}
	return names
}
