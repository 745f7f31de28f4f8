package world

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// EvalEntry is the entry of one eval in a call's eval_outputs.
type EvalEntry struct {
	Config *EvalConfig
	Result *story.EvalOutput // nil while pending
}

// EvalEntries returns the call's eval results. A call that has not ended, or was
// cancelled, has none.
func (c *Call) EvalEntries(now time.Time) []EvalEntry {
	status := c.Status(now)
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

// evalResult returns the result of one eval, nil while it is pending. absent means that
// the call has no entry for it.
func (c *Call) evalResult(cfg *EvalConfig, status story.Status, now time.Time) (result *story.EvalOutput, absent bool) {
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
		return v.SkipEval(&cfg.Eval, "Call failed before evaluations: "+c.failure()), false
	case c.Attempt.revived || c.Outcome.NoTranscript:
		return v.EvalWithoutTranscript(&cfg.Eval, done), false
	case c.Outcome.SkipReason != "":
		return v.SkipEval(&cfg.Eval, c.Outcome.SkipReason), false
	}
	e, i, n := c.seed()
	rng := c.Execution.w.Options.Seed.Draw(story.ForEval, e, i, story.Mix(n, story.Fold(cfg.ID), uint64(round)))
	result, late, absent := v.Judge(&cfg.Eval, round, done, rng)
	if c.awaits(late, now) {
		return nil, false
	}
	return result, absent
}

// awaits reports whether something that arrives this long after the end of the execution
// has yet to arrive.
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

// ToolResults returns the evaluations of tool calls, if the run test enables them.
func (c *Call) ToolResults(now time.Time) []ToolResult {
	if !c.Execution.RunTest.Tools || c.Status(now) != story.StatusCompleted || !c.conversed(now) {
		return nil
	}
	var results []ToolResult
	for _, tool := range c.Scenario.Script.Tools {
		r := ToolResult{Tool: tool, Passed: true, Reason: "Called with the right arguments."}
		if c.Outcome.Low {
			r.Passed, r.Reason = false, "The tool was needed and not called."
		}
		r.Reason = c.Conversation().OrHostile(r.Reason)
		results = append(results, r)
	}
	return results
}
