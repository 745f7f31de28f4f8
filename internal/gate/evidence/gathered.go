// Package evidence gathers what a verdict is to be made of: what was read of the calls, what
// was asked for, what reruns and new evals have changed. It is arithmetic on what was read: it
// sends nothing, has no clock, and neither starts nor judges.
//
// gathered.go comes first: it holds all of it, and only its methods write it. planned.go and
// evals.go are what was asked for, reruns.go is what reruns make of calls, stale.go what
// counts of results after new evals.
package evidence

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Gathered is the evidence of one run so far.
type Gathered struct {
	calls verdict.Calls
	evals []calls.EvalConfig
	plan  []verdict.Planned
	// unread is true while not all calls have been read.
	unread bool
	reruns []verdict.Rerun
	// tries are those of the calls that this run has rerun.
	tries map[uuid.UUID]verdict.Tries
	// stale are the evals that were to run anew and did not, and unevaluated says why.
	stale       []uuid.UUID
	unevaluated text.Untrusted
	failFast    *verdict.FailFast
}

// New is the evidence of a run of which nothing was read.
func New() *Gathered { return &Gathered{unread: true, tries: map[uuid.UUID]verdict.Tries{}} }

// Evidence is what was gathered, for a verdict. Who was tested, and how the run went, is not
// part of it.
func (g *Gathered) Evidence() verdict.Evidence {
	return verdict.Evidence{
		Calls: g.calls, Plan: g.plan, Evals: g.evals, Reruns: g.reruns,
		FailFast: g.failFast, Unevaluated: g.unevaluated, Unread: g.unread,
	}
}

// Calls are the calls as they were read last.
func (g *Gathered) Calls() verdict.Calls { return g.calls }

// Evals are the evals that were to run.
func (g *Gathered) Evals() []calls.EvalConfig { return g.evals }

// Expect says which evals are to run.
func (g *Gathered) Expect(evals []calls.EvalConfig) { g.evals = evals }

// AddEvals adds evals that were to run too, or more that is known of them.
func (g *Gathered) AddEvals(evals []calls.EvalConfig) { g.evals = MergeEvals(g.evals, evals) }

// Plan says which calls are to come.
func (g *Gathered) Plan(plan []verdict.Planned) { g.plan = plan }

// Take makes an execution that was read the evidence.
func (g *Gathered) Take(e calls.Execution) {
	g.unread = false
	g.AddEvals(e.Evals)
	// The server may keep the tries before this run's own reruns too: they count once.
	g.calls = verdict.CallsOf(e.Calls, g.tries)
	g.withoutStale()
}

// TakePart makes an execution the evidence of which not all calls could be read. Those are
// planned ones of which nothing is known.
func (g *Gathered) TakePart(e calls.Execution) (unread, total int) {
	g.Take(e)
	g.unread = true
	if e.Total != nil {
		total = *e.Total
	}
	unread = max(0, total-e.Calls.Len())
	g.plan = planWith(g.plan, g.calls, unread)
	return unread, total
}

// Gone counts the calls that an earlier read had and this one does not, of an execution
// that was read to its end.
func (g *Gathered) Gone(e calls.Execution) int {
	if !e.Status.Terminal() {
		return 0
	}
	before := g.calls.IDs()
	return len(before) - len(verdict.CallsOf(e.Calls, nil).Places(before))
}

// Transcribe adds what was said in calls.
func (g *Gathered) Transcribe(said map[uuid.UUID]*verdict.Transcript) {
	g.calls = g.calls.WithTranscripts(said)
}

// CutShort says that the run was cancelled since it was lost. The calls that this run's own
// cancel has ended count as cancelled, and those that are still open: they are no failures of
// the agent. Most of them come back as failed, with whatever reason the provider gives
// (real-server.md, row 2), so it counts that they had not ended before. open counts those that
// had not ended yet when they were read.
func (g *Gathered) CutShort(lost verdict.FailFast, ended map[uuid.UUID]bool) (open int) {
	g.calls = g.calls.With(func(_ int, c *verdict.Call) {
		switch {
		case !c.Status.Terminal():
			open++
		case c.Status != calls.Failed, ended[c.ID]:
			return
		}
		c.Status, c.FirstOutcome = calls.Cancelled, verdict.Cancelled
	})
	g.failFast = &lost
	return open
}
