package story

// Conversation is one attempt at a call: what is said in it, and what its evals find.
type Conversation struct {
	Plan    *Plan
	Outcome *Outcome
	Script  *Script
	Call    CallRef
}

// Lines returns the turns of the conversation; for what is said, pass their text to
// [Conversation.Say].
func (v Conversation) Lines() []Turn { return v.Script.lines(v.Outcome.Low) }

// Say returns a line as spoken in this call.
func (v Conversation) Say(line string) string { return v.OrHostile(about(line, v.Call.Row.Row)) }

// Situation returns the customer's situation, as in the dataset row.
func (v Conversation) Situation() string { return v.Say(v.Script.situation) }

// Summary returns the call_summary.
func (v Conversation) Summary() string {
	if v.Outcome.Summary != "" {
		return v.OrHostile(v.Outcome.Summary)
	}
	return v.OrHostile(v.Script.gist(v.Outcome.Low))
}

// OrHostile returns a text about the call, or a hostile one in its place if the plan is
// hostile.
func (v Conversation) OrHostile(own string) string {
	if !v.Plan.Hostile {
		return own
	}
	texts := HostileTexts()
	return texts[v.Call.Index%len(texts)]
}

// ScenarioName returns the scenario's name as the call shows it. A hostile one is cut to
// 255 characters, the server's limit.
func (v Conversation) ScenarioName() string {
	if !v.Plan.Hostile {
		return v.Call.Scenario
	}
	t := []rune(v.OrHostile(""))
	return string(t[:min(len(t), 255)])
}
