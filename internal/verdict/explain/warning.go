package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// FailedExecution passes on why an execution failed that is judged all the same.
func FailedExecution(reason text.Untrusted) text.Untrusted {
	return because("the server calls the whole execution failed", reason)
}

// LostByPlatform says what became of calls that the platform lost, and what helps. Reached says that
// they may have reached the agent.
func LostByPlatform(calls int, reached bool, why, advice string) text.Untrusted {
	what := "never reached your agent"
	if reached {
		what = "lost by the platform"
		if calls == 1 {
			what = "was " + what
		} else {
			what = "were " + what
		}
	}
	return text.Sprintf("%s %s: %s (%s)", text.Plural(calls, "call"), what, why, advice)
}

// MissingCalls counts the calls that were planned and never came, and names the scenarios that
// they are of.
func MissingCalls(missing, planned int, scenarios []text.Untrusted) text.Untrusted {
	where := "scenario"
	if len(scenarios) > 1 {
		where += "s"
	}
	return text.Sprintf("%d of %s never came: the server made no record of %s (%s %s)", missing, text.Plural(planned, "planned call"), them(missing), where, names(scenarios))
}

// Merged names scenarios that cannot be told apart.
func Merged(scenarios int, name text.Untrusted) text.Untrusted {
	return text.Sprintf("%d scenarios are named %s, and the server does not say of which of them a call is: they are judged as one", scenarios, criteria.Quote(name.Raw()))
}

// Endless tells of an execution that the server goes on cancelling although all of its calls
// have ended.
func Endless() text.Untrusted {
	return text.New("somebody cancelled the execution after it had ended, and the server leaves it in the status cancelling; it is judged by its calls")
}

// OpenCalls counts calls that did not end although the execution did.
func OpenCalls(n int) text.Untrusted {
	return text.Sprintf("the execution has ended, but %s had not: nothing is known of %s", text.Plural(n, "call"), them(n))
}

// them stands for calls.
func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// ServerRate is the server's own success rate beside ours, both in percent, and what explains
// the difference.
type ServerRate struct {
	Server, Ours                          float64
	Calls, Completed, Skipped, Simulation int
	// ByCompleted says that the server's is the rate of completed calls.
	ByCompleted bool
}

// Warning says why the two are not the same, so that nobody takes one for a mistake.
func (r ServerRate) Warning() text.Untrusted {
	said := fmt.Sprintf("the server's own success rate is %s, not %s", quantity(criteria.UnitPercent, r.Server, r.Ours), quantity(criteria.UnitPercent, r.Ours, r.Server))
	if !r.ByCompleted {
		return text.Sprintf("%s, and %d of its %s completed", said, r.Completed, text.Plural(r.Calls, "call"))
	}
	return text.Sprintf("%s: it counts all %s that completed, also those with nothing to judge (%d) and those ended by an error of the simulation (%d)",
		said, text.Plural(r.Completed, "call"), r.Skipped, r.Simulation)
}

// Unnoticed counts the calls that did not succeed where no criterion would notice; empty when
// there are none.
func Unnoticed(failed, skipped, calls int) text.Untrusted {
	of := text.Plural(calls, "call")
	switch {
	case failed+skipped == 0:
		return text.Untrusted{}
	case skipped == 0:
		return text.Sprintf("%d of %s failed, and no criterion bounds that", failed, of)
	}
	return text.Sprintf("%d of %s did not succeed (%s), and no criterion bounds that", failed+skipped, of, parts(failed, "failed", skipped, "skipped"))
}

// IdlePassWhen tells that conditions decide nothing.
func IdlePassWhen() text.Untrusted {
	return text.New("pass-when is given, and no criterion looks at which calls passed: it decides nothing")
}

// Rescued counts the calls that only a rerun rescued; empty when there are none.
func Rescued(n int) text.Untrusted {
	if n == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("%s succeeded only after a rerun", text.Plural(n, "call"))
}

// TurnLimit counts the conversations that did not come to an end; empty when there are none.
func TurnLimit(n int) text.Untrusted {
	if n == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("%s failed at the turn limit: the customer had not ended the chat after as many answers of the agent as max-turns allows", text.Plural(n, "conversation"))
}

// MissingScores counts succeeded calls without an overall score.
func MissingScores(missing, succeeded int) text.Untrusted {
	return text.Sprintf("%d of %s %s no overall score", missing, text.Plural(succeeded, "succeeded call"), have(missing))
}

// have is the verb for n calls.
func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// OddScores counts the overall scores on no known scale; empty when there are none.
func OddScores(n int) text.Untrusted {
	switch n {
	case 0:
		return text.Untrusted{}
	case 1:
		return text.New("1 overall score outside of 0 to 10 is no result")
	}
	return text.Sprintf("%d overall scores outside of 0 to 10 are no result", n)
}

// YesAndNo tells that some overall scores look like yes and no among grades.
func YesAndNo(extremes, scored int, highest float64) text.Untrusted {
	return text.Sprintf("%d of %d overall scores are exactly 0 or 1 while others go up to %s: the server may have taken a yes or no of the voice provider for a grade",
		extremes, scored, number(highest))
}

// Partial counts the values that an average on no known range lacks.
func (f Facts) Partial() text.Untrusted {
	what, why := overWhat(f.Metric.Name), ""
	if f.Gaps.Eval {
		what, why = "result", inBrackets(f.Gaps.words())
	}
	return text.Sprintf("%s is taken over %d of %s: the others have no value%s", f.subject(), f.N, text.Plural(f.Gaps.Of, what), why)
}

// WithoutPlan tells that a rate of what was planned is taken over what came.
func (f Facts) WithoutPlan() text.Untrusted {
	return text.Sprintf("%s is taken over the calls that came: how many there were to be is not known", f.subject())
}

// LeftOut names the evals that a criterion on each of them does not look at.
func LeftOut(criterion, metric string, evals []text.Untrusted) text.Untrusted {
	return text.Sprintf("%s: left out are evals whose results have no %s: %s", criterion, metric, names(evals))
}
