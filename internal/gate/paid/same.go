package paid

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Starts with the same key are one run, wherever they are. The names of their run tests end with the key.
// Only the start that created a run test may execute it, and of those that nobody has executed yet the
// oldest counts: so no more than one start pays, without any lock on the server. A run test whose
// execution is of no use is left, and a new one takes its place.

const (
	// claimLasts is how long after its creation a start may execute its run test, and claimEnds how long
	// others wait for that. What lies between allows for slow requests and clocks.
	claimLasts = 150 * time.Second
	claimEnds  = 5 * time.Minute
	// claimPause is the wait between two looks at the run tests of a key.
	claimPause = 3 * time.Second
	// claimSettles is how long a new run test must be the oldest before it is executed: lists lag.
	claimSettles = 8 * time.Second
)

// Same is the run of a key that a start has found, or is to start itself.
type Same struct {
	RunTest calls.RunTest
	// Execution is the one to take up; uuid.Nil if this start has to execute the run test.
	Execution calls.ExecutionSummary
	// Earlier are older executions of the same run, oldest first: trials that have ended.
	Earlier []calls.ExecutionSummary
	// Held are the executions of the run, oldest first, if a process held its conversations: Execution is the
	// last of them.
	Held []Held
	// Ended means that the execution has ended and is judged again.
	Ended bool
	// Fresh means that nobody can have executed the run test.
	Fresh bool
}

// Match says what makes an execution of the key the same run.
type Match struct {
	// Key is the end of the run tests' names.
	Key string
	// MaxAge is how old an ended execution may be, from its start.
	MaxAge time.Duration
	// Version is the agent version that would be executed now; empty if unknown.
	Version func(calls.RunTest) text.Untrusted
	// SameParts reports whether a run test has the scenarios and evals that would be executed now.
	SameParts func(calls.RunTest) bool
	// Waits is called before another start is waited for, whose execution this one takes up; nil for nothing.
	Waits func(context.Context) error
	// Most is how many executions are one run: its trials.
	Most int
	// Whole is set if a process holds the conversations, so that executions cannot be taken up while they
	// run. It returns those of some that have ended that are a run which can be judged again, or says why
	// they are none.
	Whole func([]Held) (whole []Held, why text.Untrusted)
}

// FindSame finds the run of a key, or creates a run test for it, whose name nobody else gives to one. Whoever comes
// first executes; the others wait and take up what was started.
func (r *Run) FindSame(ctx context.Context, m Match, create func(ctx context.Context) (calls.RunTest, bool, error)) (Same, error) {
	r.stakes = true
	defer func() { r.stakes = false }()
	var mine calls.RunTest
	var fresh bool
	var since time.Time // when mine was created, by this machine's clock
	var awaited uuid.UUID
	for {
		all, err := r.ofKey(ctx, m.Key)
		if err != nil {
			return Same{}, err
		}
		first, state, err := r.foremost(ctx, m, all, mine.ID)
		if err != nil {
			return Same{}, err
		}
		switch waited := time.Since(since); {
		case state == usable:
			if first.RunTest.ID != mine.ID {
				r.release(ctx) // nobody needs it
			}
			return first, nil
		case first.RunTest.ID != uuid.Nil && first.RunTest.ID == mine.ID:
			if waited > claimLasts {
				return Same{}, lateError{mine.ID}
			}
			if waited > claimSettles {
				return Same{RunTest: mine, Fresh: fresh}, nil
			}
		case state == unclaimed:
			if awaited != first.RunTest.ID {
				awaited = first.RunTest.ID
				r.given.Log.Note(text.Sprintf("Another start of the same run-key created run test %s; waiting for its execution, up to %s from then. If it was killed, agent-gate cleanup where it ran ends the wait.", awaited, claimEnds))
			}
			if m.Waits != nil {
				if err := m.Waits(ctx); err != nil {
					return Same{}, err
				}
			}
		case mine.ID == uuid.Nil:
			for _, t := range all {
				if why := r.useless[t.ID]; !why.IsEmpty() {
					r.given.Log.Warn(why)
				}
			}
			if mine, fresh, err = create(ctx); err != nil {
				return Same{}, err
			}
			since = time.Now()
			r.stakeEnds = since.Add(claimLasts)
		case waited > claimLasts:
			return Same{}, fmt.Errorf("run test %s does not show up in the list of run tests, so it is not certain which start of the same run-key executes: nothing was started", mine.ID)
		}
		if err := patience.Pause(ctx, claimPause); err != nil {
			return Same{}, err
		}
	}
}

// foremost looks for the run test of a key that counts: the oldest that is this start's own, has the run, or
// may still be executed. Without any, all of them are useless.
func (r *Run) foremost(ctx context.Context, m Match, all []calls.RunTest, mine uuid.UUID) (Same, standing, error) {
	for _, t := range all {
		if slices.ContainsFunc(all, func(whole calls.RunTest) bool { return runname.IsPartOf(t.Name.Raw(), whole.Name.Raw()) }) {
			continue
		}
		same, state, err := r.stateOf(ctx, m, t, all)
		if err != nil || state != useless || t.ID == mine {
			return same, state, err
		}
	}
	return Same{}, useless, nil
}

// ofKey lists the run tests of a key, oldest first.
func (r *Run) ofKey(ctx context.Context, key string) ([]calls.RunTest, error) {
	all, err := r.named(ctx, key, func(name string) bool { return strings.HasSuffix(name, key) })
	slices.SortStableFunc(all, func(a, b calls.RunTest) int {
		if a.CreatedAt == nil || b.CreatedAt == nil {
			return 0
		}
		return cmp.Or(a.CreatedAt.Compare(*b.CreatedAt), calls.CompareIDs(a.ID, b.ID))
	})
	return all, err
}

// named lists the run tests whose name contains search and is one of those looked for, oldest first.
func (r *Run) named(ctx context.Context, search string, is func(name string) bool) ([]calls.RunTest, error) {
	all, err := persist(ctx, r, func() ([]calls.RunTest, error) {
		var all []calls.RunTest
		for t, err := range r.given.API.RunTests(ctx, search) {
			if err != nil {
				return nil, err
			}
			if is(t.Name.Raw()) {
				all = append(all, t)
			}
		}
		return all, nil
	})
	slices.Reverse(all) // the list is newest first
	return all, err
}

// partsOf are those of some run tests that are copies of another with a part of its scenarios.
func partsOf(t calls.RunTest, all []calls.RunTest) (parts []calls.RunTest) {
	for _, part := range all {
		if runname.IsPartOf(part.Name.Raw(), t.Name.Raw()) {
			parts = append(parts, part)
		}
	}
	return parts
}

// executionsOf lists the executions of a run test, newest first.
func (r *Run) executionsOf(ctx context.Context, id uuid.UUID) ([]calls.ExecutionSummary, error) {
	return persist(ctx, r, func() ([]calls.ExecutionSummary, error) { return r.given.API.Executions(ctx, id) })
}

// standing of a run test of the key.
type standing int

const (
	useless   standing = iota // nobody will execute it, or what was executed does not count
	unclaimed                 // whoever created it may still execute it
	usable                    // an execution of it is the run
)

// stateOf looks at what was executed of a run test, which is one of all of the key.
func (r *Run) stateOf(ctx context.Context, m Match, t calls.RunTest, all []calls.RunTest) (same Same, _ standing, _ error) {
	same.RunTest = t
	list, err := r.executionsOf(ctx, t.ID)
	r.see(list)
	switch {
	case patience.IsMissing(err): // deleted meanwhile
		return same, useless, nil
	case err != nil:
		return same, useless, err
	case !m.SameParts(t):
		return same, useless, nil
	case len(list) == 0:
		made := time.Now()
		if t.CreatedAt != nil {
			made = *t.CreatedAt
		}
		if r.serverTime(time.Now()).Sub(made) < claimEnds {
			return same, unclaimed, nil
		}
		return same, useless, nil
	case m.Whole != nil:
		r.alone = true
		return r.heldState(ctx, m, same, list, all)
	}
	var good []calls.ExecutionSummary // newest first
	for _, e := range list {
		ok, err := r.counts(ctx, m, t, e)
		if err != nil {
			return same, useless, err
		}
		if ok && (e.Status.Terminal() || len(good) == 0) {
			good = append(good, e)
		}
	}
	r.alone = true // only starts of the key use it
	if len(good) == 0 {
		return same, useless, nil
	}
	good = good[max(0, len(good)-m.Most):] // later ones are somebody else's
	same.Execution, same.Earlier, same.Ended = good[0], slices.Clone(good[1:]), good[0].Status.Terminal()
	slices.Reverse(same.Earlier)
	return same, usable, nil
}

// counts reports whether an execution of the key can be the run.
func (r *Run) counts(ctx context.Context, m Match, t calls.RunTest, e calls.ExecutionSummary) (bool, error) {
	switch {
	case !r.isCurrent(m, t, e), e.Status == calls.ExecutionCancelled, e.Status == calls.ExecutionCancelling:
		return false, nil
	case !e.Status.Terminal():
		return true, nil
	case !r.isYoung(m, e):
		return false, nil
	case e.Status != calls.ExecutionFailed:
		return true, nil
	}
	// It has failed: only its calls tell whether there was anything, and whether somebody cancelled it.
	read, err := persist(ctx, r, func() (calls.Execution, error) { return r.given.API.Collect(ctx, e.ID) })
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("read execution %s of the same run-key: %w", e.ID, err)
	}
	cancelled := false
	for _, c := range verdict.CallsOf(read.Calls, nil).All() {
		cancelled = cancelled || c.Outcome() == verdict.Cancelled
	}
	return read.Calls.Len() > 0 && !cancelled, nil
}

// isCurrent reports whether an execution was of the agent version that would be executed now.
func (r *Run) isCurrent(m Match, t calls.RunTest, e calls.ExecutionSummary) bool {
	want := m.Version(t)
	if want.IsEmpty() || e.AgentVersion.IsEmpty() || want == e.AgentVersion {
		return true
	}
	what := text.Sprintf("Execution %s of the same run-key is of agent version %s, and now it is %s", e.ID, e.AgentVersion, want)
	if !e.Status.Terminal() {
		r.keepWhy(t.ID, text.Sprintf("%s. It is still %s, and nobody judges it: cancel it in the dashboard if it is not needed.", what, e.Status))
	}
	r.noteOnce(text.Sprintf("%s.", what))
	return false
}

// noteOnce notes what each look at the run tests of the key finds again.
func (r *Run) noteOnce(note text.Untrusted) {
	if !slices.Contains(r.noted, note) {
		r.noted = append(r.noted, note)
		r.given.Log.Note(note)
	}
}

// isYoung reports whether an execution is not too old to be judged again.
func (r *Run) isYoung(m Match, e calls.ExecutionSummary) bool {
	if e.StartedAt != nil && r.serverTime(time.Now()).Sub(*e.StartedAt) <= m.MaxAge {
		return true
	}
	r.noteOnce(text.Sprintf("Execution %s of the same run-key is older than reuse-max-age %s.", e.ID, m.MaxAge))
	return false
}

// TakeSame uses the execution of a key that another start began, as if this run had started it.
func (r *Run) TakeSame(s Same) {
	r.adopted++
	began := s.Execution.StartedAt
	if len(s.Held) > 0 {
		began = s.Held[0].Execution.StartedAt
	}
	if s.Ended {
		tell := r.given.Log.Warn
		if began != nil { // every report says it
			r.reused = &verdict.Reused{StartedAt: *began, Origin: s.RunTest.Description}
			tell = r.given.Log.Note
		}
		tell(text.Sprintf("Judging execution %s again, which an earlier start of the same run-key paid for. No new execution is started.", s.Execution.ID))
	} else {
		r.given.Log.Warn(text.Sprintf("Taking up execution %s (%s), which another start of the same run-key began. No new execution is started.", s.Execution.ID, s.Execution.Status))
	}
	if n := len(s.Held); n > 0 {
		r.runTest.ID, r.runTest.Name = s.Held[n-1].RunTest.ID, s.Held[n-1].RunTest.Name
		r.concluded = true // as it was judged by its calls then
	}
	r.own(s.Execution.ID)
	r.status = s.Execution.Status
}
