package gate_test

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What may happen to an execution happens to one of chats too, and in no long time.
func TestWhatHappensToExecutionsHappensToChats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		plan    story.Plan
		reasons []string
		most    time.Duration
		counts  func(verdict.Counts) bool
	}{
		{"it fails before any call", story.Plan{SetupError: "no worker"}, []string{"before its calls were made: no worker", "had already ended (failed)"}, time.Minute, nil},
		{"it has no calls", story.Plan{NoCalls: true}, []string{"the server made no calls", "is cancelled"}, time.Minute, nil},
		{
			"somebody cancels it", story.Plan{CancelBegun: 4}, []string{"cancelled"}, time.Minute,
			func(c verdict.Counts) bool { return c.Cancelled == 20 },
		},
		{
			"it never ends", story.Plan{Stuck: story.StatusRunning}, []string{"20 unfinished"}, 11 * time.Minute,
			func(c verdict.Counts) bool { return c.Open == 20 && c.Failed == 0 },
		},
		{
			"calls do not come", story.Plan{Rows: map[story.Row]story.Outcome{{Scenario: "refunds", Row: 1}: story.NeverComes()}}, []string{"1 missing"}, 5 * time.Minute,
			func(c verdict.Counts) bool { return c.Missing == 1 && c.Succeeded == 19 },
		},
	} {
		for _, old := range []bool{false, true} {
			name := c.name
			if old {
				name += ", before runner endpoints"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				options := simulator.Options{Plan: c.plan, Chats: simulator.Chats{NoALK: old}, Scenarios: []story.Scenario{{Name: "refunds", Rows: 20}}}
				inChats(t, options, func(w *world) {
					w.gate.Config.Waiting.ResultsWait = 10 * time.Minute
					w.judgeBy("success_rate >= 96")
					began := time.Now()
					got := w.run()
					w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
					w.wantReason(got, c.reasons...)
					w.wantPaid(1)
					if d := time.Since(began); d > c.most {
						t.Errorf("the run took %s, want at most %s", d, c.most)
					}
					if c.counts != nil && !c.counts(got.Verdict.Counts) {
						t.Errorf("counts %+v", got.Verdict.Counts)
					}
				}, func() *fake { return says(grants) })
			})
		}
	}
}
