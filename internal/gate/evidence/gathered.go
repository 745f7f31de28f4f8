// Package evidence gathers what a verdict is based on: the calls as read, what was requested, and
// what reruns and new evals changed. It only computes: it sends nothing, has no clock, and neither
// starts nor judges.
//
// Read gathered.go first: it holds everything. executions.go joins the executions of a run, planned.go
// and evals.go are what was requested, reruns.go is the effect of reruns on calls, ours.go how this
// run ended calls itself, spent.go what the calls took, and stale.go which results count after new evals.
package evidence

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Gathered is the evidence of one run so far.
type Gathered struct {
	// now are all calls of the current execution as last read, and calls those that count, of all executions:
	// as they were when they were last asked for, if changed.
	now, calls verdict.Calls
	changed    bool
	joined     executions
	repeated   int // calls of the current execution that count in an earlier one
	evals      []calls.EvalConfig
	plan       []verdict.Planned // of one trial
	quarantine []verdict.Quarantined
	trials     int            // that are planned or begun
	looks      *verdict.Looks // nil if the run does not go on while it is undecided
	// unread is true while not all calls have been read.
	unread bool
	reruns []verdict.Rerun
	// tries has the calls that this run has rerun.
	tries map[uuid.UUID]verdict.Tries
	// copies are the evals of a copy of the run test, with the original that each is a copy of.
	copies map[uuid.UUID]uuid.UUID
	// stale are the evals that should have run again and did not; unevaluated says why.
	stale       []uuid.UUID
	unevaluated text.Untrusted
	failFast    *verdict.FailFast
	// ours are the calls that this run ended itself, and said is what it heard in them.
	ours map[uuid.UUID]Ending
	said map[uuid.UUID]calls.Transcript
	// spending is what the calls took, beside what they say themselves.
	spending spending
}

// New makes the evidence of a run before anything is read.
func New() *Gathered {
	return &Gathered{unread: true, trials: 1, tries: map[uuid.UUID]verdict.Tries{}}
}

// Evidence returns what was gathered, for a verdict, without the run test, the execution and the
// timing.
func (g *Gathered) Evidence() verdict.Evidence {
	return verdict.Evidence{
		Calls: g.Calls(), Plan: timesTrials(g.plan, g.trials), PlannedTrials: g.trials, Evals: g.evals, Reruns: g.reruns, Looks: g.looks,
		FailFast: g.failFast, Unevaluated: g.unevaluated, Unread: g.unread,
	}.SetAside(g.quarantine)
}

// Quarantine sets the scenarios that are not judged. Their calls are read like all others, and apart in [Evidence].
func (g *Gathered) Quarantine(entries []verdict.Quarantined) { g.quarantine = entries }

// HasQuarantine reports whether some scenarios may not be judged.
func (g *Gathered) HasQuarantine() bool { return len(g.quarantine) > 0 }

// Judged returns the calls of a list that are judged.
func (g *Gathered) Judged(list verdict.Calls) verdict.Calls {
	if len(g.quarantine) == 0 {
		return list
	}
	return verdict.Evidence{Calls: list, Plan: g.plan}.SetAside(g.quarantine).Calls
}

// Aside is how many calls of a trial are planned and not judged; 0 if unknown.
func (g *Gathered) Aside() (n int) {
	for _, p := range (verdict.Evidence{Plan: g.plan}).SetAside(g.quarantine).Quarantine.Plan {
		if p.Calls == nil {
			return 0
		}
		n += *p.Calls
	}
	return n
}

// Calls returns the calls of all executions that count, as last read.
func (g *Gathered) Calls() verdict.Calls {
	if g.changed {
		g.calls, g.changed = g.joined.with(g.now), false
	}
	return g.calls
}

// Evals returns the evals that should run.
func (g *Gathered) Evals() []calls.EvalConfig { return g.evals }

// Expect sets the evals that should run.
func (g *Gathered) Expect(evals []calls.EvalConfig) { g.evals = evals }

// AddEvals adds evals that should run, or details about known ones.
func (g *Gathered) AddEvals(evals []calls.EvalConfig) { g.evals = MergeEvals(g.evals, evals) }

// Plan sets the planned calls of one trial.
func (g *Gathered) Plan(plan []verdict.Planned) { g.plan = plan }

// Planned returns the planned calls of one trial.
func (g *Gathered) Planned() []verdict.Planned { return g.plan }

// PlanTrials sets how many trials are planned or begun.
func (g *Gathered) PlanTrials(n int) { g.trials = n }

// LookAt sets the looks at which the run is judged while it goes on.
func (g *Gathered) LookAt(l *verdict.Looks) { g.looks = l }

// Looks returns the looks at which the run is judged; nil if it does not go on.
func (g *Gathered) Looks() *verdict.Looks { return g.looks }

// Take makes the current execution, as just read, part of the evidence.
func (g *Gathered) Take(e calls.Execution) {
	g.unread, g.spending.running = false, !e.Status.Terminal()
	g.AddEvals(g.originals(e.Evals))
	g.use(g.withoutStale(g.asRead(e)))
	g.repeated = e.Calls.Len() - g.now.Len()
}

// Repeated counts the calls of the current execution, as last read, that an earlier one had listed: they
// count there alone.
func (g *Gathered) Repeated() int { return g.repeated }

// asRead returns the calls of the current execution as they count: as this run ended them, with the
// tries that it knows of. The server may keep the earlier tries as well: they count once.
func (g *Gathered) asRead(e calls.Execution) verdict.Calls {
	return g.joined.numbered(g.AsEnded(g.asOriginal(g.joined.unlisted(verdict.CallsOf(e.Calls, g.tries)))))
}

// use replaces the calls of the current execution. They are joined with the others when somebody asks: that
// copies them all.
func (g *Gathered) use(now verdict.Calls) { g.now, g.changed = now, true }

// TakePart makes an execution the evidence of which some calls could not be read. Those count as
// planned and unknown.
func (g *Gathered) TakePart(e calls.Execution) (unread, total int) {
	g.Take(e)
	g.unread = true
	if e.Total != nil {
		total = *e.Total
	}
	unread = max(0, total-e.Calls.Len())
	g.plan, g.trials = planWith(timesTrials(g.plan, g.trials), g.Calls(), unread), 1
	return unread, total
}

// MayLack records that some calls of the current execution may not have been read.
func (g *Gathered) MayLack() { g.unread = true }

// Gone counts the calls that the last read had and e, if it has ended, does not.
func (g *Gathered) Gone(e calls.Execution) int {
	if !e.Status.Terminal() {
		return 0
	}
	before := g.now.IDs()
	return len(before) - len(verdict.CallsOf(e.Calls, nil).Places(before))
}

// Transcribe adds transcripts to calls.
func (g *Gathered) Transcribe(said map[uuid.UUID]*verdict.Transcript) {
	g.calls = g.Calls().WithTranscripts(said)
}

// CutShort records that fail-fast cancelled the run. Calls that had not ended before the cancel count
// as cancelled, not as failures of the agent: most of them come back as failed, with whatever reason
// the provider gives (real-server.md, row 2). open counts those that had not ended when read.
func (g *Gathered) CutShort(lost verdict.FailFast, ended map[uuid.UUID]bool) (open int) {
	g.failFast = &lost
	return g.CutOff(ended)
}

// CutOff is [Gathered.CutShort] for a run that was cancelled for another reason.
func (g *Gathered) CutOff(ended map[uuid.UUID]bool) (open int) {
	g.use(g.now.With(func(_ int, c *verdict.Call) {
		switch {
		case !c.Status.Terminal():
			open++
		case c.Status != calls.Failed, ended[c.ID]:
			return
		}
		c.Status, c.FirstOutcome = calls.Cancelled, verdict.Cancelled
	}))
	return open
}
