package brief

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// brief is what is worth saying of a run. All its texts have gone through a door for one line.
type brief struct {
	Verdict    string   `json:"verdict"`
	Reason     string   `json:"reason"`
	ExitCode   int      `json:"exit_code"`
	Checks     []string `json:"failed_checks"`
	MoreChecks int      `json:"more_failed_checks,omitempty"`
	Calls      []call   `json:"worst_calls"`
	MoreCalls  int      `json:"more_calls,omitempty"`
	Causes     []cause  `json:"causes"`
	// Worse and Better are scenarios, against the baseline.
	Worse      []string `json:"worse,omitempty"`
	Better     []string `json:"better,omitempty"`
	Change     string   `json:"what_would_change_it,omitempty"`
	JudgeAgain string   `json:"judge_again"`
	RunAgain   string   `json:"run_again,omitempty"`
}

type call struct {
	ID       string `json:"id"`
	Scenario string `json:"scenario"`
	Why      string `json:"why"`
}

type cause struct {
	Calls int    `json:"calls"`
	Why   string `json:"why"`
}

// limits say how much of each list is told, and how long a text may be, in characters.
type limits struct{ checks, calls, causes, letters int }

// gather picks what is worth saying.
func gather(r report.Report, file string, max limits) brief {
	v := r.Verdict
	b := brief{
		Verdict: string(v.Kind), Reason: v.Reason.LineMax(2 * max.letters), ExitCode: r.ExitCode,
		Change: v.Flip.LineMax(2 * max.letters), JudgeAgain: "agent-gate decide " + quote(file),
		Checks: []string{}, Calls: []call{}, Causes: []cause{},
	}
	for _, c := range report.Checks(r) {
		if c.Outcome == verdict.Met {
			continue
		}
		if len(b.Checks) == max.checks {
			b.MoreChecks++
			continue
		}
		b.Checks = append(b.Checks, text.Sprintf("%s: %s (%s)", report.CriterionName(c), string(report.CheckWord(c.Outcome)), c.Detail).LineMax(2*max.letters))
	}
	worst, total := report.WorstCalls(r, max.calls)
	b.MoreCalls = total - len(worst)
	var scenarios []uuid.UUID
	for _, c := range worst {
		b.Calls = append(b.Calls, call{ID: c.ID.String(), Scenario: c.Title.LineMax(60), Why: report.CallWhy(c).LineMax(max.letters)})
	}
	all, _ := report.WorstCalls(r, total)
	for _, c := range all {
		if c.ScenarioID != uuid.Nil && !slices.Contains(scenarios, c.ScenarioID) {
			scenarios = append(scenarios, c.ScenarioID)
		}
	}
	for _, c := range report.Causes(r) {
		if len(b.Causes) == max.causes {
			break
		}
		b.Causes = append(b.Causes, cause{Calls: c.Calls, Why: c.Sentence().LineMax(max.letters)})
	}
	if c := verdict.Compare(r.Evidence, r.Rules); c != nil {
		for _, s := range c.NewlyFailing[:min(len(c.NewlyFailing), max.causes)] {
			b.Worse = append(b.Worse, s.Name.LineMax(80))
		}
		for _, s := range c.NewlyPassing[:min(len(c.NewlyPassing), max.causes)] {
			b.Better = append(b.Better, s.Name.LineMax(80))
		}
	}
	b.RunAgain = runAgain(r, scenarios)
	return b
}

// maxScenarios is how many scenarios a command names. With more, the whole run test is as good.
const maxScenarios = 10

// runAgain is the command that executes just these scenarios again; empty if that cannot be said.
func runAgain(r report.Report, scenarios []uuid.UUID) string {
	if r.Evidence.RunTest.ID == uuid.Nil || len(scenarios) == 0 || len(scenarios) > maxScenarios {
		return ""
	}
	var ids, lines []string
	for _, id := range scenarios {
		ids = append(ids, id.String())
	}
	for _, c := range r.Rules.Criteria {
		lines = append(lines, c.String())
	}
	command := "agent-gate --run-test-id " + r.Evidence.RunTest.ID.String() + " --scenario-ids " + strings.Join(ids, ",")
	if len(lines) > 0 && len(strings.Join(lines, "\n")) < 400 {
		command += " --criteria " + quote(strings.Join(lines, "\n"))
	}
	return command
}

// quote quotes a word for a POSIX shell. A line break becomes one within the quotes.
func quote(word string) string {
	word = text.New(strings.ReplaceAll(word, "\n", ", ")).LineMax(600)
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
