package report

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Lit is a word of ours. Constants become one by themselves; a string variable does
// not, so that no stranger's text can be taken for it.
type Lit string

// VerdictWord is the verdict as a heading says it.
func VerdictWord(k verdict.Kind) Lit {
	switch k {
	case verdict.Pass:
		return "PASS"
	case verdict.Fail:
		return "FAIL"
	case verdict.Inconclusive:
		return "INCONCLUSIVE"
	case verdict.Skip:
		return "SKIPPED"
	}
	return "ERROR"
}

// FlipLabel introduces the verdict's Flip: what a failed run needs to pass, or the criterion
// that a passed run met most narrowly.
func FlipLabel(k verdict.Kind) Lit {
	if k == verdict.Pass {
		return "Tightest"
	}
	return "To pass"
}

// CheckWord is the outcome of a criterion.
func CheckWord(o verdict.CheckOutcome) Lit {
	switch o {
	case verdict.Met:
		return "met"
	case verdict.NotMet:
		return "not met"
	case verdict.Undecided:
		return "undecided"
	}
	return "no data"
}

// Disarmed says why a verdict that is neither pass nor skipped does not stop the job,
// or, when it would have stopped it, that it is not going to. It is empty for an armed
// gate: a disarmed one must be seen in every report.
func Disarmed(r Report) Lit {
	k := r.Verdict.Kind
	bad := k == verdict.Fail || k == verdict.Error || k == verdict.Inconclusive
	switch {
	case bad && r.ExitCode != 0:
		return ""
	case r.Policy.SoftFail && bad:
		return "Soft fail: this gate would have failed the job, but soft-fail is on, so the job continues."
	case r.Policy.SoftFail:
		return "Soft fail is on: this gate never fails the job, whatever it finds."
	case k == verdict.Error:
		return "This gate would have failed the job, but on-operational-error is warn, so the job continues."
	case k == verdict.Inconclusive:
		return "This gate would have failed the job, but on-inconclusive allows it, so the job continues."
	}
	return ""
}

// RerunWord names the way of a rerun, as the API does.
func RerunWord(t calls.RerunType) Lit {
	if t == calls.RerunEvalOnly {
		return "eval_only"
	}
	return "call_and_eval"
}

// Agent is the agent's name and type, as far as they are known.
func Agent(e verdict.Execution) text.Untrusted {
	switch {
	case Blank(e.AgentName):
		return text.New(string(e.AgentType))
	case e.AgentType == "":
		return e.AgentName
	}
	return text.Sprintf("%s, %s", e.AgentName, string(e.AgentType))
}

// Took is how long the gate ran, when both ends are known.
func Took(t verdict.Timing) (time.Duration, bool) {
	if t.StartedAt.IsZero() || t.FinishedAt.IsZero() {
		return 0, false
	}
	return t.FinishedAt.Sub(t.StartedAt), true
}

// Blank reports whether a text shows nothing: it is empty, or all white space and
// characters that cannot be seen.
func Blank(t text.Untrusted) bool { return t.LineMax(1) == "" }

// Server is the API server that got the keys, and the flag or variable that named it; empty
// for the default, which nobody named.
func Server(r Report) text.Untrusted {
	api := r.Evidence.API
	if Blank(api.BaseURLSource) {
		return text.Untrusted{}
	}
	return text.Sprintf("%s (by %s)", api.BaseURL, api.BaseURLSource)
}
