package talk

import (
	"context"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// sight is what a call shows of a request.
type sight int

const (
	unread    sight = iota // the call could not be read
	unchanged              // nothing, which proves nothing: it may come later (chat.md 4.2)
	partly                 // something, and not yet all
	there                  // that it was carried out
	over                   // that it will not be any more
)

const (
	// readTime bounds one read of a call. Some hang, and another one is as good.
	readTime = 30 * time.Second
	// leastLooks is how often the call is read at least, whatever time that takes.
	leastLooks = 3
	// lastLooks is how many looks there are for the last words of a customer that has ended
	// the chat: they are stored after the end (chat.md 4.2).
	lastLooks = 4
)

// look reads the call until it shows what became of a request, for as long as limit; the last
// look is at the end. If quiet, there is none between the first and the last while nothing changes.
func (c *chat) look(find func(calls.Chat) (calls.ChatReply, sight), limit time.Duration, quiet bool) (reply calls.ChatReply, seen sight) {
	end, missing := time.Now().Add(limit), 0
	for n := 1; ; n++ {
		call, err := c.read(c.stops.ctx)
		if !patience.IsMissing(err) {
			missing = 0
		}
		switch {
		case err == nil:
			reply, seen = find(call)
		case seen == there: // all but the last words
		case patience.IsMissing(err):
			// Proxies say so too, for a moment.
			if missing++; missing == leastLooks {
				return reply, over
			}
			seen = unread
		default:
			seen = unread
		}
		if seen == over || seen == there && (!reply.Ended || !reply.Text.IsEmpty() || n >= lastLooks) {
			return reply, seen
		}
		pause := patience.LookPause(n - 1)
		if left := time.Until(end); quiet && seen == unchanged {
			pause = left
		} else if n >= leastLooks {
			pause = min(pause, left)
		}
		if pause <= 0 || patience.Pause(c.stops.ctx, pause) != nil {
			return reply, seen
		}
	}
}

// read reads the call once.
func (c *chat) read(ctx context.Context) (calls.Chat, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	return c.api.Chat(ctx, c.result.ID)
}

// findBegin looks for the customer's first line, which is stored before a begin is answered
// (chat.md 4.1).
func findBegin(call calls.Chat) (calls.ChatReply, sight) {
	switch call.Status {
	case calls.Pending, calls.Queued:
		return calls.ChatReply{}, unchanged
	case calls.Failed, calls.Cancelled, calls.Completed, calls.Analyzing:
		return calls.ChatReply{}, over
	}
	for _, row := range call.Rows {
		if said := saidIn(row); row.Role == calls.RoleCustomer && !said.IsEmpty() {
			return calls.ChatReply{Text: said}, there
		}
	}
	return calls.ChatReply{}, partly
}

// findTurn looks for a turn of the agent by what it said, and for the reply. Neither is told
// by its position: rows may come late and in any order (chat.md 0.6). So both are counted: the
// agent may say the same twice, and the reply is what the customer was not heard to say so often.
func (c *chat) findTurn(call calls.Chat, said string) (calls.ChatReply, sight) {
	turns, lines := 0, map[string]int{}
	var fresh []text.Untrusted
	for _, row := range call.Rows {
		k := key(saidIn(row).Raw())
		switch row.Role {
		case calls.RoleAgent:
			if k == said {
				turns++
			}
		case calls.RoleCustomer:
			if lines[k]++; lines[k] > c.heard[k] && k != "" {
				fresh = append(fresh, saidIn(row))
			}
		}
	}
	var reply calls.ChatReply
	if len(fresh) == 1 {
		reply.Text = fresh[0]
	}
	switch call.Status {
	case calls.Analyzing, calls.Completed:
		reply.Ended = true // only the customer does that, in answer to a turn
		return reply, there
	case calls.Failed, calls.Cancelled:
		return calls.ChatReply{}, over
	}
	switch isThere := turns >= c.sent[said]; {
	case isThere && len(fresh) == 1:
		return reply, there
	case !isThere && len(fresh) == 0 && call.Status == calls.Ongoing:
		return calls.ChatReply{}, unchanged
	}
	return calls.ChatReply{}, partly
}

// saidIn is what was said in a row: the first message, which what tools returned may follow.
func saidIn(row calls.ChatRow) text.Untrusted {
	if len(row.Messages) == 0 {
		return text.Untrusted{}
	}
	return row.Messages[0]
}
