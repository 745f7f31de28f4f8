package plan

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/gate/evidence"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// API is what is needed of the Future AGI API to plan.
type API interface {
	// RunTest reads a run test.
	RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error)
	// RunTests walks through the newest run tests whose name holds search, newest first.
	RunTests(ctx context.Context, search string) iter.Seq2[calls.RunTest, error]
	// AddEvalConfigs attaches evals to a run test. It is never sent twice.
	AddEvalConfigs(ctx context.Context, runTestID uuid.UUID, entries []json.RawMessage) ([]uuid.UUID, error)
	// Executions lists the newest executions of a run test, newest first.
	Executions(ctx context.Context, runTestID uuid.UUID) ([]calls.ExecutionSummary, error)
	// Poll reads where an execution stands, in one small request.
	Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error)
	// Collect reads an execution with all its calls, over all pages, each call once.
	Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error)
}

// ConfigError is a mistake in the configuration that only the server's answers could
// show: it ends with the exit code of bad configuration, and nothing is paid.
type ConfigError struct{ Reason text.Untrusted }

// Error implements error.
func (e ConfigError) Error() string { return e.Reason.Line() }

// Planner plans one run.
type Planner struct {
	api          API
	log          *event.Log
	config       config.Config // its baseline is the one that was found
	baselineName string
	// copied are the evals of other run tests of which the created one has copies, by
	// the ids that were asked for.
	copied map[uuid.UUID]calls.EvalConfig
}

// New is a planner for a configuration. The baseline is looked for among gate runs whose names
// begin with baselineName; it is empty when that is not known.
func New(api API, log *event.Log, c config.Config, baselineName string) *Planner {
	return &Planner{api: api, log: log, config: c, baselineName: baselineName}
}

// Rules are how the run is judged, with what it is compared with as far as that was found.
func (p *Planner) Rules() verdict.Rules { return p.config.Rules }

// Plan is what a run is to make.
type Plan struct {
	// Scenarios are those that will run; nil when the server did not say which there are.
	Scenarios []verdict.Planned
	// Calls is how many they are; 0 when not known.
	Calls int
}

// Check makes sure, before a call is paid, that the run test is what was asked for and that
// its run can be judged. The plan is what is known of it, also when it cannot.
func (p *Planner) Check(ctx context.Context, t calls.RunTest) (Plan, error) {
	found, err := p.checkRunTest(t)
	if err != nil {
		return found, err
	}
	if err := p.checkBaseline(found.Scenarios); err != nil {
		return found, err
	}
	p.sayRows(t)
	return found, p.checkCriteria(ctx, t)
}

// checkRunTest compares the run test with what was asked for.
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
	found.Scenarios = evidence.PlanOf(chosen)
	calls := placed(chosen)
	if calls == nil {
		return found, nil // not known: the watch looks at the real number
	}
	found.Calls = *calls
	if limit := p.config.MaxCalls; limit > 0 && *calls > limit {
		return found, ConfigError{Reason: text.Sprintf("the run would place %d calls, more than max-calls %d", *calls, limit)}
	}
	return found, nil
}

// sourcePrompt is the source of a run test that tests a prompt and no agent.
const sourcePrompt = "prompt"

// checkAgent looks, before a call is paid, at whether the server can execute the run
// test at all (contract, section 7).
func (p *Planner) checkAgent(t calls.RunTest) error {
	switch {
	case t.SourceType == sourcePrompt:
		return ConfigError{Reason: text.Sprintf("run test %s tests a prompt, not an agent; the API executes those elsewhere, and all of its calls would fail here. Use a run test of an agent, or start it in the dashboard and set test-execution-id", t.ID)}
	case t.AgentType == calls.AgentText:
		// Whether it can is a setting of the server that no read shows.
		p.log.Note(text.New("This is a text agent. Servers place its calls only if their hosted runner is on. If every call fails at once, run it with the vendor's SDK and set test-execution-id."))
	}
	return nil
}

// sayRows says that a choice of dataset rows does not limit what is placed (real-server.md,
// row 7).
func (p *Planner) sayRows(t calls.RunTest) {
	if len(p.config.Create.DatasetRowIDs) == 0 {
		return
	}
	calls := text.New("all rows of the scenarios")
	if n := placed(t.Scenarios); n != nil {
		calls = text.Sprintf("all %d rows of the scenarios", *n)
	}
	p.log.Warn(text.Sprintf("dataset-row-ids: some servers store them but place a call for every row anyway: %s may be run and paid for", calls))
}
