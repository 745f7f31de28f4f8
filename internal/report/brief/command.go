package brief

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxScenarios is how many scenarios a command names. With more, the whole run test is as good.
const maxScenarios = 10

// judgeAgain is the command that judges the report again; empty if it would be longer than limit bytes.
func judgeAgain(from Source, limit int) string {
	file := from.File
	if file == "-" || file == "" {
		file = "REPORT.json"
	}
	command := "agent-gate decide " + quote(file)
	if from.Baseline != "" {
		command += " --baseline " + quote(from.Baseline)
	}
	if len(command) > limit {
		return ""
	}
	return command
}

// rerun is the command that executes some scenarios again.
type rerun struct {
	command  string   // without criteria; empty if it cannot be said
	criteria []string // that can be judged then, those first that are not met
}

// rerunOf is the command that executes just these scenarios again.
func rerunOf(r report.Report, scenarios []uuid.UUID) (again rerun) {
	if r.Evidence.RunTest.ID == uuid.Nil || len(scenarios) == 0 || len(scenarios) > maxScenarios {
		return again
	}
	ids := make([]string, len(scenarios))
	for i, id := range scenarios {
		ids[i] = id.String()
	}
	again.command = "agent-gate --run-test-id " + r.Evidence.RunTest.ID.String() + " --scenario-ids " + strings.Join(ids, ",")
	for _, c := range r.Rules.PassWhen {
		again.command += " --pass-when " + quote(c.String())
	}
	for _, c := range ordered(r) {
		if about(c, r, scenarios) {
			again.criteria = append(again.criteria, " --criteria "+quote(c.String()))
		}
	}
	return again
}

// within is the command with the criteria that fit into limit bytes; empty if none does.
func (a rerun) within(limit int) string {
	command, some := a.command, false
	for _, c := range a.criteria {
		if len(command)+len(c) <= limit {
			command += c
			some = true
		}
	}
	if !some || len(command) > limit {
		return ""
	}
	return command
}

// ordered are the criteria, those first that are not met.
func ordered(r report.Report) []criteria.Criterion {
	rank := map[string]int{}
	for i, c := range report.Checks(r) {
		if _, known := rank[c.Criterion]; !known {
			rank[c.Criterion] = i
		}
	}
	all := slices.Clone(r.Rules.Criteria)
	of := func(c criteria.Criterion) int {
		if at, judged := rank[c.String()]; judged {
			return at
		}
		return len(rank)
	}
	slices.SortStableFunc(all, func(a, b criteria.Criterion) int { return of(a) - of(b) })
	return all
}

// about reports whether a criterion can be judged by these scenarios alone.
func about(c criteria.Criterion, r report.Report, scenarios []uuid.UUID) bool {
	if c.Change { // needs a baseline
		return false
	}
	if c.Scope.Kind != criteria.ScopeScenario {
		return true
	}
	for _, s := range r.Verdict.Scenarios {
		if s.Name.Raw() == c.Scope.Name && slices.Contains(scenarios, s.ID) {
			return true
		}
	}
	return false
}

// quote quotes a word for a POSIX shell. What cannot be seen is dropped.
func quote(word string) string {
	word = text.New(word).LineMax(1000)
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
