package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// NoSuchName says that there is no scenario or eval of a name, or none at all. What is the word
// for it, and known are the names that there are.
func NoSuchName(what, name string, known []text.Untrusted) text.Untrusted {
	switch {
	case len(known) == 0:
		return text.Sprintf("this run has no %ss", what)
	case name == "":
		return text.Sprintf("this run has no %s to measure", what)
	}
	return text.Sprintf("this run has no %s %s; it has %s", what, criteria.Quote(name), names(known))
}

// NoFittingEval says that no eval has results that a metric can be taken of.
func NoFittingEval(metric string) text.Untrusted {
	return text.Sprintf("no eval of this run has a %s", metric)
}

// Untested says of the scenarios that were to be tested and have no call that can be judged
// that they were not tested; empty when there are none.
func Untested(scenarios []text.Untrusted, why Gaps) text.Untrusted {
	switch n := len(scenarios); n {
	case 0:
		return text.Untrusted{}
	case 1:
		return text.Sprintf("no call of scenario %s can be judged (%s), so it was not tested", names(scenarios), why.words())
	default:
		return text.Sprintf("no call of %d scenarios can be judged (%s), so they were not tested: %s", n, why.words(), names(scenarios))
	}
}

// Unfinished says that an execution is not judged, since it has not ended.
func Unfinished(status string) text.Untrusted {
	return text.Sprintf("the execution has not ended, so it is not judged: it is %s", statusWord(status))
}

// UnfinishedBaseline says that a baseline cannot be compared with, since it did not run to its
// end.
func UnfinishedBaseline(status string) text.Untrusted {
	return text.Sprintf("the baseline did not run to its end: its execution is %s", statusWord(status))
}

// CancelledOnServer says why an execution is not judged that somebody cancelled.
func CancelledOnServer(reason text.Untrusted) text.Untrusted {
	return because("the execution was cancelled on the server", reason)
}

// FailedWithoutCalls says why an execution is not judged that failed.
func FailedWithoutCalls(reason text.Untrusted) text.Untrusted {
	return because("the execution failed before any call", reason)
}

// Far is how much of a run had ended when it was cancelled.
type Far struct{ Ended, Planned int }

func (f Far) words() text.Untrusted {
	return text.Sprintf("%d of %s had ended", f.Ended, text.Plural(f.Planned, "call"))
}

// NotLost says that a run was cancelled early which was not lost by the criteria given now.
func (f Far) NotLost() text.Untrusted {
	return text.Sprintf("the run was cancelled early (fail-fast) when %s, and by the criteria given now it was not lost by then", f.words())
}

// Lost is the reason of a verdict on a run that was cancelled early: a criterion that can no
// longer be met. Scope is what it was measured on, empty for the whole run.
func (f Far) Lost(criterion string, scope, bestCase text.Untrusted) text.Untrusted {
	what := text.New(criterion)
	if !scope.IsEmpty() {
		what = text.Sprintf("%s on %q", what, scope)
	}
	return text.Sprintf("%s can no longer be met, in the best case: %s; cancelled early (fail-fast) when %s", what, bestCase, f.words())
}
