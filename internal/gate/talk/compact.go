package talk

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// compact is what is kept of the transcript of a conversation that is over: hundreds of them
// are, and each may be megabytes long. left is how many lines were left out or shortened.
func compact(lines []Line) (kept []Line, left int) {
	room := room{characters: calls.MaxTurnCharacters}
	for i, line := range lines {
		if i == calls.MaxTurns || room.characters == 0 {
			left += len(lines) - i
			break
		}
		room.cut = false
		line.Text = room.take(line.Text)
		line.Tool = room.take(line.Tool)
		line.ToolCalls = room.calls(line.ToolCalls)
		if room.cut {
			left++
		}
		kept = append(kept, line)
	}
	return slices.Clip(kept), left
}

// room is how many characters there is still room for.
type room struct {
	characters int
	cut        bool
}

// take returns t, or as much of it as there is room for.
func (r *room) take(t text.Untrusted) text.Untrusted {
	n := utf8.RuneCountInString(t.Raw())
	if n <= r.characters {
		r.characters -= n
		return t
	}
	end := 0
	for range r.characters {
		_, size := utf8.DecodeRuneInString(t.Raw()[end:])
		end += size
	}
	r.characters, r.cut = 0, true
	return text.New(strings.Clone(t.Raw()[:end]))
}

// calls returns the tool calls for which there is room.
func (r *room) calls(all []agent.ToolCall) (kept []agent.ToolCall) {
	for _, call := range all {
		if r.characters == 0 {
			r.cut = true
			break
		}
		kept = append(kept, agent.ToolCall{ID: r.take(call.ID), Name: r.take(call.Name), Arguments: r.take(call.Arguments)})
	}
	return kept
}
