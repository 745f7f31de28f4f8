package story

// Conversation is one attempt at a call as the story tells it: what is said in it, and
// what its evals find.
type Conversation struct {
	Plan    *Plan
	Outcome *Outcome
	Script  *Script
	Call    CallRef
}

// Lines are the turns of the conversation.
func (v Conversation) Lines() []Turn { return v.Script.lines(v.Outcome.Low) }

// Say is a line as it is spoken in this call.
func (v Conversation) Say(line string) string { return v.Said(about(line, v.Call.Row.Row)) }

// Situation is the customer's, as the dataset row describes it.
func (v Conversation) Situation() string { return v.Say(v.Script.situation) }

// Summary is what the call is summed up as.
func (v Conversation) Summary() string {
	if v.Outcome.Summary != "" {
		return v.Said(v.Outcome.Summary)
	}
	return v.Said(v.Script.gist(v.Outcome.Low))
}

// Said is a text about the call: its own, or a hostile one where the plan wants it.
func (v Conversation) Said(own string) string {
	if !v.Plan.Hostile {
		return own
	}
	texts := HostileTexts()
	return texts[v.Call.Index%len(texts)]
}

// Title is the scenario's name as the call tells it, at most 255 characters as names
// are on a server.
func (v Conversation) Title() string {
	if !v.Plan.Hostile {
		return v.Call.Scenario
	}
	t := []rune(v.Said(""))
	return string(t[:min(len(t), 255)])
}
