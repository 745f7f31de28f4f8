package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
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
// If the timeout passes first, the run is judged by what was read as soon as no conversation is open.
func (s *settler) settle(ctx context.Context) error {
	err := s.await(ctx)
	if errors.Is(err, errTimeout) && s.read && s.open() == 0 {
		s.paid.Conclude()
	}
	return err
}

// await is settle without the timeout.
func (s *settler) await(ctx context.Context) error {
	wait, until := s.config.Waiting.PollMinInterval, s.talker.over.Add(s.config.Waiting.ResultsWait)
	for {
		e, err := s.collector.calls(ctx, false)
		if err != nil {
			return err
		}
		s.collector.take(e)
		s.read = true
		s.log.Tell(event.ProgressMade{Progress: e.Progress, Elapsed: time.Since(s.talker.over)})
		open, lacking := s.open(), s.lacking()
		switch left := time.Until(until); {
		case e.Status.Terminal() && open == 0:
			return nil
		case e.Status == calls.ExecutionCancelled:
			return nil // by somebody else
		case open+lacking == 0 && s.talker.idle > 0:
			s.paid.Conclude() // calls that were never begun keep it from ending
			return nil
		case open+lacking == 0:
			return s.followStatus(ctx)
		case left <= 0:
			s.log.Note(text.Sprintf("Not waiting any longer: %d conversations have not ended on the server, and %d lack evals.", open, lacking))
			s.paid.Conclude()
			return nil
		default:
			if err := patience.Pause(ctx, min(wait, left)); err != nil {
				return err
			}
		}
		wait = min(2*wait, s.config.Waiting.PollMaxInterval)
	}
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

// lacking counts the completed calls that lack the result of an eval.
func (s *settler) lacking() int {
	n := 0
	for _, c := range s.gathered.Current().All() {
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
