package report

import (
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// EvalFailed reports whether an eval failed or has no result.
func EvalFailed(e calls.Eval) bool {
	return e.State() != calls.EvalScored || e.Value().Kind == calls.ValuePass && !e.Value().Passed
}

// FailedEvals returns the Pass/Fail evals of a call that failed; not those without a result, as of a call that
// did not take place.
func FailedEvals(c verdict.Call) []calls.Eval {
	var out []calls.Eval
	for _, e := range c.Evals {
		if e.State() == calls.EvalScored && EvalFailed(e) {
			out = append(out, e)
		}
	}
	return out
}

// EvalStateWord names the result of an eval on one call.
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

// EvalHeadline returns the main number of an eval and its name: the pass rate or the mean
// score. Both are empty for an eval that only assigns labels.
func EvalHeadline(e verdict.EvalSummary) (Figure, Lit) {
	switch {
	case e.PassRate.Value != nil:
		return Value(e.PassRate), "passed"
	case e.Score.Value != nil:
		return Value(e.Score), "mean"
	}
	return "", ""
}

// EvalInterval formats the interval of EvalHeadline's number.
func EvalInterval(e verdict.EvalSummary) Figure {
	if e.PassRate.Value != nil {
		return Interval(e.PassRate)
	}
	return Interval(e.Score)
}

// MissingResults is the number of succeeded calls without a result of the eval.
func MissingResults(e verdict.EvalSummary) int { return e.Errored + e.Pending + e.Skipped }

// MissingWhy counts the missing results by reason.
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
