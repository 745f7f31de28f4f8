package world

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// EvalEntry is what stands for one eval of a call. A pending one has no result yet.
type EvalEntry struct {
	Config *EvalConfig
	Result *story.Judged // nil: pending
}

// EvalEntries are the results of the call's evals. A call that has not ended, or was
// cancelled, has none.
func (c *Call) EvalEntries(now time.Time) []EvalEntry {
	status := c.Status(now)
	if c.Chat != nil {
		return c.chatEntries(now)
	}
	if status != story.StatusCompleted && status != story.StatusFailed || c.wavering(now) {
		return nil
	}
	entries := make([]EvalEntry, 0, len(c.Execution.Evals))
	for _, cfg := range c.Execution.Evals {
		if result, absent := c.evalResult(cfg, status, now); !absent {
			entries = append(entries, EvalEntry{cfg, result})
		}
	}
	return entries
}

// evalResult is the result of one eval, nil while it is pending.
func (c *Call) evalResult(cfg *EvalConfig, status story.Status, now time.Time) (result *story.Judged, absent bool) {
	round := c.round
	if r, anew := c.Execution.rounds[cfg.ID]; anew {
		if !reached(r.ready, now) || status == story.StatusFailed {
			return nil, false // new evals leave {} on calls that failed
		}
		round += r.n
	}
	v, text, done := c.Conversation(), c.Execution.w.Options.Text, "completed"
	if text {
		done = "Completed"
	}
	switch {
	case status == story.StatusFailed && (text || c.Attempt.stoppedAs != ""):
		return nil, true // chats, and calls whose runner died
	case status == story.StatusFailed:
		return v.SkippedFor(&cfg.Eval, "Call failed before evaluations: "+c.failure()), false
	case c.Attempt.revived || c.Outcome.NoTranscript:
		return v.Unheard(&cfg.Eval, done), false
	case c.Outcome.SkipReason != "":
		return v.SkippedFor(&cfg.Eval, c.Outcome.SkipReason), false
	}
	e, i, n := c.seed()
	rng := c.Execution.w.Options.Seed.Draw(story.ForEval, e, i, story.Mix(n, story.Fold(cfg.ID), uint64(round)))
	result, late, absent := v.Judge(&cfg.Eval, round, done, rng)
	if c.awaits(late, now) {
		return nil, false
	}
	return result, absent
}

// awaits reports whether something that comes so long after the execution's end is
// still to come.
func (c *Call) awaits(late time.Duration, now time.Time) bool {
	if late == 0 || late == story.Forever {
		return late == story.Forever
	}
	return c.Attempt.closes.IsZero() || now.Before(c.Attempt.closes.Add(c.Execution.w.Span(late)))
}

// ToolResult is the evaluation of one tool.
type ToolResult struct {
	Tool   string
	Passed bool
	Reason string
}

// ToolResults are the evaluations of tool calls, where the run test wants them.
func (c *Call) ToolResults(now time.Time) []ToolResult {
	if c.Chat != nil || !c.Execution.RunTest.Tools || c.Status(now) != story.StatusCompleted || !c.conversed(now) {
		return nil
	}
	var results []ToolResult
	for _, tool := range c.Scenario.Script.Tools {
		r := ToolResult{Tool: tool, Passed: true, Reason: "Called with the right arguments."}
		if c.Outcome.Low {
			r.Passed, r.Reason = false, "The tool was needed and not called."
		}
		r.Reason = c.Conversation().Said(r.Reason)
		results = append(results, r)
	}
	return results
}
