package simulator

import "time"

// evalEntry is what stands for one eval of a call. A pending one has no result yet.
type evalEntry struct {
	cfg    *evalConfig
	result *Judged // nil: pending
}

// evalEntries are the results of the call's evals. A call that has not ended, or was
// cancelled, has none.
func (c *call) evalEntries(now time.Time) []evalEntry {
	status := c.status(now)
	if status != StatusCompleted && status != StatusFailed || c.wavering(now) {
		return nil
	}
	entries := make([]evalEntry, 0, len(c.exec.evals))
	for _, cfg := range c.exec.evals {
		if result, absent := c.evalResult(cfg, status, now); !absent {
			entries = append(entries, evalEntry{cfg, result})
		}
	}
	return entries
}

// evalResult is the result of one eval, nil while it is pending.
func (c *call) evalResult(cfg *evalConfig, status Status, now time.Time) (result *Judged, absent bool) {
	round := c.round
	if r, anew := c.exec.rounds[cfg.ID]; anew {
		if !reached(r.ready, now) || status == StatusFailed {
			return nil, false // new evals leave {} on calls that failed
		}
		round += r.n
	}
	v, text, done := c.conversation(), c.exec.w.opts.Text, "completed"
	if text {
		done = "Completed"
	}
	switch {
	case status == StatusFailed && (text || c.now.stoppedAs != ""):
		return nil, true // chats, and calls whose runner died
	case status == StatusFailed:
		return v.SkippedFor(&cfg.Eval, "Call failed before evaluations: "+c.failure()), false
	case c.now.revived || c.out.NoTranscript:
		return v.Unheard(&cfg.Eval, done), false
	case c.out.SkipReason != "":
		return v.SkippedFor(&cfg.Eval, c.out.SkipReason), false
	}
	e, i, n := c.seed()
	rng := c.exec.w.opts.Seed.Draw(forEval, e, i, mix(n, fold(cfg.ID), uint64(round)))
	result, late, absent := v.Judge(&cfg.Eval, round, done, rng)
	if c.awaits(late, now) {
		return nil, false
	}
	return result, absent
}

// awaits reports whether something that comes so long after the execution's end is
// still to come.
func (c *call) awaits(late time.Duration, now time.Time) bool {
	if late == 0 || late == Forever {
		return late == Forever
	}
	return c.now.closes.IsZero() || now.Before(c.now.closes.Add(c.exec.w.span(late)))
}

// toolResult is the evaluation of one tool.
type toolResult struct {
	tool   string
	passed bool
	reason string
}

// toolResults are the evaluations of tool calls, where the run test wants them.
func (c *call) toolResults(now time.Time) []toolResult {
	if !c.exec.runTest.tools || c.status(now) != StatusCompleted || !c.conversed(now) {
		return nil
	}
	var results []toolResult
	for _, tool := range c.scenario.script.tools {
		r := toolResult{tool: tool, passed: true, reason: "Called with the right arguments."}
		if c.out.Low {
			r.passed, r.reason = false, "The tool was needed and not called."
		}
		r.reason = c.conversation().Said(r.reason)
		results = append(results, r)
	}
	return results
}
