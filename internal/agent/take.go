package agent

import (
	"encoding/json"
	"regexp"
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// take handles one line of the program.
func (b *inbox) take(l line) {
	if l.long {
		b.takeLong(l.text)
		return
	}
	var w wireAnswer
	err := json.Unmarshal(l.text, &w)
	mistake := wrongType(err)
	switch {
	case l.open && err != nil && mistake == nil:
		// Cut off by the end of the program, which is the better reason.
		b.warner.warn(func() text.Untrusted {
			return text.Sprintf("the agent ended in the middle of a line: %s", b.screen.excerpt(string(l.text)))
		})
	case err != nil && mistake == nil, l.text[0] != '{':
		b.takeForeign(func() *Error { return b.screen.notJSON(l.text) })
	case w.Conversation == nil || *w.Conversation == "":
		b.takeUnaddressed(w, l)
	case mistake != nil:
		if w.Turn != nil && *w.Turn == 0 {
			w.Turn = nil // turns start at 1: this one could not be read
		}
		b.deliver(*w.Conversation, w.Turn, func(int) result { return result{err: mistake} })
	default:
		b.deliver(*w.Conversation, w.Turn, func(turn int) result {
			a, err := w.answer(turn, b.screen)
			return result{a, err}
		})
	}
}

// takeUnaddressed handles a JSON object without a conversation: {"ready":true}, an answer
// that lacks it, or something else, such as a structured log line.
func (b *inbox) takeUnaddressed(w wireAnswer, l line) {
	switch {
	case string(w.Ready) == "true":
		b.setReady()
	case w.Content != nil || w.ToolCalls != nil || w.Conversation != nil:
		b.takeForeign(func() *Error {
			return &Error{Kind: KindBroken, Detail: text.Sprintf(`no "conversation" in: %s`, b.screen.excerpt(string(l.text)))}
		})
	default:
		b.warner.warn(func() text.Untrusted {
			return text.Sprintf("a line of the agent is for no conversation and was dropped: %s", b.screen.excerpt(string(l.text)))
		})
	}
}

// conversationKey finds the conversation in parts of a line. It does not match inside a JSON
// string, where quotes are escaped.
var conversationKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"conversation"\s*:\s*("(?:[^"\\]|\\.)*")`)
})

// takeLong handles a line above the limit, of which both ends were kept.
func (b *inbox) takeLong(ends []byte) {
	var conversation string
	if found := conversationKey().FindSubmatch(ends); found == nil || json.Unmarshal(found[1], &conversation) != nil {
		b.takeForeign(tooLong)
		return
	}
	b.deliver(conversation, nil, func(int) result { return result{err: tooLong()} })
}

// takeForeign handles a line that cannot be attributed. If exactly one question is open, the
// line must have been its answer; otherwise it is dropped, and the timeout decides.
func (b *inbox) takeForeign(mistake func() *Error) {
	if w := b.claimOnly(); w != nil {
		w.result <- result{err: mistake()}
		return
	}
	b.warner.warn(func() text.Untrusted {
		return text.Sprintf("a line of the agent is not understood and was dropped: %s", mistake().Detail)
	})
}
