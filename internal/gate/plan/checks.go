package plan

import (
	"context"
	"encoding/json"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// API is the part of the Future AGI API that planning needs.
type API interface {
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// RunTests iterates over the run tests whose name contains search, newest first.
	RunTests(ctx context.Context, search string) iter.Seq2[calls.RunTest, error]
	// AddEvalConfigs attaches evals to a run test. It is never sent twice.
	AddEvalConfigs(ctx context.Context, runTestID uuid.UUID, entries []json.RawMessage) ([]uuid.UUID, error)
	// Executions lists the newest executions of a run test, newest first.
	Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error)
	// Poll reads the status and counts of an execution, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Collect reads an execution with all pages of its calls, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
}

// ConfigError is a configuration mistake that only the server's responses show. It ends the run with
// exit code 2, and nothing is paid for.
type ConfigError struct{ Reason text.Untrusted }

// Error implements error.
func (e ConfigError) Error() string { return e.Reason.Line() }

// Planner plans one run.
type Planner struct {
	api          API
	log          *event.Log
	config       config.Config // with the baseline, once found
	baselineName string
	// copied are the original evals that the created run test has copies of, by the requested
	// ids.
	copied map[uuid.UUID]calls.EvalConfig
	// before is how many trials an earlier start of the run has paid for.
	before int
}

// New makes a planner. baselineName is the prefix of the run test names to search for a baseline;
// empty if unknown.
func New(api API, log *event.Log, c config.Config, baselineName string) *Planner {
	return &Planner{api: api, log: log, config: c, baselineName: baselineName}
}

// PaidBefore says how many trials an earlier start of the run has paid for: max-calls is not about them.
func (p *Planner) PaidBefore(trials int) { p.before = trials }

// Rules returns how to judge the run, with the baseline once it is found.
func (p *Planner) Rules() verdict.Rules { return p.config.Rules }

// Plan is what a run will place.
type Plan struct {
	// Scenarios are those that will run; nil if the server does not list them.
	Scenarios []verdict.Planned
	// Calls is the number of planned calls; 0 if unknown.
	Calls int
}

// Check makes sure, before a call is paid for, that the run test matches the configuration and that
// its run can be judged. On an error, the plan has what is known so far.
func (p *Planner) Check(ctx context.Context, t calls.RunTest) (Plan, error) {
	found, err := p.checkRunTest(t)
	if err != nil {
		return found, err
	}
	if err := p.checkBaseline(found.Scenarios); err != nil {
		return found, err
	}
	p.warnRows(t)
	return found, p.checkCriteria(ctx, t)
}

// checkRunTest compares the run test with the configuration.
func (p *Planner) checkRunTest(t calls.RunTest) (found Plan, _ error) {
	if err := p.checkAgent(t); err != nil {
		return found, err
	}
	if err := p.checkEvals(t); err != nil {
		return found, err
	}
	if err := p.checkNewEvals(t); err != nil {
		return found, err
	}
	chosen, err := p.chosen(t)
	if err != nil {
		return found, err
	}
	found.Scenarios = evidence.PlanOf(t, chosen)
	if unready := notReady(chosen); len(unready) > 0 && !t.OfPrompt() {
		return found, ConfigError{Reason: text.Join("; ", unready...)}
	}
	if err := checkRows(t, chosen); err != nil {
		return found, err
	}
	if why := p.config.Rules.NotASample(found.Scenarios); !why.IsEmpty() {
		return found, ConfigError{Reason: why}
	}
	calls := placed(t, chosen)
	if calls == nil {
		return found, nil // unknown: the watch checks the real number
	}
	found.Calls = *calls
	return found, p.checkMaxCalls(*calls)
}

// notReady says which scenarios are still being made: the server refuses to execute them (contract, section 2).
func notReady(chosen []calls.Scenario) (problems []text.Untrusted) {
	for _, s := range chosen {
		if status := s.Status.Raw(); status != "" && !strings.EqualFold(status, "completed") {
			problems = append(problems, text.Sprintf("scenario %s %q is not ready: its status is %s", s.ID, s.Name, s.Status))
		}
	}
	return problems
}

// checkMaxCalls makes sure that all trials of so many calls are within max-calls.
func (p *Planner) checkMaxCalls(calls int) error {
	limit, trials := p.config.MaxCalls, p.config.Trials.Count-p.before
	switch {
	case limit == 0 || trials <= 0 || calls*trials <= limit:
		return nil
	case trials > 1:
		return ConfigError{Reason: text.Sprintf("the run would place %d calls in %d trials, more than max-calls %d", calls*trials, trials, limit)}
	}
	return ConfigError{Reason: text.Sprintf("the run would place %d calls, more than max-calls %d", calls, limit)}
}

// checkAgent checks, before a call is paid for, whether there can be calls at all: the server places
// those of voice agents (contract, section 7), and the gate holds those of text agents if it has the
// agent.
func (p *Planner) checkAgent(t calls.RunTest) error {
	here, input := p.config.Agent.Given(), p.config.Agent.Input()
	switch {
	case t.OfPrompt():
		return p.checkPrompt(t)
	case here && t.AgentType == calls.AgentVoice:
		return ConfigError{Reason: text.Sprintf("%s: this is a voice agent, whose calls the server places. Remove %s, or use a text agent", text.New(input), text.New(input))}
	case here && t.AgentType == "":
		p.log.Warn(text.Sprintf("The server does not tell whether this is a text agent, as %s needs.", text.New(input)))
	case !here && t.AgentType == calls.AgentText:
		// Whether that works depends on a server setting that the API does not show.
		p.log.Note(text.New("This is a text agent. Servers place its calls only if their hosted runner is on. If every call fails at once, set agent-command or agent-url, so that agent-gate holds the conversations."))
	}
	return nil
}

// warnRows warns that dataset-row-ids may not limit the calls (real-server.md, row 7).
func (p *Planner) warnRows(t calls.RunTest) {
	if len(p.config.Create.DatasetRowIDs) == 0 {
		return
	}
	calls := text.New("all rows of the scenarios")
	if n := placed(t, t.Scenarios); n != nil {
		calls = text.Sprintf("all %d rows of the scenarios", *n)
	}
	p.log.Warn(text.Sprintf("dataset-row-ids: some servers store them but place a call for every row anyway: %s may be run and paid for", calls))
}
