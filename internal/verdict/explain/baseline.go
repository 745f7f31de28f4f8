package explain

import "github.com/agent-gate/agent-gate/internal/text"

// Contrast is in what a run and its baseline differ beside their results.
type Contrast struct {
	Days                     int // the age of the baseline, where it is worth a word
	AgentType, ThenAgentType string
	AgentName, ThenAgentName text.Untrusted
	FirstTriesUnknown        bool // of the baseline, and a criterion compares them
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
		all = append(all, text.New("how the calls of the baseline ended before reruns is not known: its first_success_rate and first_pass_rate are taken after them, and it has no flaky calls; a JSON report has both"))
	}
	all = append(all, OtherScenarios(c.NewScenarios, c.GoneScenarios)...)
	if len(c.NewEvals) > 0 {
		all = append(all, text.Sprintf("the baseline does not have the evals %s", names(c.NewEvals)))
	}
	if len(c.GoneEvals) > 0 {
		all = append(all, text.Sprintf("only the baseline has the evals %s", names(c.GoneEvals)))
	}
	return all
}

// OtherScenarios tells that the baseline has other scenarios, so that rates compare what is not
// the same.
func OtherScenarios(added, gone []text.Untrusted) []text.Untrusted {
	var all []text.Untrusted
	if len(added) > 0 {
		all = append(all, text.Sprintf("the baseline does not have the scenarios %s", names(added)))
	}
	if len(gone) > 0 {
		all = append(all, text.Sprintf("only the baseline has the scenarios %s", names(gone)))
	}
	return all
}

// BaselineEvals says of the evals of one name that the baseline has not just one of them.
func BaselineEvals(n int) text.Untrusted {
	if n == 0 {
		return text.New("the baseline has no eval of this name")
	}
	return text.Sprintf("the baseline has %d evals of this name", n)
}
