package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// settler waits until the calls of conversations that are over have ended on the server too, with
// their evals.
type settler struct {
	*tools
	talker    *talker
	collector *collector
	// read is true once the calls were read after the last conversation.
	read bool
}

// statusGrace is how long to wait, once all calls have ended, until the execution says so too. Its
// status can be late for ever (chat.md 0.5).
const statusGrace = 90 * time.Second

// settle waits, at most results-wait, until every call is terminal and every completed one has its
// evals. The execution's status is a hint: if it does not follow, the execution counts as completed.
//
// If the timeout passes first, the run is judged by what was read, or what it knows itself, as soon as
// no conversation is open.
//
// It ends as soon as check, if not nil, says that the evals to come cannot make the run pass.
func (s *settler) settle(ctx context.Context, check func() *lost) (*lost, error) {
	gone, err := s.await(ctx, check)
	if errors.Is(err, errTimeout) && (s.read && s.open() == 0 || s.knowsAll()) {
		s.paid.Conclude()
	}
	return gone, err
}

// knowsAll reports whether this run ended every conversation that it began, so that the server can add
// nothing to how they ended.
func (s *settler) knowsAll() bool {
	for id := range s.talker.begun {
		if !s.gathered.Ended(id) {
			return false
		}
	}
	return true
}

// await is settle without the timeout.
func (s *settler) await(ctx context.Context, check func() *lost) (*lost, error) {
	wait, until := s.config.Waiting.PollMinInterval, s.talker.over.Add(s.config.Waiting.ResultsWait)
	for {
		e, err := s.collector.calls(ctx, false)
		if err != nil {
			return nil, err
		}
		s.collector.take(e)
		s.read = true
		if s.loseUnended(ctx) {
			s.collector.take(e)
		}
		s.log.Tell(event.ProgressMade{Progress: e.Progress, Elapsed: time.Since(s.talker.over)})
		open, lacking := s.open(), s.lacking()
		switch left := time.Until(until); {
		case e.Status.Terminal() && open == 0:
			return nil, nil
		case e.Status == calls.ExecutionCancelled:
			return nil, nil // by somebody else
		case open+lacking == 0 && s.talker.idle+s.talker.unclosed > 0:
			s.paid.Conclude() // calls that were never begun, or not closed, keep it from ending
			return nil, nil
		case open+lacking == 0:
			return nil, s.followStatus(ctx)
		case left <= 0:
			s.log.Note(text.Sprintf("Not waiting any longer: %s not ended on the server, %s without all evals.", text.Plural(open, "conversation"), text.Plural(lacking, "conversation")))
			s.paid.Conclude()
			return nil, nil
		default:
			if check != nil {
				if gone := check(); gone != nil {
					return gone, nil
				}
			}
			if err := patience.Pause(ctx, min(wait, left)); err != nil {
				return nil, err
			}
		}
		wait = min(2*wait, s.config.Waiting.PollMaxInterval)
	}
}

// endGrace is how long a call that the customer has ended may still be shown as ongoing. The server
// stores the end before it answers (chat.md 4.3), but lists may lag.
const endGrace = 45 * time.Second

// loseUnended looks for calls that the customer has ended as we heard it, but that failed afterwards or
// stay ongoing on the server, where nothing ends them. They are lost: the agent answered to the end. It
// reports whether there are new ones.
func (s *settler) loseUnended(ctx context.Context) (found bool) {
	for _, c := range s.gathered.Current().All() {
		if !s.talker.begun[c.ID] || s.gathered.Ended(c.ID) {
			continue
		}
		reason := text.Sprintf("simulator: failed after the end: %s", c.EndedReason)
		switch c.Status {
		case calls.Failed:
		case calls.Pending, calls.Queued, calls.Ongoing:
			if time.Since(s.talker.over) < endGrace {
				continue
			}
			reason = text.Sprintf("simulator: the customer ended the chat, but the call stayed %s", c.Status)
			if err := s.api.CloseChat(ctx, c.ID, calls.ChatEnd{Status: calls.Failed, Reason: reason.Line()}); err != nil {
				s.log.Note(text.Sprintf("A call that the customer had ended could not be closed: %s", text.New(err.Error())))
				s.talker.unclosed++
			}
		default:
			continue
		}
		s.gathered.Settle(c.ID, evidence.Ending{Status: calls.Failed, Reason: reason})
		found = true
	}
	return found
}

// followStatus waits until the execution has ended, and concludes it if it does not.
func (s *settler) followStatus(ctx context.Context) error {
	wait := s.config.Waiting.PollMinInterval
	for until := time.Now().Add(statusGrace); ; wait = min(2*wait, s.config.Waiting.PollMaxInterval) {
		p, err := s.api.Poll(ctx, s.paid.ID())
		if err == nil {
			s.patience.Answered()
			s.paid.Learn(p)
			if p.Status.Terminal() {
				return nil
			}
		}
		left := time.Until(until)
		if left <= 0 {
			break
		}
		if err := patience.Pause(ctx, min(wait, left)); err != nil {
			return err
		}
	}
	s.log.Note(text.Sprintf("All calls have ended, but the execution is still %s. It counts as completed.", s.paid.Status()))
	s.paid.Conclude()
	return nil
}

// open counts the calls that have not ended.
func (s *settler) open() int {
	n := 0
	for _, c := range s.gathered.Current().All() {
		if s.talker.begun[c.ID] && !c.Status.Terminal() {
			n++
		}
	}
	return n
}

// lacking counts the completed calls that lack the result of an eval, and are judged.
func (s *settler) lacking() int {
	n := 0
	for _, c := range s.gathered.Judged(s.gathered.Current()).All() {
		if s.talker.begun[c.ID] && c.Outcome() == verdict.Succeeded && s.lacksEval(c) {
			n++
		}
	}
	return n
}

// lacksEval reports whether a result of a call may still come.
func (t *tools) lacksEval(c verdict.Call) bool {
	came := map[uuid.UUID]bool{}
	for _, e := range c.Evals {
		if e.State() == calls.EvalPending {
			return true
		}
		came[e.ConfigID()] = true
	}
	for _, e := range t.gathered.Evals() {
		if !came[e.ID] && !t.plan.RunsLater(e.ID) {
			return true
		}
	}
	return false
}
