package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/pairing"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// talker holds the conversations of a chat execution with the agent under test.
type talker struct {
	*tools
	under *under
	rows  []talk.Row
	// standing are the calls that the conversations stand for, by their own ids; idle counts the calls of
	// the execution that nobody is to hold.
	standing map[uuid.UUID]verdict.Call
	idle     int
	made     []uuid.UUID     // all calls of the execution
	read     calls.Execution // as it was before the first conversation
	// pace is how long conversations took in earlier executions; 0 before.
	pace time.Duration
	// begun are the calls that were begun; ended counts those that have ended and were not cancelled.
	begun map[uuid.UUID]bool
	ended int
	// left are the conversations that could not be begun in time: further executions have to hold them.
	left []verdict.Call
	// unclosed counts the calls that the server would not close.
	unclosed int
	// over is when the last conversation ended; zero before. cut is true if the run's own end cut
	// conversations short.
	over time.Time
	cut  bool
}

// errLost ends the conversations because a criterion can no longer be met.
var errLost = errors.New("a criterion can no longer be met")

// diedError says that the agent's process died, so there is nothing left to talk to.
type diedError struct {
	why  error
	open bool // a conversation was open
}

// Error implements error.
func (e diedError) Error() string {
	return "the agent died while no conversation was open, so the rest could not be held: " + e.why.Error()
}

// Unwrap returns how it died.
func (e diedError) Unwrap() error { return e.why }

// renew forgets the conversations of the execution before.
func (t *talker) renew() {
	*t = talker{tools: t.tools, under: t.under, pace: t.pace}
}

// place creates the calls of the started execution. All of them have to exist before a conversation
// ends: a chat execution is over as soon as all calls that exist are (chat.md 0.4).
func (t *talker) place(ctx context.Context, l leg, planned int) error {
	t.renew()
	limit := t.config.MaxCalls
	if !l.first() {
		limit = 0 // only those are held that were checked before
	}
	named, since, err := t.paid.PlaceRows(ctx, limit)
	if err != nil {
		return err
	}
	t.paid.CheckTwin(ctx, true, true)
	all, err := t.placed(ctx, named)
	if err != nil {
		return err
	}
	if limit > 0 && max(len(named), all.Len()) > limit {
		return plan.ConfigError{Reason: text.Sprintf("the run places more than max-calls %d calls", limit)}
	}
	if l.instead == nil { // those that stand for others were reserved
		before, _ := t.gathered.CallsBefore()
		if why := t.overShare(max(len(named), all.Len()) + t.gathered.Earlier().Len() - before); !why.IsEmpty() {
			return budget.ExceededError{Reason: why}
		}
	}
	if l.instead != nil {
		var rest []uuid.UUID
		t.standing, rest = pairing.StandIns(l.instead, all)
		t.gathered.LeaveOut(rest...)
		t.idle, planned = len(rest), len(l.instead)
	}
	t.made = all.IDs()
	for _, c := range all.All() {
		old, stands := t.standing[c.ID]
		if c.Status != calls.Pending || l.instead != nil && !stands {
			continue
		}
		t.rows = append(t.rows, talk.Row{ID: c.ID, Scenario: c.Scenario, MadeAt: since})
		if stands && !l.reruns() {
			t.gathered.Replace(old, c.ID, false)
		}
	}
	switch n := len(t.rows); {
	case n == 0 && l.instead != nil:
		return errors.New("none of the calls that the server made is sure to play what is to be held again")
	case n == 0:
		return errors.New("the execution has no call that could be begun")
	case n < planned && l.instead != nil:
		t.log.Warn(text.Sprintf("The server made %d of %d calls again: the others stay as they were.", n, planned))
	case n < planned:
		t.log.Warn(text.Sprintf("The server made %d of %d planned calls: the others count as missing.", n, planned))
	}
	return nil
}

// placed reads the calls of the execution: only there are the names of their scenarios, and calls of
// requests whose responses were lost. Lists may lag behind the calls that were named.
func (t *talker) placed(ctx context.Context, named []uuid.UUID) (verdict.Calls, error) {
	for look := 0; ; look++ {
		e, err := t.api.Collect(ctx, t.paid.ID())
		seen := verdict.CallsOf(e.Calls, nil)
		lacks := len(named) - len(seen.Places(named))
		switch {
		case ctx.Err() != nil:
			return seen, t.patience.CauseOf(ctx, err)
		case err != nil && !t.patience.Outlasts(err):
			return seen, err
		case err == nil && (lacks == 0 || look >= missingLooks):
			t.patience.Understood()
			t.paid.Learn(e.Progress)
			t.read = e
			return seen, nil
		}
		if err := patience.Pause(ctx, patience.LookPause(look)); err != nil {
			return seen, err
		}
	}
}

// missingLooks is how often to reread an execution that lacks calls which the server has named.
const missingLooks = 5

// hold holds the conversations. Fail-fast may end them early; the error tells why not all were held.
func (t *talker) hold(parent context.Context, l leg, fast *failFast) (*lost, error) {
	ctx, stop := context.WithCancelCause(parent)
	heard := make(chan talk.Conversation, len(t.rows))
	warned := make(chan text.Untrusted, maxTalkWarnings)
	type held struct {
		result talk.Result
		err    error
	}
	done := make(chan held, 1)
	t.begun = map[uuid.UUID]bool{}
	settings := talk.Settings{
		Concurrency: t.config.Agent.Concurrency, TurnTimeout: t.config.Agent.TurnTimeout, MaxTurns: t.config.Agent.MaxTurns,
		Pace: t.pace, Slots: t.slots(),
		Observer: talk.Observer{
			Ended: func(c talk.Conversation) bool { heard <- c; return false },
			Warn: func(w text.Untrusted) {
				select {
				case warned <- w:
				default:
				}
			},
		},
	}
	began := time.Now()
	running := true
	go func() {
		result, err := talk.Hold(ctx, t.api, t.under.agent, t.rows, settings)
		done <- held{result, err}
	}()
	defer func() {
		// After a panic no conversation may stay open.
		stop(errTalkOver)
		if running {
			<-done
		}
		t.over = time.Now()
		if !t.mayGoOn() {
			t.under.shut()
		}
	}()
	t.tellProgress(began)
	var gone *lost
	var over error
	overAll := t.spending.Gone()
	for {
		select {
		case <-overAll: // others have used up what all have in common
			overAll = nil
			if gone == nil && over == nil && ctx.Err() == nil {
				if over = t.spending.CheckHeld(ctx, t.paid.ID(), t.tellProgress(began)); over != nil {
					stop(over)
				}
			}
		case w := <-warned:
			t.log.Warn(w)
		case c := <-heard:
			t.settle(c)
			progress := t.tellProgress(began)
			if gone == nil && over == nil && ctx.Err() == nil {
				if over = t.spending.CheckHeld(ctx, t.paid.ID(), progress); over != nil {
					stop(over)
					continue
				}
				if !l.reruns() {
					gone = fast.check(ctx, progress)
				}
				if gone != nil {
					stop(errLost)
				}
			}
		case h := <-done:
			running = false
			for len(warned) > 0 {
				t.log.Warn(<-warned)
			}
			t.finish(l, h.result)
			if l.first() {
				fast.warnNoCounts()
			}
			switch {
			case parent.Err() != nil && h.err != nil:
				t.cut = true
				return nil, context.Cause(parent)
			case gone != nil:
				return gone, nil
			case over != nil && h.err != nil:
				return nil, over
			case h.err != nil:
				return nil, t.ending(l, h.err)
			}
			return nil, nil
		}
	}
}

// maxTalkWarnings is how many warnings may wait until they are told. There are a few at most.
const maxTalkWarnings = 32

// errTalkOver ends what is left of conversations that are over.
var errTalkOver = errors.New("the conversations are over")

// settle records how a conversation ended.
func (t *talker) settle(c talk.Conversation) {
	t.begun[c.ID] = true
	t.gathered.Held(c.ID, c.Duration.Seconds())
	if c.End != talk.Cancelled {
		t.ended++
	}
	switch c.End {
	case talk.AgentFailed, talk.TurnLimit, talk.Lost:
		t.gathered.Settle(c.ID, evidence.Ending{Status: calls.Failed, Reason: c.Reason})
	case talk.Cancelled:
		t.gathered.Settle(c.ID, evidence.Ending{Status: calls.Cancelled, Reason: c.Reason})
	case talk.Ended, talk.NotReached, talk.LeftOver:
	}
}

// mayGoOn reports whether a further execution may need the agent.
func (t *talker) mayGoOn() bool {
	return len(t.left) > 0 || t.config.Reruns.Attempts > 0 || t.config.Trials.Max > 1
}

// finish records what became of all calls.
func (t *talker) finish(l leg, result talk.Result) {
	said := map[uuid.UUID]calls.Transcript{}
	t.ended, t.pace, t.unclosed = 0, result.Pace, 0
	var why error
	for _, c := range result.Conversations {
		switch {
		case c.End == talk.LeftOver:
			t.leave(l, c, text.New("not begun: a conversation has to end within 25 minutes after its call was made"))
		case c.End == talk.NotReached:
			t.leave(l, c, text.New("not begun"))
		default:
			t.settle(c)
			said[c.ID] = transcriptOf(c)
			t.takeOver(l, c)
		}
		if c.Open != nil {
			t.unclosed++
			why = c.Open
		}
	}
	t.gathered.Say(said)
	if t.unclosed > 0 {
		t.log.Warn(text.Sprintf("%s may still be open on the server: %s", text.Plural(t.unclosed, "conversation"), text.New(why.Error())))
	}
	have := "have"
	if len(t.rows) == 1 {
		have = "has"
	}
	t.log.Note(text.Sprintf("%d of %s %s ended.", t.ended, text.Plural(len(t.rows), "conversation"), text.New(have)))
}

// slots limits the conversations of gates that run side by side.
func (t *talker) slots() chan struct{} {
	if t.company == nil {
		return nil
	}
	return t.company.Slots()
}

// ending returns the error for conversations that ended early although the run goes on.
func (t *talker) ending(l leg, err error) error {
	switch {
	case t.under.agent.Err() == nil:
		return err
	case len(t.begun) == 0:
		return t.under.present(l)
	}
	t.under.tellLast(err)
	died := diedError{why: err}
	for _, c := range t.gathered.Endings() {
		died.open = died.open || calls.AgentDied(c.Status, c.Reason)
	}
	return died
}

// tellProgress tells how many conversations have ended.
func (t *talker) tellProgress(began time.Time) calls.Progress {
	failed := 0
	for _, c := range t.gathered.Endings() {
		if c.Status == calls.Failed {
			failed++
		}
	}
	total, completed := len(t.rows), t.ended-failed
	p := calls.Progress{Status: calls.ExecutionRunning, AgentType: calls.AgentText, Total: &total, Completed: &completed, Failed: &failed}
	t.log.Tell(event.ProgressMade{Progress: p, Elapsed: time.Since(began)})
	return p
}
