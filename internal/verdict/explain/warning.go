package explain

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// FailedExecution says why the server reports an execution as failed; it is judged anyway.
func FailedExecution(reason text.Untrusted) text.Untrusted {
	return because("the server reports the whole execution as failed", reason)
}

// LostByPlatform says why the platform lost calls, and what helps. reached means that they may have
// reached the agent.
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

// MissingCalls counts the planned calls that are missing, of which some are of trials that were not started
// and the server never created the others, and names the scenarios of those.
func MissingCalls(missing, unstarted, planned int, scenarios []text.Untrusted) text.Untrusted {
	said := text.Sprintf("%d of %s %s missing", missing, text.Plural(planned, "planned call"), be(missing))
	switch never := missing - unstarted; {
	case never == 0:
		return text.Sprintf("%s: no trial was started for %s", said, them(missing))
	case unstarted > 0:
		return text.Sprintf("%s: no trial was started for %d, and the server never created %d (%s)", said, unstarted, never, named("scenario", scenarios))
	}
	return text.Sprintf("%s: the server never created %s (%s)", said, them(missing), named("scenario", scenarios))
}

// UnreadCalls counts the planned calls of a run with several executions that are not here because not all of
// them could be read; empty for none.
func UnreadCalls(n, planned int) text.Untrusted {
	if n <= 0 {
		return text.Untrusted{}
	}
	were := "were"
	if n == 1 {
		were = "was"
	}
	return text.Sprintf("%d of %s %s not read: the server may have made %s", n, text.Plural(planned, "planned call"), were, them(n))
}

// Merged names scenarios that are judged as one because their calls cannot be told apart.
func Merged(scenarios int, name text.Untrusted) text.Untrusted {
	return text.Sprintf("%d scenarios are named %s, and the server does not say which one a call belongs to: they are judged as one", scenarios, criteria.Quote(name.Raw()))
}

// Endless describes an execution that stays in status cancelling after all its calls have ended.
func Endless() text.Untrusted {
	return text.New("the execution was cancelled after it had ended, and the server leaves it in the status cancelling; it is judged by its calls")
}

// OpenCalls counts the calls that have not ended although the execution has.
func OpenCalls(n int) text.Untrusted {
	have, count := "have", "they count"
	if n == 1 {
		have, count = "has", "it counts"
	}
	return text.Sprintf("the execution has ended, but %s %s not: %s as unknown", text.Plural(n, "call"), have, count)
}

// them is the pronoun for n calls.
func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// ServerRate is the server's own success rate beside ours, both in percent, and what explains the
// difference.
type ServerRate struct {
	Server, Ours                          float64
	Calls, Completed, Skipped, Simulation int
	// ByCompleted means that the server counts all completed calls.
	ByCompleted bool
}

// Warning says why the two differ: otherwise one of them looks wrong.
func (r ServerRate) Warning() text.Untrusted {
	said := fmt.Sprintf("the server's own success rate is %s, not %s", quantity(criteria.UnitPercent, r.Server, r.Ours), quantity(criteria.UnitPercent, r.Ours, r.Server))
	if !r.ByCompleted {
		return text.Sprintf("%s, and %d of its %s completed", said, r.Completed, text.Plural(r.Calls, "call"))
	}
	said = fmt.Sprintf("%s: it counts all %s", said, text.Plural(r.Completed, "completed call"))
	switch skipped, simulation := parts(r.Skipped, "with nothing to judge"), parts(r.Simulation, "ended by a simulation error"); {
	case skipped != "" && simulation != "":
		said += ", including " + skipped + " and " + simulation
	case skipped+simulation != "":
		said += ", including " + skipped + simulation
	}
	return text.New(said)
}

// Unnoticed counts the calls that did not succeed and that no criterion covers; empty if there are
// none.
func Unnoticed(failed, skipped, calls int) text.Untrusted {
	if failed+skipped == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("%s, and no criterion limits that", ended(text.Plural(calls, "call"), failed, skipped, 0))
}

// IdlePassWhen says that pass-when has no effect.
func IdlePassWhen() text.Untrusted {
	return text.New("pass-when has no effect: no criterion looks at which calls passed")
}

// Recovered counts the calls that succeeded only after a rerun; empty if there are none.
func Recovered(n int) text.Untrusted {
	if n == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("%s recovered after a rerun", text.Plural(n, "call"))
}

// TurnLimit counts the conversations that did not come to an end; empty when there are none.
func TurnLimit(n int) text.Untrusted {
	if n == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("%s failed at the turn limit: the customer had not ended the chat after as many answers of the agent as max-turns allows", text.Plural(n, "conversation"))
}

// MissingScores counts successful calls without an overall score.
func MissingScores(missing, succeeded int) text.Untrusted {
	return text.Sprintf("%d of %s %s no overall score", missing, text.Plural(succeeded, "successful call"), have(missing))
}

// be is the verb for n things that are there.
func be(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// have is the verb for n calls.
func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// OddScores counts the overall scores on an unknown scale; empty if there are none.
func OddScores(n int) text.Untrusted {
	switch n {
	case 0:
		return text.Untrusted{}
	case 1:
		return text.New("1 overall score is outside 0 to 10 and does not count")
	}
	return text.Sprintf("%d overall scores are outside 0 to 10 and do not count", n)
}

// YesAndNo warns that some overall scores look like yes and no among grades.
func YesAndNo(extremes, scored int, highest float64) text.Untrusted {
	return text.Sprintf("%d of %s %s exactly 0 or 1 while others go up to %s: the server may have stored the voice provider's yes or no as a score",
		extremes, text.New(text.Plural(scored, "overall score")), text.New(be(extremes)), number(highest))
}

// Partial counts the values missing from an average without a known range.
func (f Facts) Partial() text.Untrusted {
	what, why := overWhat(f.Metric.Name), ""
	if f.Gaps.Eval {
		what, why = "result", inBrackets(f.Gaps.words())
	}
	return text.Sprintf("%s covers %d of %s: the others have no value%s", f.subject(), f.N, text.Plural(f.Gaps.Of, what), why)
}

// WithoutPlan says that a rate of planned calls only covers existing ones.
func (f Facts) WithoutPlan() text.Untrusted {
	return text.Sprintf("%s only covers existing calls: how many calls were planned is not known", f.subject())
}

// LeftOut names the evals that a criterion on each eval skips.
func LeftOut(criterion, metric string, evals []text.Untrusted) text.Untrusted {
	return text.Sprintf("%s skips evals whose results have no %s: %s", criterion, metric, names(evals))
}

// Exempt says that a criterion does not count.
func Exempt(criterion string) text.Untrusted {
	return text.Sprintf("%s does not count: its scenario is in quarantine", criteria.Show(criterion))
}

// UnknownQuarantine says that an entry of the quarantine has no effect.
func UnknownQuarantine(scenario text.Untrusted) text.Untrusted {
	return text.Sprintf("quarantine: this run has no scenario named %s", criteria.Quote(scenario.Raw()))
}

// Ended is how many calls ended in some way.
type Ended struct {
	Calls int
	How   string
}

// Aside counts what is in quarantine, and how its calls ended.
func Aside(scenarios, calls int, ended []Ended) text.Untrusted {
	said, sep := text.Sprintf("quarantined: %s, %s", text.New(text.Plural(scenarios, "scenario")), text.New(text.Plural(calls, "call"))), ": "
	for _, e := range ended {
		if e.Calls > 0 {
			said, sep = text.Sprintf("%s%s%d %s", said, sep, e.Calls, e.How), ", "
		}
	}
	return said
}

// Quarantined says why a scenario is in quarantine, who looks after it, and until which day; empty if that is not known.
func Quarantined(scenario, reason, owner text.Untrusted, lastDay string) text.Untrusted {
	said := text.Sprintf("quarantined: %s: %s (%s", criteria.Quote(scenario.Raw()), reason, owner)
	if lastDay == "" {
		return text.Sprintf("%s)", said)
	}
	return text.Sprintf("%s, until %s)", said, text.New(lastDay))
}
