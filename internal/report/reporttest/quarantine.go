package reporttest

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Quarantined is a run that passes although a scenario in quarantine has two failed calls of three.
func Quarantined() report.Report {
	r := NewRun("quarantine", calls.AgentVoice)
	for _, score := range []float64{9, 8} {
		r.Call("Book a table", calls.Completed, score, "customer-ended-call")
	}
	out := r.Report(verdict.Verdict{Kind: verdict.Pass, Reason: text.New("the only criterion is met: success_rate 100% (2 of 2)")}, 0)
	out.Verdict.Checks = []verdict.Check{check("success_rate >= 90", out.Verdict.Metrics.SuccessRate, 90)}

	const refund = "Refund for a damaged order"
	aside := NewRun("aside", calls.AgentVoice)
	aside.Call(refund, calls.Completed, 7, "customer-ended-call")
	aside.Call(refund, calls.Failed, -1, "no-answer")
	aside.Call(refund, calls.Failed, -1, "no-answer")
	entry := verdict.Quarantined{
		Scenario: text.New(refund), Reason: text.New("flaky speech service, #812"), Owner: text.New("@acme/voice"),
		Until: time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC),
	}
	set := aside.Done()
	out.Evidence.Budget.Spent.Add(set.Budget.Spent)
	out.Evidence.Quarantine = verdict.Quarantine{
		Entries: []verdict.Quarantined{entry},
		Calls:   set.Calls,
		Plan:    []verdict.Planned{{ID: ID("scenario "+refund, 0), Name: text.New(refund), Calls: new(3)}},
	}
	out.Verdict.Aside = []verdict.Aside{{Quarantined: entry, Counts: verdict.Counts{Total: 3, Completed: 1, Failed: 2, Succeeded: 1, Passed: 1, Scored: 1, Judged: 3, Planned: 3}, Bar: true}}
	out.Verdict.Warnings = []text.Untrusted{
		text.New("quarantined: 1 scenario, 3 calls: 1 passed, 2 failed"),
		text.New(`quarantined: "Refund for a damaged order": flaky speech service, #812 (@acme/voice, until 2026-12-20)`),
	}
	return out
}
