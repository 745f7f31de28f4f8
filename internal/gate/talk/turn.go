package talk

import (
	"strings"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxTurn is how many bytes of one turn are sent, tools included: each later answer of the
// server repeats them (chat.md 4.2). 64 KB, and less than the 64 KiB that are read of a stored
// line.
const maxTurn = 64_000

// noText stands for an empty content, for which the server would refuse the whole turn (chat.md
// 4.2, trap 8).
const noText = "(no text)"

// passable is an answer as it can be sent: without NUL, which the server refuses, and cut to
// [maxTurn] bytes. It is also what the agent is told later that it said, since that is what the
// customer heard.
func passable(a agent.Answer) (p agent.Answer, cut bool) {
	b := budget{left: maxTurn}
	p.Content = b.take(a.Content)
	for _, call := range a.ToolCalls {
		call = agent.ToolCall{ID: withoutNUL(call.ID), Name: withoutNUL(call.Name), Arguments: withoutNUL(call.Arguments)}
		// Half of the arguments would be no JSON.
		if b.spend(len(call.ID.Raw()) + len(call.Name.Raw()) + len(call.Arguments.Raw())) {
			p.ToolCalls = append(p.ToolCalls, call)
		}
	}
	for _, result := range a.ToolResults {
		result.ToolCallID, result.Name = withoutNUL(result.ToolCallID), withoutNUL(result.Name)
		if b.spend(len(result.ToolCallID.Raw()) + len(result.Name.Raw()) + len(noText)) {
			result.Content = b.take(result.Content)
			p.ToolResults = append(p.ToolResults, result)
		}
	}
	return p, b.cut
}

// budget is how many bytes of a turn may still be sent.
type budget struct {
	left int
	cut  bool // something had to be left out
}

// take returns t without NUL, or the beginning for which there is room.
func (b *budget) take(t text.Untrusted) text.Untrusted {
	t = withoutNUL(t)
	if len(t.Raw()) > b.left {
		b.cut = true
		t = t.Beginning(max(0, b.left-len("…")))
	}
	b.left = max(0, b.left-len(t.Raw()))
	return t
}

// spend takes n bytes if there are so many left.
func (b *budget) spend(n int) bool {
	if n > b.left {
		b.cut = true
		return false
	}
	b.left -= n
	return true
}

// messages are the turn as the server gets it.
func messages(a agent.Answer) []calls.ChatMessage {
	said := calls.ChatMessage{Role: agent.RoleAssistant, Content: orNoText(a.Content)}
	for _, call := range a.ToolCalls {
		said.ToolCalls = append(said.ToolCalls,
			calls.ChatToolCall{ID: call.ID.Raw(), Name: call.Name.Raw(), Arguments: call.Arguments.Raw()})
	}
	all := []calls.ChatMessage{said}
	for _, result := range a.ToolResults {
		all = append(all, calls.ChatMessage{
			Role: agent.RoleTool, Content: orNoText(result.Content),
			ToolCallID: result.ToolCallID.Raw(), Name: result.Name.Raw(),
		})
	}
	return all
}

// orNoText is a content that the server takes.
func orNoText(t text.Untrusted) string {
	if isBlank(t) {
		return noText
	}
	return t.Raw()
}

// isBlank reports whether nothing of a text is visible.
func isBlank(t text.Untrusted) bool { return t.LineMax(1) == "" }

// withoutNUL is t without the character for which the server refuses the whole turn.
func withoutNUL(t text.Untrusted) text.Untrusted {
	return text.New(strings.ReplaceAll(t.Raw(), "\x00", ""))
}

// maxKey is how much of a text tells it from others. Long ones may be cut when they are read.
const maxKey = 2000

// key is that by which a text is found again in what the server has stored: it cuts blanks at
// both ends, and Python's blanks are some more than Go's.
func key(said string) string {
	said = strings.TrimFunc(said, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
	return said[:min(len(said), maxKey)]
}
