package world

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The fields of a call that clients can read.

// Conversation returns the conversation of the current attempt.
func (c *Call) Conversation() story.Conversation {
	return story.Conversation{
		Plan: &c.Execution.Plan, Outcome: &c.Outcome, Script: c.Scenario.Script,
		Call: story.CallRef{Execution: c.Execution.n, Index: c.Index, Row: story.Row{Scenario: c.Scenario.Name, Row: c.Row}},
	}
}

// Score returns the overall_score, 1 to 10 if drawn; nil if there is none yet, or never.
func (c *Call) Score(now time.Time) *float64 {
	if !c.scored(now) {
		return nil
	}
	if c.Outcome.Score != nil {
		return new(*c.Outcome.Score)
	}
	e, i, n := c.seed()
	r := c.Execution.w.Options.Seed.Draw(story.ForContent, e, i, n)
	if c.Outcome.Low {
		return new(float64(1 + r.IntN(4)))
	}
	return new(float64(7 + r.IntN(4)))
}

// failure returns why the attempt failed.
func (c *Call) failure() string {
	e, i, n := c.seed()
	return c.Outcome.Reason(c.Execution.w.Options.Seed.Draw(story.ForContent, e, i, story.Mix(n, 1)))
}

// explained reports whether the reason of a failed attempt has appeared.
func (c *Call) explained(now time.Time) bool {
	late := c.Outcome.ReasonDelay(c.failure())
	return late == 0 || late != story.Forever && reached(c.Attempt.done.Add(c.Execution.w.Span(late)), now)
}

// EndedReason returns ended_reason, nil until the call has ended. Failed chats have none
// unless the outcome names one.
func (c *Call) EndedReason(now time.Time) *string {
	status := c.Status(now)
	var reason string
	switch {
	case reached(c.Attempt.failedLate, now):
		reason = c.Attempt.failedLateFor
	case reached(c.Attempt.stopped, now):
		reason = c.Attempt.stoppedFor
	case status == story.StatusFailed && !c.wavering(now):
		if c.Execution.w.Options.Text && c.Outcome.FailReason == "" || !c.explained(now) {
			return nil
		}
		reason = c.failure()
	case !status.Terminal() && !reached(c.Attempt.Ended, now):
		return nil
	case c.Attempt.revived:
		reason = c.failure()
	case c.Outcome.EndedReason != "":
		reason = c.Outcome.EndedReason
	default:
		e, i, n := c.seed()
		reasons := []string{"customer-ended-call", "assistant-ended-call"}
		if c.Execution.w.Options.Text {
			reasons = []string{"customer-ended-chat"}
		}
		reason = story.Pick(c.Execution.w.Options.Seed.Draw(story.ForContent, e, i, story.Mix(n, 2)), reasons)
	}
	if reason == "" {
		return nil
	}
	return new(c.Conversation().OrHostile(reason))
}

// Skipped returns processing_skipped and its reason. Failed voice calls have it too
// (contract, section 4.5).
func (c *Call) Skipped(now time.Time) (bool, *string) {
	switch status := c.Status(now); {
	case c.wavering(now):
	case reached(c.Attempt.failedLate, now):
		return true, new("Call transcript is unavailable and we could not determine call duration, so processing was skipped.")
	case status == story.StatusFailed && !c.Execution.w.Options.Text && c.Attempt.stoppedAs == "":
		return true, new(c.Conversation().OrHostile("Call failed before evaluations: " + c.failure()))
	case status == story.StatusCompleted && !c.Attempt.revived && c.Outcome.SkipReason != "":
		return true, new(c.Conversation().OrHostile(c.Outcome.SkipReason))
	}
	return false, nil
}

// Transcript returns the turns in the call's transcript. A call that broke off has the
// first half; one in which the agent never spoke has the customer's first turn.
func (c *Call) Transcript(now time.Time) []story.Turn {
	lines := c.Conversation().Lines()
	switch {
	case c.conversed(now):
		return lines
	case !reached(c.Attempt.Ended, now) || c.Attempt.revived || c.Outcome.NoTranscript || c.Execution.w.Options.Text:
		return nil
	case c.Attempt.Fails && c.Outcome.Connects:
		return lines[:(len(lines)+1)/2]
	case !c.Attempt.Fails && c.Outcome.SkipReason == story.SkipAgentSilent:
		for _, t := range lines {
			if t.Role == story.RoleCustomer {
				return []story.Turn{t}
			}
		}
	}
	return nil
}

// Measures returns the metrics of the conversation. There are none before it has ended, or
// if the call failed or was not processed.
func (c *Call) Measures(now time.Time) (story.Measures, bool) {
	if !reached(c.Attempt.Ended, now) || c.Attempt.Fails || c.Attempt.revived || c.Outcome.SkipReason != "" {
		return story.Measures{}, false
	}
	e, i, n := c.seed()
	return c.Conversation().Measure(c.Execution.w.Options.Seed.Draw(story.ForMetrics, e, i, n)), true
}

// AtRerun returns the call as it was before its i-th rerun, and the attempt that the rerun
// replaced.
func (c *Call) AtRerun(i int) (*Call, *PastAttempt) {
	p, old := &c.Past[i], *c
	old.Attempt, old.round, old.Past = p.was, p.round, nil
	old.Outcome = c.fate.In(p.was.n)
	return &old, p
}
