package gate

import (
	"context"
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Advice for a server that places no calls of a text agent, and for calls that all fail.
const (
	hostedOff = "its hosted runner seems to be off: set agent-command or agent-url, so that agent-gate holds the conversations, or turn the hosted runner on"
	noTarget  = "its hosted runner is on, so check the agent's chat target: the server URL in the agent definition's provider credentials"
)

// explainText adds the likely cause to the reason if every call of a text agent failed
// (contract, section 7; real-server.md, row 8).
func (r *run) explainText(e verdict.Evidence, v verdict.Verdict) verdict.Verdict {
	list := e.Calls.Len()
	if r.paid.OfPrompt() {
		return r.explainPrompt(e, v)
	}
	if r.config.Agent.Given() || e.Execution.AgentType != calls.AgentText || list == 0 || !r.paid.Mine() || v.Counts.Failed+v.Counts.Lost < list {
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
	if elapsed < textGrace || p.Status != calls.ExecutionPending || !w.unbegunText() {
		return nil
	}
	return fmt.Errorf("the server accepted the start but began no call of this text agent within %s: %s", textGrace, hostedOff)
}

// unbegunText reports whether the server was to place the calls of a text agent, and has begun none.
func (t *tools) unbegunText() bool {
	return t.paid.Execution().AgentType == calls.AgentText && !t.config.Agent.Given() && !t.paid.OfPrompt() && t.paid.Mine() && !t.paid.Hosted() &&
		t.paid.Status() == calls.ExecutionPending
}

// isPromptOver reports whether all calls of a prompt have ended, with their evals, although the
// execution has not: its status can be late for ever, as that of other chats (chat.md 0.5). The
// execution then counts as completed.
func (w *watcher) isPromptOver(ctx context.Context, p calls.Progress) bool {
	if !w.paid.OfPrompt() || !w.paid.Mine() {
		return false
	}
	counted := p.Total != nil && p.Completed != nil && p.Failed != nil
	switch {
	case counted && (*p.Total == 0 || *p.Completed+*p.Failed < *p.Total):
		w.endedSince = time.Time{}
		return false
	case counted && w.endedSince.IsZero():
		w.endedSince = time.Now()
	case !counted && time.Since(w.lookedAt) < callsEvery: // only the calls tell
		return false
	}
	if counted && time.Since(w.endedSince) < statusGrace {
		return false
	}
	w.lookedAt = time.Now()
	e, err := w.api.Collect(ctx, w.paid.ID())
	if err != nil || e.Calls.Len() == 0 {
		return false
	}
	lacking := false
	for _, c := range verdict.CallsOf(e.Calls, nil).All() {
		if !c.Status.Terminal() {
			w.endedSince = time.Time{}
			return false
		}
		lacking = lacking || c.Outcome() == verdict.Succeeded && w.lacksEval(c)
	}
	if w.endedSince.IsZero() {
		w.endedSince = time.Now()
	}
	if waited := time.Since(w.endedSince); waited < statusGrace || lacking && waited < w.config.Waiting.ResultsWait {
		return false
	}
	w.log.Note(text.Sprintf("All calls have ended, but the execution is still %s. It counts as completed.", p.Status))
	w.paid.Conclude()
	return true
}

// callsEvery is the time between two reads of the calls of a prompt whose server does not count them.
const callsEvery = 15 * time.Second

// ended is when the calls ended that the watcher has waited for, as far as it saw that: now, unless
// the execution did not end with them.
func (w *watcher) ended() time.Time {
	if w.paid.Concluded() {
		return w.endedSince
	}
	return time.Now()
}

// explainPrompt adds to the reason what the server says if every call of a prompt failed: that is
// the raw error of a language model (chat.md 9).
func (r *run) explainPrompt(e verdict.Evidence, v verdict.Verdict) verdict.Verdict {
	list := e.Calls.Len()
	if list == 0 || v.Counts.Failed+v.Counts.Lost < list {
		return v
	}
	said := map[text.Untrusted]int{}
	var most text.Untrusted
	for _, c := range e.Calls.All() {
		if said[c.EndedReason]++; said[c.EndedReason] > said[most] || most.IsEmpty() {
			most = c.EndedReason
		}
	}
	if most.IsEmpty() {
		return v
	}
	why := text.Sprintf("every call of this prompt failed, %d of %d with: %s", said[most], list, most)
	r.log.Warn(why)
	v.Reason = text.Sprintf("%s; %s", v.Reason, why)
	return v
}
