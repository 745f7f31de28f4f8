package talk

import (
	"context"
	"errors"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text"
)

// lastWords is how long a begin or a turn that is on its way when the agent dies may still
// take: the customer may just be ending the chat, and then nobody failed.
const lastWords = 20 * time.Second

// stops are the three ends of the work: nothing new after the first, requests on their way are
// given up after the second, closes after the third.
//
// A request that is on its way when the context ends gets a little time: the server finishes
// it in any case, and one whose answer is known leaves no doubt.
type stops struct {
	ctx, sending, closing        context.Context
	stop, cutSending, cutClosing context.CancelCauseFunc
}

// newStops makes the ends. Only the first comes with the context itself.
func newStops(ctx context.Context) *stops {
	var s stops
	lasting := context.WithoutCancel(ctx)
	s.ctx, s.stop = context.WithCancelCause(ctx)
	s.sending, s.cutSending = context.WithCancelCause(lasting)
	s.closing, s.cutClosing = context.WithCancelCause(lasting)
	return &s
}

// watch brings about the ends until done.
func (s *stops) watch(ctx context.Context, under Agent, within time.Duration, done <-chan struct{}) {
	select {
	case <-done:
		return
	case <-ctx.Done():
	case <-under.Dead():
		s.died(under.Err())
		if !wait(lastWords, ctx.Done(), done) {
			s.cutSending(under.Err())
			wait(-1, ctx.Done(), done)
		}
	}
	if ctx.Err() == nil {
		return // done
	}
	wait(within/4, nil, done)
	s.cutSending(context.Cause(ctx))
	wait(within-within/4, nil, done)
	s.cutClosing(context.Cause(ctx))
}

// died ends everything, since the agent cannot be asked any more.
func (s *stops) died(why error) {
	if why == nil {
		why = agent.ErrClosed
	}
	s.stop(why)
}

// release frees what the ends hold.
func (s *stops) release() {
	for _, cancel := range []context.CancelCauseFunc{s.stop, s.cutSending, s.cutClosing} {
		cancel(nil)
	}
}

// cause is why nothing new may begin; nil while it may.
func (s *stops) cause() error { return context.Cause(s.ctx) }

// ending is how a conversation ends that is open when everything has to end.
func (s *stops) ending(doubt bool) *ending {
	if failure, ok := errors.AsType[*agent.Error](s.cause()); ok {
		return &ending{end: AgentFailed, reason: failure.Reason(), open: true, doubt: doubt}
	}
	return &ending{end: Cancelled, reason: text.Sprintf("cancelled: %s", s.cause()), open: true, doubt: doubt}
}

// wait waits until either channel is closed, which it reports, or the time is over; a negative
// time never is.
func wait(d time.Duration, one, other <-chan struct{}) bool {
	var over <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-one:
	case <-other:
	case <-over:
		return false
	}
	return true
}
