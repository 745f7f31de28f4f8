package simulator

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// runTest is a configured test.
type runTest struct {
	id          uuid.UUID
	name        string
	description string
	agent       uuid.UUID
	version     uuid.UUID // uuid.Nil: none was named
	scenarios   []*scenario
	rowIDs      []string
	evals       []*evalConfig
	tools       bool // enable_tool_evaluation
	created     time.Time
	lastRun     time.Time
	executions  []*execution
}

// evalConfig is an eval attached to a run test.
type evalConfig struct {
	id, template   uuid.UUID
	name           string
	typ            string
	choices        []string
	onRequest      bool
	config         json.RawMessage
	mapping        json.RawMessage
	filters        json.RawMessage
	errorLocalizer bool
	model          json.RawMessage
	group          json.RawMessage
}

// scenario is a situation with dataset rows.
type scenario struct {
	id, dataset, graphID uuid.UUID
	columns              [3]uuid.UUID
	name                 string
	status               string
	rows                 int
	bare                 bool // without dataset: one call
	script               *script
}

func (s *Server) newScenario(i int, o Scenario) *scenario {
	if o.ID == uuid.Nil {
		o.ID = s.id(idScenario, uint64(i))
	}
	switch {
	case o.NoDataset:
		o.Rows = 1
	case o.Rows <= 0:
		o.Rows = 5
	}
	if o.Status == "" {
		o.Status = "Completed"
	}
	sc := &scenario{
		id:      o.ID,
		dataset: s.id(idDataset, fold(o.ID)),
		graphID: s.id(idGraph, fold(o.ID)),
		name:    o.Name,
		status:  o.Status,
		rows:    o.Rows,
		bare:    o.NoDataset,
		script:  scriptFor(o.Name),
	}
	for i := range sc.columns {
		sc.columns[i] = s.id(idColumn, fold(o.ID), uint64(i))
	}
	return sc
}

func (s *Server) addScenario(sc *scenario) *scenario {
	s.scenarios = append(s.scenarios, sc)
	s.scenarioBy[sc.id] = sc
	return sc
}

// findScenario finds a scenario, or makes one up where unknown ids are accepted.
func (s *Server) findScenario(id uuid.UUID) *scenario {
	if sc, ok := s.scenarioBy[id]; ok {
		return sc
	}
	if !s.opts.AcceptUnknown || s.elsewhere(id) {
		return nil
	}
	n := len(s.scenarios)
	return s.addScenario(s.newScenario(n, Scenario{ID: id, Name: madeUpName(n)}))
}

// findRunTest finds a run test, or makes one up where unknown ids are accepted.
func (s *Server) findRunTest(id uuid.UUID, now time.Time) *runTest {
	if rt, ok := s.runTestBy[id]; ok {
		return rt
	}
	if !s.opts.AcceptUnknown || s.elsewhere(id) {
		return nil
	}
	return s.addRunTest(&runTest{id: id, name: "run-test-" + id.String()[:8], agent: s.agent, scenarios: s.own(), evals: s.ownEvals(), created: now})
}

// elsewhere reports whether an id belongs to another workspace.
func (s *Server) elsewhere(id uuid.UUID) bool { return slices.Contains(s.opts.Elsewhere, id) }

func (s *Server) addRunTest(rt *runTest) *runTest {
	if rt.id == uuid.Nil {
		rt.id = s.id(idRunTest, uint64(len(s.runTests)))
	}
	s.runTests = append(s.runTests, rt)
	s.runTestBy[rt.id] = rt
	return rt
}

// own are the scenarios of the options.
func (s *Server) own() []*scenario {
	return append([]*scenario(nil), s.scenarios[:len(s.opts.Scenarios)]...)
}

// ownEvals are the evals of the options, as configs of one run test.
func (s *Server) ownEvals() []*evalConfig {
	configs := make([]*evalConfig, len(s.opts.Evals))
	for i := range s.opts.Evals {
		configs[i] = s.ownEval(i)
	}
	return configs
}

func (s *Server) ownEval(i int) *evalConfig {
	o := &s.opts.Evals[i]
	return newEvalConfig(evalConfig{id: o.ID, template: o.TemplateID, name: o.Name, typ: o.Type, choices: o.Choices, onRequest: o.OnRequest})
}

// newEvalConfig fills the JSON members that were not given.
func newEvalConfig(c evalConfig) *evalConfig {
	for _, f := range []struct {
		raw *json.RawMessage
		def string
	}{
		{&c.config, `{}`},
		{&c.mapping, `{"conversation":"transcript"}`},
		{&c.filters, `[]`},
		{&c.model, `null`},
		{&c.group, `null`},
	} {
		if *f.raw == nil {
			*f.raw = json.RawMessage(f.def)
		}
	}
	return &c
}

// AddRunTest makes a run test with all scenarios and evals of the options, as somebody
// does in the dashboard. The ledger does not count it.
func (s *Server) AddRunTest(name string) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addRunTest(&runTest{name: name, agent: s.agent, scenarios: s.own(), evals: s.ownEvals(), created: time.Now()}).id
}

// AddExecution starts an execution of a run test, as somebody does in the dashboard,
// the given time ago. The ledger marks it as started aside. It panics when there is no
// such run test.
func (s *Server) AddExecution(runTest uuid.UUID, ago time.Duration) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	rt, ok := s.runTestBy[runTest]
	if !ok {
		panic("simulator: no run test " + runTest.String())
	}
	at := time.Now().Add(-ago)
	e := s.start(rt, rt.scenarios, uuid.Nil, at)
	e.aside = true
	return e.id
}
