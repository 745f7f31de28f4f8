package explain

import "github.com/agent-gate/agent-gate/internal/text"

// Contrast is how a run and its baseline differ, apart from their results.
type Contrast struct {
	Days                     int // age of the baseline; 0 if it is not worth a warning
	AgentType, ThenAgentType string
	AgentName, ThenAgentName text.Untrusted
	FirstTriesUnknown        bool // in the baseline, and a criterion compares them
	NewScenarios, NewEvals   []text.Untrusted
	GoneScenarios, GoneEvals []text.Untrusted
}

// Warnings say why the two are not quite comparable.
func (c Contrast) Warnings() []text.Untrusted {
	var all []text.Untrusted
	if c.Days > 0 {
		all = append(all, text.Sprintf("the baseline is %d days old", c.Days))
	}
	switch {
	case c.AgentType != "" && c.ThenAgentType != "" && c.AgentType != c.ThenAgentType:
		all = append(all, text.Sprintf("the baseline tested a %s agent, this run a %s agent", text.New(c.ThenAgentType), text.New(c.AgentType)))
	case !c.AgentName.IsEmpty() && !c.ThenAgentName.IsEmpty() && c.AgentName != c.ThenAgentName:
		all = append(all, text.Sprintf("the baseline tested the agent %q, this run %q", c.ThenAgentName, c.AgentName))
	}
	if c.FirstTriesUnknown {
		all = append(all, text.New("it is not known how the baseline's calls ended before reruns: its first_success_rate and first_pass_rate are those after reruns, and it has no flaky calls; use a JSON report as the baseline to compare them"))
	}
	all = append(all, OtherScenarios(c.NewScenarios, c.GoneScenarios)...)
	if len(c.NewEvals) > 0 {
		all = append(all, text.Sprintf("not in the baseline: %s", named("eval", c.NewEvals)))
	}
	if len(c.GoneEvals) > 0 {
		all = append(all, text.Sprintf("only in the baseline: %s", named("eval", c.GoneEvals)))
	}
	return all
}

// OtherScenarios says which scenarios only one of the two runs has.
func OtherScenarios(added, gone []text.Untrusted) []text.Untrusted {
	var all []text.Untrusted
	if len(added) > 0 {
		all = append(all, text.Sprintf("not in the baseline: %s", named("scenario", added)))
	}
	if len(gone) > 0 {
		all = append(all, text.Sprintf("only in the baseline: %s", named("scenario", gone)))
	}
	return all
}

// BaselineEvals says how many evals of a name the baseline has, where that is not one.
func BaselineEvals(n int) text.Untrusted {
	if n == 0 {
		return text.New("the baseline has no eval of this name")
	}
	return text.Sprintf("the baseline has %d evals of this name", n)
}
