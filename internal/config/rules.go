package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// criteriaNames are the inputs that define criteria.
func criteriaNames() []string {
	return []string{"min-success-rate", "min-overall-score", "criteria"}
}

// rules collects the criteria of all three inputs and the conditions for a passed call. A
// gate without criteria is a mistake, and so is a criterion that can never work.
func (s *sources) rules(v settings) verdict.Rules {
	r := verdict.Rules{
		Confidence: v.Confidence, DecideOn: verdict.DecideOn(v.DecideOn), IntervalFor: verdict.IntervalFor(v.IntervalFor), PlatformFails: v.PlatformFailures == platformFailed,
	}
	if !s.command.Judges() {
		return r
	}
	if v.MinSuccessRate != nil {
		r.Criteria = append(r.Criteria, criteria.MinSuccessRate(*v.MinSuccessRate))
	}
	if v.MinOverallScore != nil {
		r.Criteria = append(r.Criteria, criteria.MinOverallScore(*v.MinOverallScore))
	}
	if v.Criteria != "" {
		r.Criteria = append(r.Criteria, readLines(s, "criteria", "criterion", v.Criteria, criteria.Parse)...)
	} else if len(r.Criteria) == 0 && !s.isWhole() && s.command != CommandStart && s.command != CommandDecide && !slices.ContainsFunc(criteriaNames(), func(name string) bool { return s.broken[name] }) {
		s.reject("", "", "no criteria given; set at least one of %s", strings.Join(criteriaNames(), ", "))
	}
	if v.PassWhen != "" {
		r.PassWhen = readLines(s, "pass-when", "condition", v.PassWhen, criteria.ParseConditions)
	}
	if conflict := r.Conflict(); conflict != "" {
		s.reject("interval-for", s.from("interval-for"), "%s", s.lineError(v.Criteria, errors.New(conflict)))
	}
	for _, m := range r.Mistakes() {
		s.reject(m.Input, s.fromLine(m.Input, m.Err), "%s", s.lineError(v.Criteria+v.PassWhen, m.Err))
	}
	return r
}

// readLines parses an input with one item per line and rejects what is wrong with it.
func readLines[T any](s *sources, name, thing, value string, parse func(string) ([]T, error)) []T {
	parsed, err := parse(value)
	for _, err := range flatten(err) {
		s.reject(name, s.fromLine(name, err), "%s", s.lineError(value, err))
	}
	if err == nil && len(parsed) == 0 {
		s.reject(name, s.from(name), "it contains no %s, only comments and blank lines", thing)
	}
	return parsed
}

// fromLine is [sources.from] for a mistake in one line of an input.
func (s *sources) fromLine(name string, err error) string {
	if mistake, ok := errors.AsType[*criteria.LineError](err); ok {
		if at := s.lineInFile(name, mistake.Line); at != "" {
			return at
		}
	}
	return s.from(name)
}

// lineError describes what is wrong with a criterion or condition. The error quotes part
// of the line, which could cut through a key in it.
func (s *sources) lineError(lines string, err error) string {
	if s.hide(lines) != lines {
		return "a line is invalid (not shown, because the input contains a key)"
	}
	return err.Error()
}

// flatten returns the single errors that were joined.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}
