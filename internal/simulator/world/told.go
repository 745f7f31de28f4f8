package world

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// What a call tells about itself.

// Conversation is the present attempt as the story tells it.
func (c *Call) Conversation() story.Conversation {
	return story.Conversation{
		Plan: &c.Execution.Plan, Outcome: &c.Outcome, Script: c.Scenario.Script,
		Call: story.CallRef{Execution: c.Execution.n, Index: c.Index, Row: story.Row{Scenario: c.Scenario.Name, Row: c.Row}},
	}
}

// Score is the overall_score, null when there is none yet or ever.
func (c *Call) Score(now time.Time) *float64 {
	if c.Chat != nil {
		return c.chatScore()
	}
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

// failure is why the attempt failed.
func (c *Call) failure() string {
	e, i, n := c.seed()
	return c.Outcome.Reason(c.Execution.w.Options.Seed.Draw(story.ForContent, e, i, story.Mix(n, 1)))
}

// explained reports whether the reason of a failed attempt is there already.
func (c *Call) explained(now time.Time) bool {
	late := c.Outcome.ReasonDelay(c.failure())
	return late == 0 || late != story.Forever && reached(c.Attempt.done.Add(c.Execution.w.Span(late)), now)
}

// EndedReason is why the call ended, null while it goes on. Chats that fail give none.
func (c *Call) EndedReason(now time.Time) *string {
	if c.Chat != nil {
		if c.Status(now); c.Chat.Reason == "" {
			return nil
		}
		return new(c.Chat.Reason)
	}
	status := c.Status(now)
	var reason string
	switch {
	case reached(c.Attempt.overruled, now):
		reason = c.Attempt.overruledFor
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
	return new(c.Conversation().Said(reason))
}

// Skipped is processing_skipped and its reason. Failed voice calls carry it too.
func (c *Call) Skipped(now time.Time) (bool, *string) {
	switch status := c.Status(now); {
	case c.Chat != nil, c.wavering(now):
	case reached(c.Attempt.overruled, now):
		return true, new("Call transcript is unavailable and we could not determine call duration, so processing was skipped.")
	case status == story.StatusFailed && !c.Execution.w.Options.Text && c.Attempt.stoppedAs == "":
		return true, new(c.Conversation().Said("Call failed before evaluations: " + c.failure()))
	case status == story.StatusCompleted && !c.Attempt.revived && c.Outcome.SkipReason != "":
		return true, new(c.Conversation().Said(c.Outcome.SkipReason))
	}
	return false, nil
}

// Heard are the turns that a transcript of the call has. A call that broke off has the
// turns until then, and one in which the agent never spoke the customer's first.
func (c *Call) Heard(now time.Time) []story.Turn {
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

// Measures are there once the conversation has ended, unless it failed or was too
// little to be processed.
func (c *Call) Measures(now time.Time) (story.Measures, bool) {
	if c.Chat != nil {
		return c.chatMeasures(now)
	}
	if !reached(c.Attempt.Ended, now) || c.Attempt.Fails || c.Attempt.revived || c.Outcome.SkipReason != "" {
		return story.Measures{}, false
	}
	e, i, n := c.seed()
	return c.Conversation().Measured(c.Execution.w.Options.Seed.Draw(story.ForMetrics, e, i, n)), true
}

// Talked is how long the present attempt's conversation was.
func (c *Call) Talked() time.Duration {
	if c.Chat == nil {
		return c.Attempt.Talk
	}
	if s := c.Chat.Seconds(); s != nil {
		return time.Duration(*s) * time.Second
	}
	return 0
}

// StartedAt is when the present attempt's conversation began, if it has.
func (c *Call) StartedAt(now time.Time) (at time.Time, begun bool) {
	if c.Chat != nil {
		return c.Chat.Begun()
	}
	return c.Attempt.Started, c.Attempt.Connected(now)
}

// Then is the call as its i-th rerun found it, and the time of that rerun.
func (c *Call) Then(i int) (*Call, *PastAttempt) {
	p, old := &c.Past[i], *c
	old.Attempt, old.round, old.Past = p.was, p.round, nil
	old.Outcome = c.fate.In(p.was.n)
	return &old, p
}
