package gate_test

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Fail-fast does not wait for evals that cannot save the run.
func TestEvalsThatCannotSaveTheRunAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	plan := story.Plan{Each: func(c story.CallRef) (story.Outcome, bool) {
		if c.Index < 3 {
			return story.Outcome{Low: true}, true
		}
		return story.Outcome{LateEvals: 8 * time.Minute}, true
	}}
	for _, c := range []struct {
		name, criteria string
		fast           bool
		least, most    time.Duration
		reason         string
	}{
		{"three of twenty failed", `eval "is_helpful": pass_rate >= 90`, true, 0, 2 * time.Minute, "can no longer be met"},
		{"without fail-fast", `eval "is_helpful": pass_rate >= 90`, false, 8 * time.Minute, 12 * time.Minute, "is_helpful"},
		{"the others may still save it", `eval "is_helpful": pass_rate >= 80`, true, 8 * time.Minute, 12 * time.Minute, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options := simulator.Options{Plan: plan, Scenarios: []story.Scenario{{Name: "refunds", Rows: 20}}}
			inChats(t, options, func(w *world) {
				w.gate.Config.Waiting.ResultsWait = 15 * time.Minute
				w.gate.Config.FailFast = c.fast
				w.judgeBy(c.criteria)
				began := time.Now()
				got := w.run()
				kind := verdict.Fail
				if c.reason == "" {
					kind = verdict.Pass
				}
				w.wantVerdict(got, kind, "")
				w.wantReason(got, c.reason)
				if d := time.Since(began); d < c.least || d > c.most {
					t.Errorf("the run took %s, want between %s and %s", d, c.least, c.most)
				}
			}, func() *fake { return says(grants) })
		})
	}
}
