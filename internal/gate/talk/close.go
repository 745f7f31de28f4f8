package talk

import (
	"context"
	"fmt"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	// closeTime bounds closing a call, in which the server may ask a language model for a
	// score (chat.md 8).
	closeTime = 5 * time.Minute
	// closeTries is how often a close is sent. It is safe to repeat (chat.md 8).
	closeTries = 5
	// missingTries is how often both a close and a read have to say that there is no such call:
	// proxies say so too, for a moment.
	missingTries = 2
	// stubbornTries is how often a close is sent once the server has not closed another call: the
	// end of the execution closes what is left.
	stubbornTries = 1
	// settleTries is how often it is tried to read a call before it is closed unread.
	settleTries = 3
)

// close closes the call, unless it is ended, and returns why it may still be open. Whether it
// is ended is read first when it is in doubt: a close overwrites any status (chat.md 8), and
// what the server knows of the end decides who failed.
func (c *chat) close(e *ending, took time.Duration) error {
	ctx, cancel := context.WithTimeout(c.stops.closing, closeTime)
	defer cancel()
	if e.doubt && c.settled(ctx, e) {
		return nil
	}
	end := calls.ChatEnd{Status: calls.Failed, Reason: e.reason.Line(), Duration: took}
	if e.end == Cancelled || e.end == NotReached {
		end.Status = calls.Cancelled
	}
	err := c.sendClose(ctx, end)
	c.noteClose(err == nil)
	return err
}

// sendClose sends a close until the call is closed, or it is no use any more.
func (c *chat) sendClose(ctx context.Context, end calls.ChatEnd) error {
	missing, tries := 0, c.closeTries()
	for try := 0; ; try++ {
		err := c.api.CloseChat(ctx, c.result.ID, end)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("the conversation could not be closed: %w", err)
		if try+1 < tries && patience.Pause(ctx, patience.LookPause(try)) != nil {
			return err
		}
		call, failed := c.read(ctx)
		if failed == nil && isOver(call.Status) {
			return nil
		}
		if patience.IsMissing(failed) && patience.IsMissing(err) {
			if missing++; missing == missingTries {
				return nil // nothing is left to close
			}
		}
		if try+1 == tries {
			return err
		}
	}
}

// closeTries is how often to send a close.
func (h *holder) closeTries() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stubborn {
		return stubbornTries
	}
	return closeTries
}

// noteClose notes whether the server has closed a call.
func (h *holder) noteClose(closed bool) {
	h.mu.Lock()
	h.stubborn = !closed
	h.mu.Unlock()
}

// settled reads the call and reports whether it is ended. If so, it may tell better how.
func (c *chat) settled(ctx context.Context, e *ending) bool {
	for try := range settleTries {
		call, err := c.read(ctx)
		switch {
		case err == nil:
			c.correct(e, call)
			return isOver(call.Status)
		case patience.Pause(ctx, patience.LookPause(try)) != nil:
			return false
		}
	}
	return false
}

// correct corrects how the conversation ended by what the server says before we close it.
func (c *chat) correct(e *ending, call calls.Chat) {
	switch call.Status {
	case calls.Analyzing, calls.Completed:
		if c.begun {
			e.end, e.reason = Ended, text.Untrusted{}
		}
	case calls.Failed:
		if e.end != Lost || !call.EndedReason.IsEmpty() {
			e.end, e.reason = Lost, text.Sprintf("simulator: %s", call.EndedReason)
		}
	case calls.Cancelled:
		if e.end != Cancelled {
			e.end, e.reason = Cancelled, text.New("cancelled: on the server, by somebody else")
		}
	case calls.Pending, calls.Queued:
		if e.end != Lost && !c.begun && !c.unsure {
			e.end, e.reason = NotReached, text.Untrusted{}
		}
	}
}

// isOver reports whether a call is ended: also one of which only what is said of it remains to
// be stored and judged.
func isOver(s calls.Status) bool { return s.Terminal() || s == calls.Analyzing }
