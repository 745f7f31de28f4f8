package report

import (
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// evalFailed reports whether an eval says no, or has no result.
func evalFailed(e client.Eval) bool {
	return e.State() != client.EvalScored || e.Value().Kind == client.ValuePass && !e.Value().Passed
}

// failedEvals are the evals of a call that say no, or have no result.
func failedEvals(c verdict.Call) []client.Eval {
	var out []client.Eval
	for _, e := range c.Evals {
		if evalFailed(e) {
			out = append(out, e)
		}
	}
	return out
}

// evalStateWord says how an eval came out on one call.
func evalStateWord(e client.Eval) lit {
	switch e.State() {
	case client.EvalScored:
		if e.Value().Kind == client.ValuePass && !e.Value().Passed {
			return "failed"
		}
		return "scored"
	case client.EvalPending:
		return "pending"
	case client.EvalErrored:
		return "errored"
	case client.EvalSkipped:
		return "skipped"
	}
	return "empty"
}

// headline is the number that says most of an eval, and what it is: how many passed,
// or the mean score. Both are empty for an eval that only chooses labels.
func headline(e verdict.EvalSummary) (figure, lit) {
	switch {
	case e.PassRate.Value != nil:
		return value(e.PassRate), "passed"
	case e.Score.Value != nil:
		return value(e.Score), "mean"
	}
	return "", ""
}

func headlineInterval(e verdict.EvalSummary) figure {
	if e.PassRate.Value != nil {
		return interval(e.PassRate)
	}
	return interval(e.Score)
}

// missing is how many succeeded calls have no result of the eval.
func missing(e verdict.EvalSummary) int { return e.Errored + e.Pending + e.Skipped }

// missingWhy counts the missing results by why.
func missingWhy(e verdict.EvalSummary) figure {
	var f figure
	for _, part := range []struct {
		n    int
		word figure
	}{{e.Errored, " errored"}, {e.Pending, " pending"}, {e.Skipped, " skipped"}} {
		if part.n == 0 {
			continue
		}
		if f != "" {
			f += ", "
		}
		f += count(part.n) + part.word
	}
	return f
}
