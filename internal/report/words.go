package report

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Lit is a literal of ours. Constants convert to it implicitly, string variables do not, so
// untrusted text cannot be mistaken for one.
type Lit string

// VerdictWord is the verdict in headings.
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

// FlipLabel introduces the verdict's Flip: what a run that did not pass lacks, or the criterion
// that a passed run met most narrowly.
func FlipLabel(k verdict.Kind) Lit {
	if k == verdict.Pass {
		return "Tightest"
	}
	return "Gap"
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

// Disarmed says why the gate is not enforced: why a bad verdict does not fail the job, or that
// it would not. It is empty for an enforced gate. Every report must show it.
func Disarmed(r Report) Lit {
	k := r.Verdict.Kind
	bad := k == verdict.Fail || k == verdict.Error || k == verdict.Inconclusive
	switch {
	case r.ExitCode != verdict.ExitOK:
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

// Incomplete says which requested reports cannot be written, if the job fails for want of them; else it is empty.
func Incomplete(exit int, unwritten []text.Untrusted) (all text.Untrusted) {
	if exit == verdict.ExitOK {
		return all
	}
	for i, t := range unwritten {
		if i == 0 {
			all = t
		} else {
			all = text.Sprintf("%s %s", all, t)
		}
	}
	return all
}

// JobReason is why the job ends as it does: the verdict's reason, and the reports that cannot be written.
func JobReason(v verdict.Verdict, exit int, unwritten []text.Untrusted) text.Untrusted {
	if missing := Incomplete(exit, unwritten); !Blank(missing) {
		return text.Sprintf("%s; %s", v.Reason, missing)
	}
	return v.Reason
}

// RerunWord is the API's name of a rerun type.
func RerunWord(t calls.RerunType) Lit {
	if t == calls.RerunEvalOnly {
		return "eval_only"
	}
	return "call_and_eval"
}

// Agent is the name and type of the agent, or of the prompt that was tested instead, as far as known.
func Agent(e verdict.Execution) text.Untrusted {
	switch {
	case !Blank(e.PromptVersion) && !Blank(e.AgentName):
		return text.Sprintf("%s %s, prompt", e.AgentName, e.PromptVersion)
	case Blank(e.AgentName):
		return text.New(string(e.AgentType))
	case e.AgentType == "":
		return e.AgentName
	}
	return text.Sprintf("%s, %s", e.AgentName, string(e.AgentType))
}

// Took is how long the gate ran, if both ends are known.
func Took(t verdict.Timing) (time.Duration, bool) {
	if t.StartedAt.IsZero() || t.FinishedAt.IsZero() {
		return 0, false
	}
	return t.FinishedAt.Sub(t.StartedAt), true
}

// Blank reports whether a text is empty or invisible.
func Blank(t text.Untrusted) bool { return t.LineMax(1) == "" }

// Server is the API server that received the keys, and the flag or variable that set it; empty
// for the default.
func Server(r Report) text.Untrusted {
	api := r.Evidence.API
	if Blank(api.BaseURLSource) {
		return text.Untrusted{}
	}
	return text.Sprintf("%s (by %s)", api.BaseURL, api.BaseURLSource)
}

// DemoURL is where the demo's API is said to be. No server can have this address.
const DemoURL = "https://simulated.invalid"

// Simulated reports whether the run was a demo.
func Simulated(r Report) bool { return r.Evidence.API.BaseURL == text.New(DemoURL) }
