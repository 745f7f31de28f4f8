package gate

import (
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Advice for a server that places no calls of a text agent, and for calls that all fail.
const (
	hostedOff = "its hosted runner seems to be off: run the agent with the vendor's SDK and set test-execution-id, or turn the hosted runner on"
	noTarget  = "its hosted runner is on, so check the agent's chat target: the server URL in the agent definition's provider credentials"
)

// explainText adds the likely cause to the reason if every call of a text agent failed
// (contract, section 7; real-server.md, row 8).
func (r *run) explainText(e verdict.Evidence, v verdict.Verdict) verdict.Verdict {
	list := e.Calls.Len()
	if e.Execution.AgentType != calls.AgentText || list == 0 || !r.paid.Mine() || v.Counts.Failed+v.Counts.Lost < list {
		return v
	}
	advice := hostedOff
	if r.paid.Hosted() {
		advice = noTarget
	}
	why := text.Sprintf("every call of this text agent failed, as happens when the server cannot place them: %s", text.New(advice))
	r.log.Warn(why)
	v.Reason = text.Sprintf("%s; %s", v.Reason, why)
	return v
}

// textGrace is how long a server whose hosted runner does not place the calls of a text agent may
// take to begin the first.
const textGrace = 3 * time.Minute

// checkText ends the wait if the server begins no call of a text agent: the execution would stay
// pending until the timeout.
func (w *watcher) checkText(p calls.Progress, elapsed time.Duration) error {
	if w.paid.Execution().AgentType != calls.AgentText || !w.paid.Mine() || w.paid.Hosted() || elapsed < textGrace ||
		p.Status != calls.ExecutionPending {
		return nil
	}
	return fmt.Errorf("the server accepted the start but began no call of this text agent within %s: %s", textGrace, hostedOff)
}
