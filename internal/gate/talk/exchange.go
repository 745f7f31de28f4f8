package talk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	// refusedLook is how long to look for what a refused request has done when the server does not
	// say when to come back: a 429 comes before the server acts, and a begin shows before it is
	// answered (chat.md 4.1). For a turn that met a 503, see [patience.LookTime].
	refusedLook = 10 * time.Second
	// storeTime is by when a turn shows: it is stored 0.7 s after the answer by a worker that is
	// warm (chat.md 4.2). One that ends the chat shows at once.
	storeTime = 5 * time.Second
)

// request is a begin or a turn.
type request struct {
	what text.Untrusted // "begin", "turn 3"
	send func(context.Context) (calls.ChatReply, error)
	find func(calls.Chat) (calls.ChatReply, sight)
	late bool // what it does may show some time after it was answered
}

// fate is what is known of a request.
type fate int

const (
	inDoubt  fate = iota // it may have been carried out, or still be
	answered             // it was carried out
	unsent               // it never left
	refused              // the server says that it did not act now
	rejected             // the server did nothing, and would not the next time
	broke                // the server failed at it, and failed the call (chat.md 4.2)
)

// fateOf tells the fate of a request from its error.
func fateOf(err error) fate {
	failure, ok := errors.AsType[*client.Error](err)
	switch {
	case err == nil:
		return answered
	case !ok:
		return inDoubt
	case failure.Refused:
		return refused
	case failure.Unsent && failure.Status == 0 && failure.Kind != client.KindRejected:
		return unsent
	case failure.Unsent:
		return rejected
	case failure.Status == http.StatusInternalServerError:
		return broke
	}
	return inDoubt
}

// exchange has a request carried out once, and returns the customer's reply, or how the
// conversation ends. A request is sent again when it never left, for as long as
// [patience.LookTotal]; and once more after it was refused, when the call shows nothing of it.
// In all other cases the call tells what became of it.
func (c *chat) exchange(r request) (calls.ChatReply, *ending) {
	from, again := time.Now(), false
	for try := 0; ; try++ {
		if c.stops.cause() != nil {
			return calls.ChatReply{}, c.halt(again)
		}
		reply, err := r.send(c.stops.sending)
		became, limit, quiet := fateOf(err), patience.LookTotal, false
		c.touched = c.touched || became != unsent
		c.unsure = became == inDoubt
		switch became {
		case answered:
			return reply, nil
		case unsent:
			pause := patience.LookPause(try)
			if time.Since(from)+pause > patience.LookTotal {
				return reply, c.lost(r, err)
			}
			_ = patience.Pause(c.stops.ctx, pause) // that everything has to end is seen above
			continue
		case rejected, broke:
			e := c.lost(r, err)
			e.broke = became == broke
			return reply, e
		case refused:
			limit, quiet = lookAfter(r, err)
		}
		reply, seen := c.look(r.find, limit, quiet)
		switch {
		case seen == there:
			return reply, nil
		case c.stops.cause() != nil && seen != over:
			return reply, c.halt(true)
		case became == refused && seen == unchanged && !again:
			again, from, try = true, time.Now(), -1
		default:
			return reply, c.lost(r, err)
		}
	}
}

// lookAfter is how long to look for what a refused request has done. quiet is true if the server has
// said when to come back: then it is read at once and then, and not in between.
func lookAfter(r request, err error) (limit time.Duration, quiet bool) {
	if asked := patience.RetryAfter(err); asked > 0 {
		if r.late {
			asked = max(asked, storeTime)
		}
		return asked, true
	}
	if failure, ok := errors.AsType[*client.Error](err); !r.late || ok && failure.Status == http.StatusTooManyRequests {
		return refusedLook, false
	}
	return patience.LookTime(err), false
}

// lost ends the conversation because of the simulator's side. The call may be ended.
func (c *chat) lost(r request, err error) *ending {
	return &ending{end: Lost, reason: text.Sprintf("simulator: %s: %s", r.what, words(err)), open: true, doubt: true}
}

// words are what the server said about a request, or else what is known of it.
func words(err error) text.Untrusted {
	if failure, ok := errors.AsType[*client.Error](err); ok && !failure.Message.IsEmpty() {
		return failure.Message
	}
	return text.New(err.Error())
}
