// Package spending holds one run to its budget of money and call minutes. What calls took comes with the
// calls, which are a large request, so it decides when to read them while they are running; and it says
// whether further calls would pass the limits. It neither starts nor cancels anything.
package spending

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
)

// API is the part of the Future AGI API that the keeper needs.
type API interface {
	// Collect reads an execution with all pages of its calls, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
}

// Share is a budget that several runs have in common.
type Share interface {
	// Passed records what this run has spent, and says that all of them together are over the budget; empty
	// if they are not.
	Passed(s budget.Spent) text.Untrusted
	// Leaves is what this run can spend until all together are over the budget; 0 is no limit.
	Leaves() budget.Limits
	// Gone is closed once all together are over the budget, whoever spent it.
	Gone() <-chan struct{}
	// Refuses says why this run must not place so many calls more that it had planned: all together would be
	// over the budget. Empty if it may.
	Refuses(more int, each budget.Spent) text.Untrusted
}

// Keeper holds a run to its limits.
type Keeper struct {
	api      API
	log      *event.Log
	gathered *evidence.Gathered
	limits   budget.Limits
	share    Share            // nil if the run is alone
	estimate *budget.Estimate // nil if there is none

	placing bool // calls that cost something are running
	said    bool // Settle has warned
	// dearest is the most that one try has taken.
	dearest struct{ cents, seconds float64 }
	look
}

// look is what is known of the calls that are running.
type look struct {
	placed  int       // calls; 0 for all of the execution
	ended   int       // in the last poll
	settled int       // ended when the calls were last read
	open    int       // the most that were open at a time, as far as was read
	read    time.Time // when the calls were last read
	lacking bool      // calls had ended of which something was not told yet
	wait    time.Duration
	spent   budget.Spent
}

// New makes the keeper of a run that has spent nothing; share is nil if it is alone.
func New(api API, log *event.Log, gathered *evidence.Gathered, limits budget.Limits, share Share) *Keeper {
	return &Keeper{api: api, log: log, gathered: gathered, limits: limits, share: share}
}

// Limited reports whether money or minutes are limited.
func (k *Keeper) Limited() bool {
	l := k.bounds()
	return l.Cents > 0 || l.Minutes > 0
}

// bounds are the limits, or what others leave of a common budget if that is less.
func (k *Keeper) bounds() budget.Limits {
	l := k.limits
	if k.share == nil {
		return l
	}
	left := k.share.Leaves()
	if left.Cents > 0 && (l.Cents == 0 || left.Cents < l.Cents) {
		l.Cents = left.Cents
	}
	if left.Minutes > 0 && (l.Minutes == 0 || left.Minutes < l.Minutes) {
		l.Minutes = left.Minutes
	}
	return l
}

// passed says that more than the limits is spent; empty if it is not.
func (k *Keeper) passed(s budget.Spent) text.Untrusted {
	why := k.limits.Passed(s)
	if k.share != nil {
		if all := k.share.Passed(s); why.IsEmpty() {
			return all
		}
	}
	return why
}

// Told says that calls were read: the runs that share the budget are held to what they took at once.
func (k *Keeper) Told() {
	if k.share != nil && k.Limited() {
		k.share.Passed(k.gathered.Spent())
	}
}

// Gone is closed once all that share a budget have passed it; nil, which never is, if the run is alone.
func (k *Keeper) Gone() <-chan struct{} {
	if k.share == nil {
		return nil
	}
	return k.share.Gone()
}

// gone reports whether all that share a budget have passed it.
func (k *Keeper) gone() bool {
	select {
	case <-k.Gone():
		return true
	default:
		return false
	}
}

// Forbids says why a run that has not begun must not begin any more: others have used the budget up. It is
// empty if it may.
func (k *Keeper) Forbids() text.Untrusted {
	if !k.gone() {
		return text.Untrusted{}
	}
	return k.share.Passed(budget.Spent{})
}

// Expect records what the run was expected to spend; nil if that is not known.
func (k *Keeper) Expect(e *budget.Estimate) { k.estimate = e }

// Account is what the run may spend, has spent and was expected to spend.
func (k *Keeper) Account() budget.Account {
	return budget.Account{Limits: k.limits, Spent: k.gathered.Spent(), Estimate: k.estimate}
}

// Begin says that so many calls are being placed from now on, 0 for all of the execution, and Rest that
// none are: what runs then, such as evals, is not what the limits are about.
func (k *Keeper) Begin(calls int) {
	k.placing, k.look = true, look{placed: calls, wait: lackingWait, read: time.Now(), spent: k.gathered.Spent()}
}

// Rest is the opposite of Begin.
func (k *Keeper) Rest() { k.placing = false }

// How long to wait before reading calls again that have ended and do not say yet what they took, at first;
// the wait doubles, since some servers never say. Without counts in polls the calls are read that often.
const (
	lackingWait = 30 * time.Second
	blindWait   = time.Minute
	retryWait   = 30 * time.Second
)

// Check returns a [budget.ExceededError] once more than the limits is spent and there are calls that can
// still be stopped. p is of a poll that has just been answered. A failed read is no error: it is made again.
func (k *Keeper) Check(ctx context.Context, id uuid.UUID, p calls.Progress) error {
	if !k.placing || !k.Limited() || p.Status.Terminal() {
		return nil
	}
	gone := k.gone()
	switch {
	case gone && p.Total != nil && *p.Total > 0 && k.endedIn(p) >= *p.Total:
		return nil // its own verdict stands
	case !gone && (p.Status == calls.ExecutionPending || !k.due(p)):
		return nil
	}
	e, err := k.api.Collect(ctx, id)
	k.read = time.Now()
	switch {
	case e.Calls.Len() > 0:
	case gone && ctx.Err() == nil:
		return budget.ExceededError{Reason: k.passed(k.gathered.Spent())}
	default:
		return nil
	}
	s := k.gathered.SpentIn(e)
	open, ended := k.learn(e, s)
	if err == nil {
		k.settled = k.ended
	}
	why := k.passed(s)
	if why.IsEmpty() || open == 0 {
		return nil
	}
	return budget.ExceededError{Reason: why, Ended: ended}
}

// CheckHeld is Check for conversations that this run holds itself, whose minutes it measures.
func (k *Keeper) CheckHeld(ctx context.Context, id uuid.UUID, p calls.Progress) error {
	if !k.placing || !k.Limited() {
		return nil
	}
	k.Told()
	if k.bounds().Cents > 0 { // only the server knows costs
		if err := k.Check(ctx, id, p); err != nil {
			return err
		}
	}
	if p.Total != nil && k.endedIn(p) >= *p.Total {
		return nil
	}
	if why := k.passed(k.gathered.Spent()); !why.IsEmpty() {
		return budget.ExceededError{Reason: why}
	}
	return nil
}

// endedIn counts the calls that have ended.
func (k *Keeper) endedIn(p calls.Progress) int {
	n := 0
	for _, some := range []*int{p.Completed, p.Failed} {
		if some != nil {
			n += *some
		}
	}
	return n
}

// due reports whether the calls are to be read: when the first has ended, when as many again have ended as
// at the last look, or a tenth of all, and whenever those that have ended since or are open could pass a
// limit, if each took as much as the dearest so far.
func (k *Keeper) due(p calls.Progress) bool {
	since := time.Since(k.read)
	if p.Total == nil || p.Completed == nil || p.Failed == nil {
		return since >= blindWait
	}
	if k.lacking && since >= k.wait {
		k.wait *= 2
		return true
	}
	ended := k.endedIn(p)
	if ended <= k.settled || ended == k.ended && since < retryWait {
		k.ended = ended
		return false
	}
	k.ended = ended
	placed := k.placed
	if placed == 0 {
		placed = *p.Total
	}
	return ended >= k.settled+max(1, min(k.settled, placed/10)) || k.near(ended-k.settled+min(*p.Total-ended, max(k.open, 1)))
}

// near reports whether so many calls could pass a limit.
func (k *Keeper) near(n int) bool {
	cents, seconds := k.dearest.cents, k.dearest.seconds
	if e := k.estimate; e != nil && e.Cents != nil {
		cents = max(cents, *e.Cents/float64(e.Calls))
	}
	if e := k.estimate; e != nil && e.Minutes != nil {
		seconds = max(seconds, 60**e.Minutes/float64(e.Calls))
	}
	l := k.bounds()
	return l.Cents > 0 && k.spent.Cents+float64(n)*cents > l.Cents ||
		l.Minutes > 0 && k.spent.Seconds+float64(n)*seconds > 60*l.Minutes
}

// learn notes what a read says. open counts the calls that have not ended.
func (k *Keeper) learn(e calls.Execution, s budget.Spent) (open int, ended map[uuid.UUID]bool) {
	ended = map[uuid.UUID]bool{}
	talking, lacking, limits := 0, false, k.bounds()
	for i := range e.Calls.Len() {
		c := e.Calls.Brief(i)
		if c.Status.Terminal() {
			c = e.Calls.At(i) // with its times
		}
		last := budget.Last(c)
		k.dearest.cents, k.dearest.seconds = max(k.dearest.cents, last.Cents), max(k.dearest.seconds, last.Seconds)
		if c.Status.Terminal() {
			ended[c.ID] = true
			lacking = lacking || limits.Cents > 0 && last.Unpriced() > 0 || limits.Minutes > 0 && last.Untimed() > 0
			continue
		}
		open++
		if c.Status == calls.Ongoing || c.Status == calls.Analyzing {
			talking++
		}
	}
	if s.Priced+s.Timed > k.spent.Priced+k.spent.Timed {
		k.wait = lackingWait
	}
	k.lacking, k.open, k.spent = lacking, max(k.open, talking), s
	return open, ended
}

// Refuses says why so many more calls must not be placed: they would pass a limit. It is empty if they may be.
func (k *Keeper) Refuses(more int) text.Untrusted {
	if !k.Limited() {
		return text.Untrusted{}
	}
	each := k.Each()
	why := k.limits.Refuses(more, each, k.gathered.Spent())
	if why.IsEmpty() && k.share != nil {
		k.Told()
		return k.share.Refuses(more, each)
	}
	return why
}

// Each is what further calls are expected to take each: what calls took so far, also those that an earlier
// start has paid for, or else what was expected.
func (k *Keeper) Each() budget.Spent {
	each := k.gathered.SpentBefore()
	each.Add(k.gathered.Spent())
	if e := k.estimate; e != nil && e.Cents != nil && each.Priced == 0 {
		each.Priced, each.Cents = e.Calls, *e.Cents
	}
	if e := k.estimate; e != nil && e.Minutes != nil && each.Timed == 0 {
		each.Timed, each.Seconds = e.Calls, 60**e.Minutes
	}
	return each
}

// Estimate is what the run was expected to spend; nil if that is not known.
func (k *Keeper) Estimate() *budget.Estimate { return k.estimate }

// Settle warns once if more than the limits was spent although nothing was left to stop, or if that cannot be known.
func (k *Keeper) Settle() {
	if k.said || !k.Limited() {
		return
	}
	if why := k.Account().Unheld(); !why.IsEmpty() {
		k.said = true
		k.log.Warn(why)
	}
	if why := k.passed(k.gathered.Spent()); !why.IsEmpty() {
		k.said = true
		k.log.Warn(text.Sprintf("Over the budget: %s. That was known only when no call was left to stop.", why))
	}
}
