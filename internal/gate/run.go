package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/spending"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// tools are shared by all phases; none of them replaces one.
type tools struct {
	api      phaseAPI
	config   config.Config
	began    time.Time
	log      *event.Log
	patience *patience.Patience
	plan     *plan.Planner
	paid     *paid.Run
	gathered *evidence.Gathered
	spending *spending.Keeper
	company  Company // nil if the gate is alone
	isReady  bool    // the others do not wait for it
}

// standReady tells the other gates that this one is ready to place so many calls, which will take what e says, and
// waits for them.
func (t *tools) standReady(ctx context.Context, calls int, e *budget.Estimate) error {
	if t.company == nil || t.isReady {
		return nil
	}
	t.isReady = true
	return t.company.Ready(ctx, calls, e)
}

// known is the evidence so far.
func (t *tools) known() verdict.Evidence {
	e := t.gathered.Evidence()
	e.Timing.StartedAt = t.began.UTC()
	e.RunTest, e.Reused, e.Warnings = t.paid.FirstRunTest(), t.paid.Reused(), t.log.Warnings()
	if t.config.FindsByKey() {
		e.Key = text.New(t.config.RunKey)
	}
	e.Budget = t.account()
	all := t.paid.Executions()
	e.Execution, e.Further = all[0], all[1:]
	if t.paid.ID() == uuid.Nil && e.Execution.ID != uuid.Nil {
		e.Unread = false // a trial that was not started has no calls
	}
	return e
}

// account is what the run may spend and has spent. Calls that the server counts and nobody has read may
// have cost something too.
func (t *tools) account() budget.Account {
	a := t.spending.Account()
	if p := t.paid.Progress(); p.Total != nil && !t.gathered.IsPaidBefore() {
		a.Spent.Calls += max(0, *p.Total-t.gathered.Read())
	}
	return a
}

// placed is how many calls the run has placed, with reruns, without those that an earlier start has paid for.
func (t *tools) placed() int {
	earlier, now := t.gathered.CallsBefore()
	return t.gathered.Calls().Len() + t.gathered.PlacedAgain() - earlier - now
}

// evalsToCome reports whether new evals were requested and no killed process has run them.
func (t *tools) evalsToCome() bool {
	return len(t.config.NewEvalConfigIDs) > 0 && !t.paid.Evaluated()
}

// run is one Gate.Run: its phases, in order.
type run struct {
	*tools
	timeout time.Duration
	// end is the latest time by which the run must have stopped.
	end       time.Time
	random    func() float64 // spreads the waits; nil for math/rand
	starter   *starter
	under     *under
	talker    *talker
	settler   *settler
	watcher   *watcher
	collector *collector
	asker     *asker
	rerunner  *rerunner
	evaluator *evaluator
	// abandoned is true once a further execution failed and was stopped.
	abandoned bool
	startOnly bool // see [Gate.Start]
}

// errStarted ends a run that only had to start.
var errStarted = errors.New("started")

// begin makes a run that has done nothing yet.
func (g Gate) begin() *run {
	g.Config.Waiting.ResultsWait = cmp.Or(g.Config.Waiting.ResultsWait, defaultResultsWait)
	g.Config.Trials.Count, g.Config.Trials.Max = g.Config.Trials.Within(0, 0)
	log, trouble := event.NewLog(g.Observe), &patience.Patience{}
	if g.Config.DryRun {
		g.Journal = nil
	}
	t := &tools{
		api: g.API, config: g.Config, began: time.Now(), log: log, patience: trouble,
		plan: plan.New(g.API, log, g.Config, g.BaselineName), paid: paid.New(g.settings(log, trouble)), gathered: evidence.New(), company: g.Company,
	}
	t.spending = spending.New(g.API, log, t.gathered, g.Config.Limits(), share(g.Company))
	t.gathered.PlanTrials(g.Config.Trials.Count)
	t.gathered.Quarantine(g.Quarantine)
	r := &run{tools: t, timeout: g.Timeout, end: t.began.Add(g.Timeout + g.stopTime())}
	r.random, r.startOnly = g.Random, g.startOnly
	r.starter = &starter{tools: t, name: g.Name, description: g.Description, earlier: g.Earlier}
	r.under = &under{tools: t, start: g.Agent}
	r.starter.present = r.under.present
	r.talker = &talker{tools: t, under: r.under}
	r.renew()
	return r
}

// renew makes the phases after the start anew, for another execution.
func (r *run) renew() {
	r.watcher = &watcher{tools: r.tools, random: r.random}
	r.collector = &collector{tools: r.tools, watcher: r.watcher}
	r.settler = &settler{tools: r.tools, talker: r.talker, collector: r.collector}
	r.asker = &asker{tools: r.tools, watcher: r.watcher}
	r.rerunner = &rerunner{tools: r.tools, asker: r.asker, collector: r.collector, settler: r.settler}
	r.evaluator = &evaluator{tools: r.tools, asker: r.asker, collector: r.collector}
}

// judge runs the phases and turns whatever ends them into a verdict.
func (r *run) judge(parent context.Context) (v verdict.Verdict) {
	ctx, cancel := context.WithTimeoutCause(parent, r.timeout, errTimeout)
	defer cancel()
	defer r.under.close()
	defer func() {
		// A bug must neither leave a paid execution running nor pass for a verdict.
		if p := recover(); p != nil {
			r.log.Silence() // the observer may be what panicked
			v = r.stopped(parent, ctx, fmt.Errorf("internal error, please report it: %v", p))
		}
	}()

	if r.config.DryRun {
		return r.dryRun(parent, ctx)
	}
	r.starter.inherit()
	lost, err := r.phases(ctx)
	if errors.Is(err, errStarted) {
		return verdict.NotRun(r.leftToAnother())
	}
	if lost != nil {
		return r.withTranscripts(ctx, r.failedFast(ctx, *lost))
	}
	if err != nil && errors.Is(context.Cause(ctx), errTimeout) && r.endedMeanwhile(parent) {
		// The execution had ended in time and only the last read was missing: that is a
		// result, not a timeout.
		late, cancelLate := context.WithTimeoutCause(parent, min(lastRead, time.Until(r.end)), paid.ErrNoTime)
		defer cancelLate()
		if err = r.collector.lastly(late); err == nil {
			r.withoutMore()
		}
		if isUnread(err) && parent.Err() == nil {
			r.paid.Finish() // the execution has ended: nothing to cancel
			return verdict.Errored(verdict.CauseOperational, text.New(err.Error()), r.known(), r.plan.Rules())
		}
	}
	if died, ok := errors.AsType[diedError](err); ok && died.open {
		return r.withTranscripts(ctx, r.afterDeath(ctx))
	}
	if err != nil {
		return r.stopped(parent, ctx, err)
	}
	r.leave(ctx)
	return r.withTranscripts(ctx, r.conclude(r.known()))
}

// conclude judges a run once everything is read.
func (r *run) conclude(e verdict.Evidence) verdict.Verdict {
	r.spending.Settle()
	if c := verdict.Compare(e, r.plan.Rules()); c != nil {
		for _, w := range c.Warnings {
			r.log.Warn(w)
		}
	}
	return r.explainText(e, verdict.Judge(e, r.plan.Rules()))
}

// phases runs everything from the plan to the last read. It returns non-nil lost if fail-fast
// ends the run.
func (r *run) phases(ctx context.Context) (*lost, error) {
	r.log.Tell(event.Phase{Name: "Start"})
	r.warnCounts()
	ready, err := r.starter.prepare(ctx)
	if err != nil {
		if patience.IsMistake(err) { // such as a run test that is not there
			err = plan.ConfigError{Reason: text.New(err.Error())}
		}
		return nil, err
	}
	if r.config.Agent.Given() {
		if err := r.under.open(ctx); err != nil {
			return nil, err
		}
	}
	trials := max(0, r.config.Trials.Count-r.starter.trialsBefore())
	r.spending.Expect(r.spending.Estimate().Part(trials, r.config.Trials.Count))
	if err := r.standReady(ctx, ready.calls*trials, r.spending.Estimate()); err != nil {
		return nil, err
	}
	if why := r.spending.Forbids(); !why.IsEmpty() && r.starter.isNew() {
		return nil, budget.ExceededError{Reason: text.Sprintf("not started: %s", why)}
	}
	l, err := r.resume(ctx)
	if err != nil {
		return nil, err
	}
	r.planLooks(ready.calls)
	if r.config.Trials.Max > 1 {
		r.log.Tell(event.TrialBegan{Number: l.trial})
		defer r.log.Tell(event.TrialBegan{})
	}
	lost, err := r.execute(ctx, ready, l)
	if lost != nil || err != nil {
		return lost, err
	}
	return r.further(ctx, ready, l)
}

// execute runs one execution from its start to the last read.
func (r *run) execute(ctx context.Context, from ready, l leg) (*lost, error) {
	started, err := r.starter.start(ctx, from, l)
	if err != nil {
		return nil, err
	}
	r.spending.Begin(0)
	if r.startOnly {
		if ctx.Err() != nil { // the answer came when the run had to stop
			return nil, context.Cause(ctx)
		}
		return nil, errStarted
	}
	if r.config.Agent.Given() && !started.taken {
		return r.conversations(ctx, started, l)
	}
	r.log.Tell(event.Phase{Name: "Wait for the calls", Waits: true})
	watched, err := r.firstWatch(ctx, r.failFast(started.calls, l))
	if err != nil {
		return nil, err
	}
	if watched.lost != nil && !r.endedAnyway(ctx) {
		return watched.lost, nil
	}
	return nil, r.results(ctx, r.watcher.ended())
}

// leftToAnother ends a run that only had to start, and says who judges it.
func (r *run) leftToAnother() text.Untrusted {
	began := text.Sprintf("started execution %s of run test %s", r.paid.ID(), r.paid.RunTest().ID)
	if r.config.FindsByKey() {
		r.paid.Finish() // nobody is to clean it up
		return text.Sprintf("%s; run with the same run-key waits for it and judges it", began)
	}
	r.paid.Leave()
	return text.Sprintf("%s; run in the same attempt of a CI job waits for it and judges it, elsewhere run with this test-execution-id", began)
}

// conversations holds the conversations of the started execution, in place of the wait for its calls.
func (r *run) conversations(ctx context.Context, s started, l leg) (*lost, error) {
	if err := r.under.present(l); err != nil {
		return nil, err
	}
	if err := r.talker.place(ctx, l, s.calls); err != nil {
		return nil, err
	}
	r.log.Tell(event.Phase{Name: "Conversations", Waits: true})
	fast := r.failFast(max(s.calls, len(r.talker.rows)), l)
	fast.certain = true
	lost, err := r.talker.hold(ctx, l, fast)
	if lost != nil || err != nil {
		return lost, err
	}
	if r.evaluator.owes() {
		r.talker.retire(ctx)
	}
	r.log.Tell(event.Phase{Name: "Wait for the evals", Waits: true})
	check := fast.afterwards
	if l.reruns() || len(r.talker.left) > 0 {
		check = nil // conversations are still to come
	}
	if lost, err := r.settler.settle(ctx, check); lost != nil || err != nil {
		return lost, err
	}
	return nil, r.results(ctx, r.talker.over)
}

// leave ends a run that was judged: nothing may go on without it.
func (r *run) leave(ctx context.Context) {
	if r.abandoned {
		return // it was stopped, as far as that was possible
	}
	if !r.paid.Concluded() {
		r.paid.Finish()
		return
	}
	r.conclusion(ctx)
}

// conclusion cancels an execution that is over whatever its status says.
func (r *run) conclusion(ctx context.Context) {
	if !r.paid.Concluded() {
		return
	}
	// Nobody would go on talking, and an execution that does not end keeps others from ending
	// (chat.md 0.5).
	after, cancel := stopping(ctx, r.toStop())
	defer cancel()
	switch rest := text.Sprintf("%s.", r.paid.Cancel(after, false)); {
	case rest.Raw() == ".":
	case r.paid.Status().Terminal(), r.paid.Status() == calls.ExecutionCancelling:
		r.log.Note(rest)
	default:
		r.paid.StillRuns(rest)
		r.log.Warn(rest)
		r.talker.retire(after) // so that it can end by itself
	}
}

// firstWatch waits for the started calls; fail-fast may end it early.
func (r *run) firstWatch(ctx context.Context, fast *failFast) (watched, error) {
	seen, err := r.watcher.first(ctx, fast)
	if err != nil || seen.lost != nil {
		return seen, err
	}
	again, err := r.paid.SettleInherited(ctx)
	if err == nil && again {
		seen, err = r.watcher.first(ctx, fast)
	}
	if err == nil {
		fast.warnNoCounts()
	}
	return seen, err
}

// results runs the phases after the calls have ended, which was at ended.
func (r *run) results(ctx context.Context, ended time.Time) error {
	r.spending.Rest()
	if err := r.collector.collectSince(ctx, ended); err != nil {
		return err
	}
	if err := r.plan.CheckCame(r.gathered.Calls()); err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), errTimeout) {
		r.withoutMore()
		return nil
	}
	if err := r.rerunner.rerun(ctx); err != nil {
		return err
	}
	return r.evaluator.evaluate(ctx)
}

// withoutMore skips reruns and new evals of a run that was read when the timeout passed: it is
// judged by the calls it has.
func (r *run) withoutMore() {
	if r.config.Reruns.Attempts > 0 {
		r.log.Note(text.New("Not rerunning: the timeout has passed."))
	}
	if r.evaluator.owes() {
		r.evaluator.without(text.New("the timeout had passed"))
	}
}
