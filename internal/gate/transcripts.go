package gate

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxTranscripts limits the transcripts read: nobody needs more than a hundred bad calls to see what is
// wrong. Each is a request of about 25 KB (contract, section 9).
const maxTranscripts = 100

// transcriptTime bounds the reading of transcripts.
const transcriptTime = time.Minute

// withTranscripts reads the transcripts of the calls that mattered, worst first, if the input
// transcripts asks for them. The verdict does not change, whatever happens; the reports say what
// could not be read.
func (r *run) withTranscripts(ctx context.Context, v verdict.Verdict) (same verdict.Verdict) {
	same = v
	defer func() {
		// Even a bug here must not cost the verdict.
		if p := recover(); p != nil {
			r.log.Silence() // the observer may be what panicked
			r.log.Warn(text.Sprintf("The transcripts were not read: internal error, please report it: %s", text.Sprintf("%v", p)))
		}
	}()
	if !r.config.Transcripts {
		return same
	}
	worst := verdict.Mattered(r.gathered.Calls(), v, r.plan.Rules())
	if len(worst) == 0 {
		return same
	}
	r.log.Tell(event.Phase{Name: "Transcripts"})
	ids := make([]uuid.UUID, min(len(worst), maxTranscripts))
	for i := range ids {
		ids[i] = r.gathered.Calls().ID(worst[i])
	}
	r.log.Note(text.Sprintf("Reading the transcripts of %s that did not succeed or pass, or pulled a criterion down.", callsOf(len(ids), len(worst))))
	bounded, cancel := context.WithTimeoutCause(ctx, transcriptTime, paid.ErrNoTime)
	defer cancel()
	r.keepTranscripts(bounded, ids)
	if left := len(worst) - len(ids); left > 0 {
		r.log.Warn(text.Sprintf("Only the transcripts of the worst %d calls were read: %d more calls that did not succeed or pass, or pulled a criterion down, have none.", len(ids), left))
	}
	return same
}

// callsOf formats a number of calls, and the total if it differs.
func callsOf(n, total int) text.Untrusted {
	if n == total {
		return text.New(text.Plural(n, "call"))
	}
	return text.Sprintf("the worst %d of %d calls", n, total)
}

// keepTranscripts reads the transcripts of calls and adds them to the evidence.
func (r *run) keepTranscripts(ctx context.Context, ids []uuid.UUID) {
	said := make(map[uuid.UUID]*verdict.Transcript, len(ids))
	var others []uuid.UUID
	for _, id := range ids {
		if own, ok := r.gathered.Said(id); ok {
			// The server's can be out of order (chat.md 0.6).
			said[id] = &verdict.Transcript{Transcript: own}
		} else {
			others = append(others, id)
		}
	}
	missing := 0
	var why text.Untrusted
	for _, result := range r.transcriptsOf(ctx, others) {
		t := &verdict.Transcript{Transcript: result.Transcript}
		said[result.CallID] = t
		if result.Err == nil {
			continue
		}
		t.Missing = text.New(result.Err.Error())
		if missing++; missing == 1 {
			why = t.Missing
		}
	}
	r.gathered.Transcribe(said)
	if missing > 0 {
		r.log.Warn(text.Sprintf("%d of %d transcripts could not be read: %s", missing, len(ids), why))
	}
}

// transcriptsOf reads transcripts from the server. Calls of a chat execution whose conversations this
// run did not hold have none.
func (r *run) transcriptsOf(ctx context.Context, ids []uuid.UUID) []client.TranscriptResult {
	if len(ids) == 0 {
		return nil
	}
	e := r.known()
	byExecution := map[uuid.UUID][]uuid.UUID{}
	list := e.AllCalls()
	places := list.Places(ids)
	for _, id := range ids {
		x := e.ExecutionOf(list.At(places[id])).ID
		byExecution[x] = append(byExecution[x], id)
	}
	var all []client.TranscriptResult
	for _, x := range e.Executions() {
		if list := byExecution[x.ID]; len(list) > 0 {
			all = append(all, r.api.Transcripts(ctx, x.ID, list)...)
		}
	}
	return all
}

// transcriptOf returns what was said in a conversation, as the reports show it: the agent speaks
// after the tools that it called, from which it has its words.
func transcriptOf(c talk.Conversation) calls.Transcript {
	said := calls.Transcript{Left: c.Left}
	var afterTools []calls.Turn
	for _, line := range c.Transcript {
		at := line.At.Seconds()
		turn := func(role calls.Role, words text.Untrusted) calls.Turn {
			return calls.Turn{Role: role, Text: words, StartSeconds: &at}
		}
		if line.Role == calls.RoleOther {
			said.Turns = append(said.Turns, turn(line.Role, text.Sprintf("%s returned: %s", cmp.Or(line.Tool, text.New("the tool")), line.Text)))
			continue
		}
		said.Turns, afterTools = append(said.Turns, afterTools...), nil
		for _, tool := range line.ToolCalls {
			said.Turns = append(said.Turns, turn(calls.RoleOther, text.Sprintf("%s(%s)", tool.Name, tool.Arguments)))
		}
		if !line.Text.IsEmpty() {
			afterTools = []calls.Turn{turn(line.Role, line.Text)}
		}
	}
	said.Turns = append(said.Turns, afterTools...)
	if over := len(said.Turns) - calls.MaxTurns; over > 0 {
		said.Turns, said.Left = said.Turns[:calls.MaxTurns], said.Left+over
	}
	return said
}
