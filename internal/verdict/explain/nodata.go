package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// NoSuchName says that there is no scenario or eval of a name, or none at all. what is the word
// for it, and known are the names that exist.
func NoSuchName(what, name string, known []text.Untrusted) text.Untrusted {
	switch {
	case len(known) == 0:
		return text.Sprintf("this run has no %ss", what)
	case name == "":
		return text.Sprintf("this run has no %s to measure", what)
	}
	return text.Sprintf("no %s named %s; available: %s", what, criteria.Quote(name), names(known))
}

// NoFittingEval says that no eval has results that fit a metric.
func NoFittingEval(metric string) text.Untrusted {
	return text.Sprintf("no eval of this run has a %s", metric)
}

// FewScenarios says that there are too few scenarios to speak of others like them.
func FewScenarios(n, least int) text.Untrusted {
	return text.Sprintf("interval-for: population needs at least %d scenarios with calls, and there %s %d: use interval-for: suite", least, be(n), n)
}

// LargeScenario says that one scenario has too many of the calls to speak of others like it. most is in percent.
func LargeScenario(name text.Untrusted, calls, of int, most float64) text.Untrusted {
	return text.Sprintf("interval-for: population needs scenarios with at most %s%% of the calls each, and %s has %d of %d: use interval-for: suite", number(most), criteria.Quote(name.Raw()), calls, of)
}

// Untested names the chosen scenarios without a call that can be judged; empty if there are
// none.
func Untested(scenarios []text.Untrusted, why Gaps) text.Untrusted {
	switch n := len(scenarios); n {
	case 0:
		return text.Untrusted{}
	case 1:
		return text.Sprintf("scenario %s was not tested: none of its calls can be judged (%s)", names(scenarios), why.words())
	default:
		return text.Sprintf("%d scenarios were not tested: none of their calls can be judged (%s): %s", n, why.words(), names(scenarios))
	}
}

// Unfinished says that an execution is not judged because it has not ended.
func Unfinished(status string) text.Untrusted {
	return text.Sprintf("the execution has not ended: it is %s", statusWord(status))
}

// UnfinishedBaseline says that the baseline cannot be used because its execution did not finish.
func UnfinishedBaseline(status string) text.Untrusted {
	return text.Sprintf("the baseline did not finish: its execution is %s", statusWord(status))
}

// CancelledOnServer says why a cancelled execution is not judged.
func CancelledOnServer(reason text.Untrusted) text.Untrusted {
	return because("the execution was cancelled on the server", reason)
}

// FailedWithoutCalls says why a failed execution without calls is not judged.
func FailedWithoutCalls(reason text.Untrusted) text.Untrusted {
	return because("the execution failed before any call", reason)
}

// Far is how far a run had got when it was cancelled early.
type Far struct{ Ended, Planned int }

func (f Far) words() text.Untrusted {
	return text.Sprintf("%d of %s had ended", f.Ended, text.Plural(f.Planned, "call"))
}

// NotLost says that a run was cancelled early although the criteria given now could still have
// been met.
func (f Far) NotLost() text.Untrusted {
	return text.Sprintf("the run was cancelled early (fail-fast) when %s; the criteria given now could still have been met", f.words())
}

// Lost is the reason of a verdict on a run that was cancelled early: a criterion can no longer be
// met. scope is what it was measured on, empty for the whole run.
func (f Far) Lost(criterion string, scope, bestCase text.Untrusted) text.Untrusted {
	what := text.New(criterion)
	if !scope.IsEmpty() {
		what = text.Sprintf("%s on %q", what, scope)
	}
	return text.Sprintf("%s can no longer be met, even in the best case: %s; cancelled early (fail-fast) when %s", what, bestCase, f.words())
}

// AllQuarantined says that a run is not judged because all its calls are in quarantine.
func AllQuarantined(calls int) text.Untrusted {
	return text.Sprintf("nothing is left to judge: all calls (%d) are of scenarios in quarantine", calls)
}

// AllExempt says that a run is not judged because all its criteria are about scenarios in quarantine.
func AllExempt(n int) text.Untrusted {
	if n == 1 {
		return text.New("nothing is left to judge by: the criterion is about a scenario in quarantine")
	}
	return text.Sprintf("nothing is left to judge by: all %d criteria are about scenarios in quarantine", n)
}
