package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/company"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// requestsInFlight is how many requests all gates together send at a time, besides those of conversations.
const requestsInFlight = 16

// configuration reads the configuration: that of a suite, if a file of one is given or found, or else of
// arguments and environment alone.
func (c Command) configuration(name config.Command, args []string, now time.Time) (config.Config, *suite.Suite, []config.Problem, error) {
	defaults := c.defaults(name, args)
	parse := func() (config.Config, []config.Problem, error) {
		return config.Parse(args, c.Environ, config.Options{Command: name, Defaults: defaults, TryWrite: ci.TryWrite})
	}
	if !slices.Contains([]config.Command{config.CommandRun, config.CommandStart, config.CommandDemo, config.CommandPlan}, name) {
		cfg, warnings, err := parse()
		if name == config.CommandCleanup {
			c.likeTheSuite(&cfg)
		}
		return cfg, nil, warnings, err
	}
	file, notes, err := suite.Load(args, c.Environ, suite.Options{Command: name, Now: now, Defaults: suiteDefaults(defaults), TryWrite: ci.TryWrite})
	if file != nil {
		return file.Whole, file, notes, err
	}
	cfg, warnings, parsed := parse()
	if cfg.ChangedFiles != "" && name != config.CommandPlan {
		warnings = append(warnings, config.Problem{Input: "changed-files", Text: text.New("no effect without a suite file, whose gates have paths")})
	}
	if _, isMistake := errors.AsType[*config.Error](err); !isMistake {
		err = parsed
	}
	return cfg, nil, append(notes, warnings...), err
}

// likeTheSuite takes for cleanup from the suite file which server and which state files the run had, if
// nothing else says so.
func (c Command) likeTheSuite(cfg *config.Config) {
	file, _, err := suite.Load(nil, c.Environ, suite.Options{Command: config.CommandRun, Now: time.Now()})
	if file == nil || err != nil {
		return
	}
	if cfg.API.BaseURLSource == "" {
		cfg.API = file.Whole.API
	}
	if cfg.StateFile == "" {
		cfg.StateFile = file.Whole.StateFile
	}
}

// one is a gate of a suite while it runs.
type one struct {
	suite.Gate
	session *session // of the gate
	gate    prepared
	member  *company.Member // nil if the change does not touch the gate
	part    *ci.Part

	err     error // why it cannot run
	verdict verdict.Verdict
	result  gate.Result
}

// runSuite runs the gates of the suite side by side over the given transport; nil means the network.
func (s *session) runSuite(ctx context.Context, transport http.RoundTripper) int {
	if !s.config.Credentials && transport == nil {
		return s.finishGates(s.skipAll(s.missingCredentials()))
	}
	var err error
	if s.config.Tree, err = s.tree(ctx); err != nil {
		return s.misconfigured(err)
	}
	selected := s.choose(ctx)
	if slices.ContainsFunc(selected, func(g changes.Selected) bool { return g.Run }) {
		s.sayServer()
	}
	all := s.assemble(ctx, transport, selected)
	defer func() {
		for _, g := range all {
			if g.gate.journal != nil {
				s.closeJournal(g.gate.journal)
			}
		}
	}()
	board := s.startBoard(running(all))
	var together sync.WaitGroup
	for _, g := range running(all) {
		together.Go(func() { g.run(ctx) })
	}
	together.Wait()
	board.Stop()
	if s.config.DryRun {
		s.fit(running(all))
	}
	var gates []report.Gate
	for _, g := range all {
		gates = append(gates, g.report())
	}
	return s.finishGates(gates)
}

// choose says which gates the change touches, and why. What the user should know of it stands in every report.
func (s *session) choose(ctx context.Context) []changes.Selected {
	_, selected, warnings := s.touched(ctx)
	entries, branch, more := s.quarantine(ctx)
	s.suite.Quarantine = entries
	if len(entries) > 0 && !branch.IsEmpty() {
		s.log.Info("In quarantine: %s, by %s as it is on %s.", text.Plural(len(entries), "scenario"), text.New(s.suite.Path), branch)
	}
	for _, w := range append(warnings, more...) {
		s.log.Warn("%s", w)
		s.warnings = append(s.warnings, config.Problem{Text: w})
	}
	for _, g := range selected {
		switch {
		case !g.Run:
			s.log.Named(g.Gate).Info("Not run: %s.", g.Why)
		case s.config.ChangedFiles != "":
			s.log.Named(g.Gate).Info("Runs: %s.", g.Why)
		}
	}
	return selected
}

// assemble prepares the gates, one after the other: their state files share a folder. Those that the change does not
// touch need nothing.
func (s *session) assemble(ctx context.Context, transport http.RoundTripper, selected []changes.Selected) []*one {
	var all []*one
	for i, g := range s.suite.Gates {
		x := &one{Gate: g, session: s.of(g)}
		if !selected[i].Run {
			x.verdict = verdict.Unchanged(selected[i].Why)
		}
		all = append(all, x)
	}
	touched := slices.DeleteFunc(slices.Clone(all), func(g *one) bool { return g.verdict.Cause == verdict.CauseUnchanged })
	names, conversations := []string{}, 0
	for _, g := range touched {
		names = append(names, g.Name)
		if g.Config.Agent.Given() {
			conversations = max(conversations, g.Config.Agent.Concurrency)
		}
	}
	if transport == nil {
		transport = client.NewTransport()
	}
	transport = client.InFlight(transport, requestsInFlight+conversations)
	members := company.New(names, s.budget(), conversations).Members()
	for i, g := range touched {
		g.member = members[i]
		g.gate, g.err = g.session.prepare(ctx, transport)
		g.gate.Company, g.gate.Quarantine = g.member, quarantined(s.suite.Quarantine, g.Name)
	}
	return all
}

// running returns the gates that are run.
func running(all []*one) []*one {
	return slices.DeleteFunc(slices.Clone(all), func(g *one) bool { return g.member == nil })
}

// budget is what all gates together may spend.
func (s *session) budget() budget.Limits {
	b := s.suite.Budget
	return budget.Limits{Calls: b.Calls, Cents: 100 * b.Cost, Minutes: b.Minutes, Common: true}
}

// of returns the session of one gate: it logs with the gate's name, and has no outputs and reports of its own.
func (s *session) of(g suite.Gate) *session {
	c := g.Config
	c.API, c.Tree = s.config.API, s.config.Tree // the demo has its own server
	return &session{
		Command: s.Command, name: s.name, getenv: s.getenv, config: c, context: s.context, redactor: s.redactor,
		log: s.log.Named(g.Name), files: s.files, started: s.started, stream: s.stream, keys: s.keys, baselines: s.baselines,
	}
}

// startBoard shows the progress of all gates.
func (s *session) startBoard(all []*one) *ci.Board {
	var names []string
	for _, g := range all {
		names = append(names, g.Name)
	}
	board := ci.StartBoard(s.log, names)
	for i, part := range board.Parts() {
		all[i].part = part
	}
	return board
}

// run runs the gate to its end. Whatever happens to it, the others are told.
func (g *one) run(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			reason := g.session.redactor.Text(text.New(fmt.Sprintf("internal error, please report it: %v", p)))
			g.verdict = verdict.Errored(verdict.CauseOperational, reason, verdict.Evidence{}, verdict.Rules{})
		}
		g.member.Over(g.verdict, g.result.Evidence.Budget.Spent)
		g.part.End(string(g.verdict.Kind))
		g.session.log.Info("%s: %s", string(report.VerdictWord(g.verdict.Kind)), g.verdict.Reason)
	}()
	if g.err != nil {
		g.verdict = verdict.Errored(verdict.CauseConfig, text.Join("; ", mistakesOf(g.err)...), verdict.Evidence{}, verdict.Rules{})
		return
	}
	g.result = g.session.hold(ctx, g.gate, g.part)
	g.verdict = g.result.Verdict
	g.session.compareWith(g.result.Baseline)
	if r := g.member.Refusal(); r != nil && g.verdict.Cause == r.Cause {
		g.verdict = skipped(r.Cause, r.Reason)
	}
}

// skipped is the verdict of a gate that was not started because of others.
func skipped(cause verdict.Cause, reason text.Untrusted) verdict.Verdict {
	v := verdict.NotRun(reason)
	v.Cause = cause
	return v
}

// report returns what the reports show of the gate.
func (g *one) report() report.Gate {
	name, _ := report.GateName(g.Name) // the file's reader accepts no other
	return report.Gate{Name: name, Owner: g.Owner, Report: g.session.judged(g.result.Evidence, g.verdict)}
}

// skipAll returns the gates if none of them is run.
func (s *session) skipAll(reason text.Untrusted) (gates []report.Gate) {
	for _, g := range s.suite.Gates {
		x := one{Gate: g, session: s.of(g), verdict: verdict.NotRun(reason)}
		gates = append(gates, x.report())
	}
	return gates
}

// fit says after a dry run which gates would not fit into the budget.
func (s *session) fit(all []*one) {
	var plans []company.Plan
	var those []*one
	for _, g := range all {
		if g.verdict.Kind == verdict.Skip {
			plans = append(plans, planOf(g))
			those = append(those, g)
		}
	}
	for i, why := range company.Fit(s.budget(), plans) {
		if !why.IsEmpty() {
			those[i].verdict = skipped(verdict.CauseBudget, why)
			those[i].session.log.Warn("%s", why)
		}
	}
}

// planOf is what a dry run found out about the calls of a gate.
func planOf(g *one) company.Plan {
	if g.Config.Target.Mode == config.ModeAttach {
		return company.Plan{} // somebody else has paid
	}
	p := company.Plan{Estimate: g.result.Evidence.Budget.Estimate}
	for _, planned := range g.result.Evidence.Plan {
		if planned.Calls == nil {
			return company.Plan{Estimate: p.Estimate}
		}
		p.Calls += *planned.Calls
	}
	p.Calls *= max(g.Config.Trials.Count, 1)
	return p
}
