package talk

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

func tool(arguments string) agent.ToolCall {
	return agent.ToolCall{ID: text.New("id"), Name: text.New("find"), Arguments: text.New(arguments)}
}

func result(content string) agent.ToolResult {
	return agent.ToolResult{ToolCallID: text.New("id"), Name: text.New("find"), Content: text.New(content)}
}

// TestWhatIsSentOfAnAnswer has the server's rules for a turn (chat.md 4.2 and samples
// send-400-*): no blank content, no NUL, and not more than it is worth.
func TestWhatIsSentOfAnAnswer(t *testing.T) {
	t.Parallel()
	long, huge := strings.Repeat("x", 40_000), strings.Repeat("x", 70_000)
	cases := []struct {
		name     string
		answer   agent.Answer
		contents []string
		calls    int
		cut      bool
	}{
		{"text", agent.Answer{Content: text.New("hello")}, []string{"hello"}, 0, false},
		{"NUL in all places", agent.Answer{
			Content: text.New("he\x00llo"), ToolCalls: []agent.ToolCall{tool("{\x00}")}, ToolResults: []agent.ToolResult{result("\x00ok")},
		}, []string{"hello", "ok"}, 1, false},
		{"a tool call without text", agent.Answer{ToolCalls: []agent.ToolCall{tool("{}")}}, []string{noText}, 1, false},
		{"blanks beside a tool call", agent.Answer{Content: text.New(" \n\u200b"), ToolCalls: []agent.ToolCall{tool("{}")}}, []string{noText}, 1, false},
		{"a tool that returned nothing", agent.Answer{Content: text.New("a"), ToolResults: []agent.ToolResult{result(""), result(" ")}},
			[]string{"a", noText, noText}, 0, false},
		{"a long text", agent.Answer{Content: text.New(huge)}, []string{huge[:63_997] + "…"}, 0, true},
		{"arguments are whole or not there", agent.Answer{Content: text.New("a"), ToolCalls: []agent.ToolCall{tool(long), tool(long), tool("{}")}},
			[]string{"a"}, 2, true},
		{"results are cut, and then left out", agent.Answer{Content: text.New("a"), ToolResults: []agent.ToolResult{result(long), result(long), result("c")}},
			[]string{"a", long, strings.Repeat("x", 64_000-1-2*len("idfind(no text)")-40_000-3) + "…"}, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, cut := passable(c.answer)
			all := messages(p)
			var contents []string
			for i, m := range all {
				contents = append(contents, m.Content)
				if want := map[bool]string{true: agent.RoleAssistant, false: agent.RoleTool}[i == 0]; m.Role != want {
					t.Errorf("message %d: got the role %s, want %s", i, m.Role, want)
				}
			}
			if strings.Join(contents, "|") != strings.Join(c.contents, "|") {
				t.Errorf("got %d contents that begin with %.60q, want %d: %.60q", len(contents), contents, len(c.contents), c.contents)
			}
			if len(all[0].ToolCalls) != c.calls || cut != c.cut {
				t.Errorf("got %d tool calls, cut %v, want %d, %v", len(all[0].ToolCalls), cut, c.calls, c.cut)
			}
		})
	}
}

// TestATurnIsFoundByItsText reads calls whose rows are late and out of order (chat.md 0.6).
func TestATurnIsFoundByItsText(t *testing.T) {
	t.Parallel()
	ours := func(s string) calls.ChatRow {
		return calls.ChatRow{Role: calls.RoleAgent, Messages: []text.Untrusted{text.New(s), text.New("a tool's result")}}
	}
	theirs := func(s string) calls.ChatRow {
		return calls.ChatRow{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New(s)}}
	}
	// Two turns were sent, "one" and then "two" or " one\x1f", and two lines heard.
	cases := []struct {
		name   string
		second string
		status calls.Status
		rows   []calls.ChatRow
		want   sight
		reply  string
	}{
		{"in order", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("one"), theirs("yes"), ours("two"), theirs("bye")}, there, "bye"},
		{"reversed", "two", calls.Ongoing, []calls.ChatRow{theirs("bye"), ours("two"), theirs("yes"), ours("one"), theirs("Hello")}, there, "bye"},
		{"the same reply as before", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("one"), theirs("yes"), ours("two"), theirs("yes")}, there, "yes"},
		{"nothing of it", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("one"), theirs("yes")}, unchanged, ""},
		{"an earlier turn is late too", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("two"), theirs("bye")}, there, "bye"},
		{"ours, and no reply yet", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("two")}, partly, ""},
		{"the reply, and not ours yet", "two", calls.Ongoing, []calls.ChatRow{theirs("Hello"), theirs("yes"), theirs("bye")}, partly, ""},
		{"the same turn as before, once", " one\x1f", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("one"), theirs("yes")}, unchanged, ""},
		{"the same turn as before, twice", " one\x1f", calls.Ongoing, []calls.ChatRow{theirs("Hello"), ours("one"), theirs("yes"), ours("one"), theirs("bye")}, there, "bye"},
		{"two lines that were not heard", "two", calls.Ongoing, []calls.ChatRow{ours("two"), theirs("who?"), theirs("bye")}, partly, ""},
		{"the customer has ended the chat", "two", calls.Analyzing, []calls.ChatRow{theirs("Hello"), theirs("yes"), theirs("bye")}, there, "bye"},
		{"ended, and nothing is stored yet", "two", calls.Completed, nil, there, ""},
		{"failed", "two", calls.Failed, []calls.ChatRow{ours("two"), theirs("bye")}, over, ""},
		{"a row without messages", "two", calls.Ongoing, []calls.ChatRow{{Role: calls.RoleCustomer}, {Role: calls.RoleAgent}}, unchanged, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			chat := newChat(&holder{}, Row{})
			chat.sent[key("one")]++
			chat.sent[key(c.second)]++
			chat.heard["Hello"], chat.heard["yes"] = 1, 1
			reply, got := chat.findTurn(calls.Chat{Status: c.status, Rows: c.rows}, key(c.second))
			if got != c.want || reply.Text.Raw() != c.reply && got == there {
				t.Errorf("got %d with %q, want %d with %q", got, reply.Text.Raw(), c.want, c.reply)
			}
			if isEnd := c.status == calls.Analyzing || c.status == calls.Completed; reply.Ended != isEnd {
				t.Errorf("got ended %v, want %v", reply.Ended, isEnd)
			}
		})
	}
}

func TestABeginIsFoundByTheFirstLine(t *testing.T) {
	t.Parallel()
	line := []calls.ChatRow{{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New("Hello")}}}
	for _, c := range []struct {
		name string
		call calls.Chat
		want sight
	}{
		{"begun (sample call-ongoing-begun)", calls.Chat{Status: calls.Ongoing, Rows: line}, there},
		{"begun, and no line yet", calls.Chat{Status: calls.Ongoing}, partly},
		{"not begun (sample call-pending)", calls.Chat{Status: calls.Pending}, unchanged},
		{"failed", calls.Chat{Status: calls.Failed, Rows: line}, over},
		{"cancelled", calls.Chat{Status: calls.Cancelled}, over},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, got := findBegin(c.call); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
