package config

import (
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// The inputs about trials.
const (
	inputTrials    = "trials"
	inputMaxTrials = "max-trials"
)

// trials reads how many times the run test is executed.
func (s *sources) trials(v settings) Trials {
	t := Trials{Count: max(v.Trials, 1), Max: v.MaxTrials}
	if !s.isGiven(inputMaxTrials) || s.broken[inputMaxTrials] {
		t.Max = t.Count
	}
	return t
}

// checkTrials rejects numbers of trials that do not fit together, or the criteria.
func (s *sources) checkTrials(c Config) {
	if s.broken[inputTrials] || s.broken[inputMaxTrials] {
		return
	}
	t := c.Trials
	switch {
	case t.Max < t.Count:
		s.reject(inputMaxTrials, s.from(inputMaxTrials), "%d is below trials, which is %d", t.Max, t.Count)
	case t.GoOn() && c.Rules.DecideOn != verdict.DecideOnInterval && !s.broken["decide-on"]:
		s.reject(inputMaxTrials, s.from(inputMaxTrials), "further trials need decide-on: interval, which tells whether a criterion is still undecided; set it, or use trials alone")
	}
	if !s.command.runs() {
		return
	}
	for _, criterion := range c.Rules.Criteria {
		if criterion.K > t.Count {
			s.reject("criteria", s.from("criteria"), "%s needs trials of at least %d, which is %d", criterion, criterion.K, t.Count)
		}
	}
}
