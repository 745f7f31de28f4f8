package gate

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// configError is a mistake in the configuration that only the server's answers could
// show: it ends with the exit code of bad configuration, and nothing is paid.
type configError struct{ reason text.Untrusted }

// Error implements error.
func (e configError) Error() string { return e.reason.Line() }

// start gets the run to where an execution is known, by one of the three ways.
func (r *run) start(ctx context.Context) error {
	r.log.Tell(event.Phase{Name: "Start"})
	if err := r.namedBaseline(ctx); err != nil {
		return err
	}
	target := r.Config.Target
	if target.Mode == config.ModeAttach {
		r.paid.Attach(target.TestExecutionID)
		if err := r.attachedRunTest(ctx); err != nil {
			return err
		}
		return r.autoBaseline(ctx, client.RunTest{})
	}

	runTest, fresh, err := r.findOrCreate(ctx)
	if err != nil {
		return err
	}
	r.useRunTest(runTest, target.Mode == config.ModeCreate)
	if runTest, err = r.attachEvals(ctx, runTest); err != nil {
		return err
	}
	r.evidence.Evals = runTest.EvalConfigs
	if err := r.checkRunTest(runTest); err != nil {
		return err
	}
	if err := r.checkBaseline(); err != nil {
		return err
	}
	r.sayRows(runTest)
	if err := r.checkCriteria(ctx, runTest); err != nil {
		return err
	}
	if err := r.autoBaseline(ctx, runTest); err != nil {
		return err
	}
	if taken, err := r.paid.TakeUp(ctx); taken || err != nil {
		return err
	}
	r.hosted, err = r.paid.Execute(ctx, runTest.ID, fresh, client.Execute{ScenarioIDs: target.ScenarioIDs, SimulatorID: target.SimulatorID})
	return err
}

// findOrCreate gets the run test to execute: that of a killed process, the one that the user
// named, or a new one. fresh is true when nobody can have executed it before.
func (r *run) findOrCreate(ctx context.Context) (t client.RunTest, fresh bool, err error) {
	if t, found, err := r.paid.InheritedRunTest(ctx); found || err != nil {
		return t, false, err
	}
	if r.Config.Target.Mode == config.ModeCreate {
		if err := r.checkBaselineIDs(); err != nil {
			return t, false, err
		}
		return r.paid.Create(ctx, r.createBody())
	}
	t, err = r.API.RunTest(ctx, r.Config.Target.RunTestID)
	return t, false, err
}

// useRunTest notes the run test everywhere it is needed.
func (r *run) useRunTest(t client.RunTest, created bool) {
	r.evidence.Evals = t.EvalConfigs
	r.paid.UseRunTest(t, created)
}

// inherit takes over what an earlier process has left, when it is of the same target.
func (r *run) inherit() {
	left, target := r.Earlier, r.Config.Target
	switch {
	case left == nil, !left.Resumable(r.Config.API.BaseURL.String()),
		target.Mode == config.ModeAttach && left.ExecutionID != target.TestExecutionID,
		target.Mode == config.ModeExecute && left.RunTestID != target.RunTestID:
		return
	}
	for _, id := range left.Rerun {
		r.tries[id] = verdict.Tries{Attempts: 2, First: verdict.Failed}
	}
	r.paid.Inherit(*left)
}

// createBody is the run test that the configuration asks for.
func (r *run) createBody() client.CreateRunTest {
	c, target := r.Config.Create, r.Config.Target
	return client.CreateRunTest{
		Name:                 r.Name,
		Description:          r.Description,
		AgentDefinitionID:    target.AgentDefinitionID,
		AgentVersion:         c.AgentVersion,
		ScenarioIDs:          target.ScenarioIDs,
		EvalConfigIDs:        c.EvalConfigIDs,
		EvaluationsConfig:    c.EvaluationsConfig,
		DatasetRowIDs:        c.DatasetRowIDs,
		EnableToolEvaluation: c.EnableToolEvaluation,
		ReplaySessionID:      c.ReplaySessionID,
	}
}

// checkRunTest compares the run test with what was asked for, before a call is paid.
func (r *run) checkRunTest(t client.RunTest) error {
	if err := r.checkAgent(t); err != nil {
		return err
	}
	if err := r.checkEvals(t); err != nil {
		return err
	}
	if err := r.checkNewEvals(t); err != nil {
		return err
	}
	chosen, err := r.chosen(t)
	if err != nil {
		return err
	}
	r.evidence.Plan = planOf(chosen)
	calls := placed(chosen)
	if calls == nil {
		return nil // not known: the watch looks at the real number
	}
	r.hope.planned = *calls
	if limit := r.Config.MaxCalls; limit > 0 && *calls > limit {
		return configError{text.Sprintf("the run would place %d calls, more than max-calls %d", *calls, limit)}
	}
	return nil
}

// chosen are the scenarios of the run test that will run; none when the server did not say
// which it has.
func (r *run) chosen(t client.RunTest) ([]client.Scenario, error) {
	ids := r.Config.Target.ScenarioIDs
	if len(ids) == 0 || t.Scenarios == nil {
		return t.Scenarios, nil
	}
	var chosen []client.Scenario
	for _, id := range ids {
		i := scenarioIndex(t.Scenarios, id)
		if i < 0 {
			return nil, configError{text.Sprintf("scenario %s is not part of run test %s, so it would not be tested as asked; correct scenario-ids", id, t.ID)}
		}
		chosen = append(chosen, t.Scenarios[i])
	}
	return chosen, nil
}

// placed is how many calls scenarios make; nil when the server did not say.
func placed(scenarios []client.Scenario) *int {
	if len(scenarios) == 0 {
		return nil
	}
	calls := 0
	for _, p := range planOf(scenarios) {
		if p.Calls == nil {
			return nil
		}
		calls += *p.Calls
	}
	return &calls
}

// checkBaseline makes sure, before a call is paid, that a report that the run is compared
// with has a scenario in common with it.
func (r *run) checkBaseline() error {
	b := r.Config.Rules.Baseline
	if r.Config.Baseline.File == "" || b == nil || len(r.evidence.Plan) == 0 || b.SharesScenario(r.evidence.Plan) {
		return nil
	}
	return r.noSharedScenario()
}

// checkBaselineIDs is the same as far as the ids tell, before a run test is created.
func (r *run) checkBaselineIDs() error {
	b := r.Config.Rules.Baseline
	if r.Config.Baseline.File == "" || b == nil {
		return nil
	}
	for i := range b.Calls.Len() {
		if id := b.Calls.Brief(i).ScenarioID; id == uuid.Nil || slices.Contains(r.Config.Target.ScenarioIDs, id) {
			return nil // it has one of them, or does not tell
		}
	}
	return r.noSharedScenario()
}

// noSharedScenario says that there is nothing to compare.
func (r *run) noSharedScenario() error {
	return configError{text.Sprintf("baseline: the report %s has none of the scenarios of this run, so there is nothing to compare", text.New(r.Config.Baseline.File))}
}

// sayRows says that a choice of dataset rows does not limit what is placed (real-server.md,
// row 7).
func (r *run) sayRows(t client.RunTest) {
	if len(r.Config.Create.DatasetRowIDs) == 0 {
		return
	}
	calls := text.New("all rows of the scenarios")
	if n := placed(t.Scenarios); n != nil {
		calls = text.Sprintf("all %d rows of the scenarios", *n)
	}
	r.log.Warn(text.Sprintf("dataset-row-ids: servers are known to store them and to place a call for every row: %s may be played and paid for", calls))
}

// checkEvals makes sure that the evals asked for are attached, by their ids or as the
// copies that attachEvals made.
func (r *run) checkEvals(t client.RunTest) error {
	if r.Config.Target.Mode != config.ModeCreate {
		return nil
	}
	if missing := r.stillMissing(t); len(missing) > 0 {
		return configError{text.Sprintf("the server did not attach eval config %s to run test %s, and no run test was found to copy it from, so it would not run. Correct eval-config-ids, give the evals inline with evaluations-config, or use a run test that has them with run-test-id", text.List(missing), t.ID)}
	}
	var inline []json.RawMessage
	// The configuration has been validated: it is a JSON array or absent.
	_ = json.Unmarshal(r.Config.Create.EvaluationsConfig, &inline)
	if want := len(inline) + len(r.Config.Create.EvalConfigIDs); len(t.EvalConfigs) < want {
		return configError{text.Sprintf("%s asked for, and run test %s has %d: %s. The server skips an entry of evaluations-config whose template_id it does not know%s",
			text.Plural(want, "eval"), t.ID, len(t.EvalConfigs), evalNames(t.EvalConfigs), missingEvals(r.Config.Create.EvaluationsConfig, t.EvalConfigs))}
	}
	return nil
}

// missingEvals names the entries of an evaluations-config that a run test does not have;
// empty when all have a namesake there.
func missingEvals(inline json.RawMessage, attached []client.EvalConfig) text.Untrusted {
	var missing []text.Untrusted
	for _, want := range inlineEvals(inline) {
		if !slices.ContainsFunc(attached, func(e client.EvalConfig) bool { return e.Name == want.Name }) {
			missing = append(missing, text.Sprintf("%q", want.Name))
		}
	}
	if len(missing) == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("; missing here: %s", text.Join(", ", missing...))
}

// scenarioIndex finds a scenario by id; -1 when it is not there.
func scenarioIndex(scenarios []client.Scenario, id uuid.UUID) int {
	for i, s := range scenarios {
		if s.ID == id {
			return i
		}
	}
	return -1
}

// lists reports whether an execution is one of those of a list.
func lists(list []client.ExecutionSummary, id uuid.UUID) bool {
	return slices.ContainsFunc(list, func(e client.ExecutionSummary) bool { return e.ID == id })
}
