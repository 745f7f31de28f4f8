package report

import (
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// EvalFailed reports whether an eval says no, or has no result.
func EvalFailed(e calls.Eval) bool {
	return e.State() != calls.EvalScored || e.Value().Kind == calls.ValuePass && !e.Value().Passed
}

// FailedEvals are the evals of a call that say no, or have no result.
func FailedEvals(c verdict.Call) []calls.Eval {
	var out []calls.Eval
	for _, e := range c.Evals {
		if EvalFailed(e) {
			out = append(out, e)
		}
	}
	return out
}

// EvalStateWord says how an eval came out on one call.
func EvalStateWord(e calls.Eval) Lit {
	switch e.State() {
	case calls.EvalScored:
		if e.Value().Kind == calls.ValuePass && !e.Value().Passed {
			return "failed"
		}
		return "scored"
	case calls.EvalPending:
		return "pending"
	case calls.EvalErrored:
		return "errored"
	case calls.EvalSkipped:
		return "skipped"
	}
	return "empty"
}

// EvalHeadline is the number that says most of an eval, and what it is: how many passed,
// or the mean score. Both are empty for an eval that only chooses labels.
func EvalHeadline(e verdict.EvalSummary) (Figure, Lit) {
	switch {
	case e.PassRate.Value != nil:
		return Value(e.PassRate), "passed"
	case e.Score.Value != nil:
		return Value(e.Score), "mean"
	}
	return "", ""
}

// EvalInterval prints the interval of the number that EvalHeadline gives.
func EvalInterval(e verdict.EvalSummary) Figure {
	if e.PassRate.Value != nil {
		return Interval(e.PassRate)
	}
	return Interval(e.Score)
}

// MissingResults is how many succeeded calls have no result of the eval.
func MissingResults(e verdict.EvalSummary) int { return e.Errored + e.Pending + e.Skipped }

// MissingWhy counts the missing results by why.
func MissingWhy(e verdict.EvalSummary) Figure {
	var f Figure
	for _, part := range []struct {
		n    int
		word Figure
	}{{e.Errored, " errored"}, {e.Pending, " pending"}, {e.Skipped, " skipped"}} {
		if part.n == 0 {
			continue
		}
		if f != "" {
			f += ", "
		}
		f += Count(part.n) + part.word
	}
	return f
}
