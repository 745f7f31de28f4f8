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
	// Most is how many executions are one run: its trials.
	Most int
	// Held means that executions cannot be taken up while they run, because a process holds their
	// conversations.
	Held bool
}

// FindSame finds the run of a key, or creates a run test for it: create is given how many of the key there
// are, from 0. Whoever comes first executes; the others wait and take up what was started.
func (r *Run) FindSame(ctx context.Context, m Match, create func(ctx context.Context, generation int) (calls.RunTest, bool, error)) (Same, error) {
	var mine calls.RunTest
	var fresh bool
	var since time.Time // when mine was created, by this machine's clock
	for {
		all, err := r.ofKey(ctx, m.Key)
		if err != nil {
			return Same{}, err
		}
		var waitFor *calls.RunTest
		oldest := false
	candidates:
		for i, t := range all {
			same, state, err := r.stateOf(ctx, m, t)
			switch {
			case err != nil:
				return Same{}, err
			case state == usable:
				return same, nil
			case t.ID == mine.ID:
				oldest = true
				break candidates
			case state == unclaimed:
				waitFor = &all[i]
				break candidates
			}
		}
		switch {
		case oldest && time.Since(since) > claimLasts:
			return Same{}, fmt.Errorf("run test %s was created for this run, but it took too long to be sure that no other start of the same run-key executes: nothing was started", mine.ID)
		case oldest && time.Since(since) > claimSettles:
			return Same{RunTest: mine, Fresh: fresh}, nil
		case oldest:
		case waitFor != nil:
			r.given.Log.Note(text.Sprintf("Another start of the same run-key created run test %s; waiting for its execution.", waitFor.ID))
		case mine.ID == uuid.Nil:
			if mine, fresh, err = create(ctx, len(all)); err != nil {
				return Same{}, err
			}
			since = time.Now()
		case time.Since(since) > claimLasts:
			return Same{}, fmt.Errorf("run test %s does not show up in the list of run tests, so it is not certain which start of the same run-key executes: nothing was started", mine.ID)
		}
		if err := patience.Pause(ctx, claimPause); err != nil {
			return Same{}, err
		}
	}
}

// ofKey lists the run tests of a key, oldest first.
func (r *Run) ofKey(ctx context.Context, key string) ([]calls.RunTest, error) {
	for {
		var all []calls.RunTest
		var failed error
		for t, err := range r.given.API.RunTests(ctx, key) {
			if failed = err; err != nil {
				break
			}
			if strings.HasSuffix(t.Name.Raw(), key) {
				all = append(all, t)
			}
		}
		switch {
		case failed == nil:
			slices.Reverse(all) // the list is newest first
			slices.SortStableFunc(all, func(a, b calls.RunTest) int {
				if a.CreatedAt == nil || b.CreatedAt == nil {
					return 0
				}
				return cmp.Or(a.CreatedAt.Compare(*b.CreatedAt), cmp.Compare(a.ID.String(), b.ID.String()))
			})
			return all, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !r.given.Patience.Outlasts(failed):
			return nil, failed
		}
		r.given.Patience.Failed(failed)
		if err := patience.Pause(ctx, max(r.given.PollMaxInterval, patience.RetryAfter(failed))); err != nil {
			return nil, err
		}
	}
}

// standing of a run test of the key.
type standing int

const (
	useless   standing = iota // nobody will execute it, or what was executed does not count
	unclaimed                 // whoever created it may still execute it
	usable                    // an execution of it is the run
)

// stateOf looks at what was executed of a run test.
func (r *Run) stateOf(ctx context.Context, m Match, t calls.RunTest) (Same, standing, error) {
	list, err := r.given.API.Executions(ctx, t.ID)
	if patience.IsMissing(err) {
		return Same{}, useless, nil // deleted meanwhile
	}
	if err != nil {
		return Same{}, useless, err
	}
	if len(list) == 0 {
		made := time.Now()
		if t.CreatedAt != nil {
			made = *t.CreatedAt
		}
		if r.serverTime(time.Now()).Sub(made) < claimEnds && m.SameParts(t) {
			return Same{}, unclaimed, nil
		}
		return Same{}, useless, nil
	}
	if !m.SameParts(t) {
		return Same{}, useless, nil
	}
	var good []calls.ExecutionSummary // newest first
	for _, e := range list {
		ok, err := r.counts(ctx, m, t, e)
		if err != nil {
			return Same{}, useless, err
		}
		if ok && (e.Status.Terminal() || len(good) == 0) {
			good = append(good, e)
		}
	}
	r.alone = true // only starts of the key use it
	if len(good) == 0 || m.Held && len(list) > 1 {
		return Same{}, useless, nil
	}
	if m.Held && !good[0].Status.Terminal() {
		return Same{}, useless, fmt.Errorf("execution %s of the same run-key is %s, and its conversations are held by another process", good[0].ID, good[0].Status)
	}
	good = good[:min(len(good), m.Most)]
	same := Same{RunTest: t, Execution: good[0], Earlier: slices.Clone(good[1:]), Ended: good[0].Status.Terminal()}
	slices.Reverse(same.Earlier)
	return same, usable, nil
}

// counts reports whether an execution of the key can be the run.
func (r *Run) counts(ctx context.Context, m Match, t calls.RunTest, e calls.ExecutionSummary) (bool, error) {
	if want := m.Version(t); !want.IsEmpty() && !e.AgentVersion.IsEmpty() && want != e.AgentVersion {
		r.given.Log.Note(text.Sprintf("Execution %s of the same run-key was of agent version %s, and now it is %s.", e.ID, e.AgentVersion, want))
		return false, nil
	}
	switch {
	case e.Status == calls.ExecutionCancelled, e.Status == calls.ExecutionCancelling:
		return false, nil
	case !e.Status.Terminal():
		return true, nil
	case e.StartedAt == nil || r.serverTime(time.Now()).Sub(*e.StartedAt) > m.MaxAge:
		r.given.Log.Note(text.Sprintf("Execution %s of the same run-key is older than reuse-max-age %s.", e.ID, m.MaxAge))
		return false, nil
	case e.Status != calls.ExecutionFailed:
		return true, nil
	}
	// It has failed: only its calls tell whether there was anything, and whether somebody cancelled it.
	read, err := r.given.API.Collect(ctx, e.ID)
	if err != nil {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		return false, fmt.Errorf("read execution %s of the same run-key: %w", e.ID, err)
	}
	cancelled := false
	for _, c := range verdict.CallsOf(read.Calls, nil).All() {
		cancelled = cancelled || c.Outcome() == verdict.Cancelled
	}
	return read.Calls.Len() > 0 && !cancelled, nil
}

// TakeSame uses the execution of a key that another start began, as if this run had started it.
func (r *Run) TakeSame(s Same) {
	r.adopted++
	if s.Ended {
		r.given.Log.Warn(text.Sprintf("Judging execution %s again, which an earlier start of the same run-key paid for. No new execution is started.", s.Execution.ID))
	} else {
		r.given.Log.Warn(text.Sprintf("Taking up execution %s (%s), which another start of the same run-key began. No new execution is started.", s.Execution.ID, s.Execution.Status))
	}
	r.own(s.Execution.ID)
	r.status = s.Execution.Status
	if s.Ended && s.Execution.StartedAt != nil {
		r.reused = &verdict.Reused{StartedAt: *s.Execution.StartedAt, Origin: s.RunTest.Description}
	}
}
