package gate

import (
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// sourcePrompt is the source of a run test that tests a prompt and no agent.
const sourcePrompt = "prompt"

// checkAgent looks, before a call is paid, at whether the server can execute the run
// test at all (contract, section 7).
func (r *run) checkAgent(t client.RunTest) error {
	switch {
	case t.SourceType == sourcePrompt:
		return configError{text.Sprintf("run test %s tests a prompt and no agent; the API executes those elsewhere, and its calls would all fail here. Use a run test of an agent, or start it in the dashboard and give test-execution-id", t.ID)}
	case t.AgentType == client.AgentText:
		// Whether it can is a setting of the server that no read shows.
		r.note(text.New("This is a text agent. Servers place its calls only when their hosted runner is on; if every call fails at once, run it with the vendor's SDK and give test-execution-id."))
	}
	return nil
}

// explainText says of a run in which every call of a text agent failed what that looks
// like: a server without the hosted runner answers that it has started, and places no
// call (contract, section 7).
func (r *run) explainText(v verdict.Verdict) verdict.Verdict {
	calls := r.evidence.Calls
	if r.evidence.Execution.AgentType != client.AgentText || calls.Len() == 0 || !r.owned || v.Counts.Failed+v.Counts.Lost < calls.Len() {
		return v
	}
	const why = "every call of this text agent failed, as on a server that cannot place calls of text agents (its hosted runner is off): run the agent with the vendor's SDK and give test-execution-id, or turn the hosted runner on"
	r.warn(text.New(why))
	v.Reason = text.Sprintf("%s; %s", v.Reason, text.New(why))
	return v
}
