package simulator

import "time"

// What a call tells about itself.

// conversation is the present attempt as the story tells it.
func (c *call) conversation() Conversation {
	return Conversation{
		Plan: &c.exec.plan, Outcome: &c.out, Script: c.scenario.script,
		Call: CallRef{Execution: c.exec.n, Index: c.index, Row: Row{Scenario: c.scenario.Name, Row: c.row}},
	}
}

// score is the overall_score, null when there is none yet or ever.
func (c *call) score(now time.Time) *float64 {
	if !c.scored(now) {
		return nil
	}
	if c.out.Score != nil {
		return new(*c.out.Score)
	}
	e, i, n := c.seed()
	r := c.exec.w.opts.Seed.Draw(forContent, e, i, n)
	if c.out.Low {
		return new(float64(1 + r.IntN(4)))
	}
	return new(float64(7 + r.IntN(4)))
}

// failure is why the attempt failed.
func (c *call) failure() string {
	e, i, n := c.seed()
	return c.out.Reason(c.exec.w.opts.Seed.Draw(forContent, e, i, mix(n, 1)))
}

// explained reports whether the reason of a failed attempt is there already.
func (c *call) explained(now time.Time) bool {
	late := c.out.ReasonDelay(c.failure())
	return late == 0 || late != Forever && reached(c.now.done.Add(c.exec.w.span(late)), now)
}

// endedReason is why the call ended, null while it goes on. Chats that fail give none.
func (c *call) endedReason(now time.Time) *string {
	status := c.status(now)
	var reason string
	switch {
	case reached(c.now.overruled, now):
		reason = c.now.overruledFor
	case reached(c.now.stopped, now):
		reason = c.now.stoppedFor
	case status == StatusFailed && !c.wavering(now):
		if c.exec.w.opts.Text && c.out.FailReason == "" || !c.explained(now) {
			return nil
		}
		reason = c.failure()
	case !status.Terminal() && !reached(c.now.ended, now):
		return nil
	case c.now.revived:
		reason = c.failure()
	case c.out.EndedReason != "":
		reason = c.out.EndedReason
	default:
		e, i, n := c.seed()
		reasons := []string{"customer-ended-call", "assistant-ended-call"}
		if c.exec.w.opts.Text {
			reasons = []string{"customer-ended-chat"}
		}
		reason = pick(c.exec.w.opts.Seed.Draw(forContent, e, i, mix(n, 2)), reasons)
	}
	if reason == "" {
		return nil
	}
	return new(c.conversation().Said(reason))
}

// skipped is processing_skipped and its reason. Failed voice calls carry it too.
func (c *call) skipped(now time.Time) (bool, *string) {
	switch status := c.status(now); {
	case c.wavering(now):
	case reached(c.now.overruled, now):
		return true, new("Call transcript is unavailable and we could not determine call duration, so processing was skipped.")
	case status == StatusFailed && !c.exec.w.opts.Text && c.now.stoppedAs == "":
		return true, new(c.conversation().Said("Call failed before evaluations: " + c.failure()))
	case status == StatusCompleted && !c.now.revived && c.out.SkipReason != "":
		return true, new(c.conversation().Said(c.out.SkipReason))
	}
	return false, nil
}

// heard are the turns that a transcript of the call has. A call that broke off has the
// turns until then, and one in which the agent never spoke the customer's first.
func (c *call) heard(now time.Time) []turn {
	lines := c.conversation().Lines()
	switch {
	case c.conversed(now):
		return lines
	case !reached(c.now.ended, now) || c.now.revived || c.out.NoTranscript || c.exec.w.opts.Text:
		return nil
	case c.now.fails && c.out.Connects:
		return lines[:(len(lines)+1)/2]
	case !c.now.fails && c.out.SkipReason == SkipAgentSilent:
		for _, t := range lines {
			if t.role == roleCustomer {
				return []turn{t}
			}
		}
	}
	return nil
}

// measures are there once the conversation has ended, unless it failed or was too
// little to be processed.
func (c *call) measures(now time.Time) (measures, bool) {
	if !reached(c.now.ended, now) || c.now.fails || c.now.revived || c.out.SkipReason != "" {
		return measures{}, false
	}
	e, i, n := c.seed()
	return c.conversation().Measured(c.exec.w.opts.Seed.Draw(forMetrics, e, i, n)), true
}

// then is the call as its i-th rerun found it, and the time of that rerun.
func (c *call) then(i int) (*call, *pastAttempt) {
	p, old := &c.past[i], *c
	old.now, old.round, old.past = p.was, p.round, nil
	old.out = c.fate.in(p.was.n)
	return &old, p
}
