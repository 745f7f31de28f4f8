package evidence

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What was spent is counted over everything that was read: also calls that others stand for, and tries
// that a rerun replaced, whether or not the server keeps them.

// spending is what is known beside the calls as read.
type spending struct {
	// rerun has the calls that this run placed again, as they were before the last time.
	rerun map[uuid.UUID]before
	// held is how long the conversations took that this run held, in seconds.
	held map[uuid.UUID]float64
	// running is true if the current execution had not ended when it was read, or is running again.
	running bool
	most    budget.Spent // of all readings so far
	// before are the executions, by their index, that an earlier start has paid for: of those only what this
	// run places again is spent by it.
	before map[int]bool
}

// before is a call that was placed again: what it had taken, and how it looked.
type before struct {
	spent  budget.Spent
	looked calls.Call
}

// PlaceAgain records that calls are placed again, and what they took so far.
func (g *Gathered) PlaceAgain(list []uuid.UUID) {
	for id, at := range g.now.Places(list) {
		c := g.now.At(at)
		g.placedAgain(id, before{spent: g.spentBy(c.Call, false), looked: c.Call})
		g.spending.running = true
	}
}

// PaidBefore records that an earlier start of the run has paid for the current execution.
func (g *Gathered) PaidBefore() {
	if g.spending.before == nil {
		g.spending.before = map[int]bool{}
	}
	g.spending.before[len(g.joined.earlier)] = true
	clear(g.spending.rerun) // also for what was placed again
}

// IsPaidBefore reports whether an earlier start has paid for the current execution.
func (g *Gathered) IsPaidBefore() bool { return g.spending.before[len(g.joined.earlier)] }

// CallsBefore counts the calls of earlier executions, and of the current one, that an earlier start has paid
// for.
func (g *Gathered) CallsBefore() (earlier, now int) {
	for i, list := range g.joined.earlier {
		if g.spending.before[i] {
			earlier += g.joined.counting(list).Len()
		}
	}
	if g.IsPaidBefore() {
		now = g.Current().Len()
	}
	return earlier, now
}

// SpentBefore returns what the calls took that an earlier start has paid for.
func (g *Gathered) SpentBefore() (s budget.Spent) {
	for i := range g.spending.before {
		list := g.now
		if i < len(g.joined.earlier) {
			list = g.joined.earlier[i]
		}
		for _, c := range list.All() {
			if was, again := g.spending.rerun[c.ID]; again {
				s.Add(was.spent)
				continue
			}
			s.Add(budget.Of(c.Call))
		}
	}
	return s
}

// placedAgain records a call that was placed again.
func (g *Gathered) placedAgain(call uuid.UUID, was before) {
	if g.spending.rerun == nil {
		g.spending.rerun = map[uuid.UUID]before{}
	}
	g.spending.rerun[call] = was
}

// Held records how long a conversation took that this run held.
func (g *Gathered) Held(call uuid.UUID, seconds float64) {
	if g.spending.held == nil {
		g.spending.held = map[uuid.UUID]float64{}
	}
	g.spending.held[call] = seconds
}

// Read is how many calls of the current execution were read.
func (g *Gathered) Read() int { return g.now.Len() + g.repeated }

// Spent returns what the run has spent, as far as was read.
func (g *Gathered) Spent() budget.Spent { return g.spentWith(g.now, g.spending.running) }

// SpentIn is Spent if the current execution is as it was just read.
func (g *Gathered) SpentIn(e calls.Execution) budget.Spent {
	return g.spentWith(g.joined.unlisted(verdict.CallsOf(e.Calls, nil)), !e.Status.Terminal())
}

// spentWith adds up all executions, of which now is the current one.
func (g *Gathered) spentWith(now verdict.Calls, running bool) budget.Spent {
	var s budget.Spent
	listed := make(map[uuid.UUID]bool, len(g.spending.held))
	add := func(list verdict.Calls, running, before bool) {
		for i := range list.Len() {
			c := list.Brief(i).Call
			if _, again := g.spending.rerun[c.ID]; again || c.Status == calls.Cancelled || c.Status == calls.Failed {
				c = list.At(i).Call
			}
			if _, ours := g.spending.held[c.ID]; ours {
				listed[c.ID] = true
			}
			if before {
				s.Add(g.spentAnew(c, running))
				continue
			}
			s.Add(g.spentBy(c, running))
		}
	}
	for i, list := range g.joined.earlier {
		add(list, false, g.spending.before[i])
	}
	add(now, running, g.IsPaidBefore())
	for id, took := range g.spending.held {
		if !listed[id] { // not read yet
			s.Add(budget.Spent{Calls: 1, Timed: 1, Seconds: took})
		}
	}
	s.AtLeast(g.spending.most)
	g.spending.most = s
	return s
}

// spentAnew returns what the tries of a call took that this run has placed, where an earlier start has paid for
// those before.
func (g *Gathered) spentAnew(c calls.Call, running bool) budget.Spent {
	was, again := g.spending.rerun[c.ID]
	if !again {
		return budget.Spent{}
	}
	s := g.spentBy(c, running)
	s.Take(was.spent)
	return s
}

// spentBy returns what all tries of a call took. While an execution is running, a call that looks as it
// did before it was placed again has not begun again.
func (g *Gathered) spentBy(c calls.Call, running bool) budget.Spent {
	s := budget.Of(c)
	if took, ours := g.spending.held[c.ID]; ours {
		return budget.Spent{Calls: 1, Priced: s.Priced, Cents: s.Cents, Timed: 1, Seconds: took}
	}
	was, again := g.spending.rerun[c.ID]
	switch {
	case !again, s.Calls > was.spent.Calls: // the server keeps all tries
		return s
	case running && !differs(was.looked, c):
		return was.spent
	}
	s = was.spent
	s.Add(budget.Last(c))
	return s
}
