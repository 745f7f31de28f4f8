// Package simulator is a simulated Future AGI API, embedded in the program: the
// server of `agent-gate demo`, of `agent-gate serve` and of the tests.
//
// It is an independent reading of the facts about the API and imports nothing of the
// client, so that the two cannot drift together. It speaks both dialects: the one of
// the vendor's API documents and the one of the open-source backend of 2026-08. The
// two share one state machine and differ in casing, shapes, strictness and errors.
//
// Nothing runs in the background. The course of an execution is planned when it
// starts, from the seed and a [Plan], and every answer is derived from the plan and
// the time that has passed. So a test inside a testing/synctest bubble can let an hour
// go by at no cost, and two servers with the same options tell the same story.
package simulator

import (
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Server is one simulated API with its run tests, executions and ledger. It is an
// [http.Handler]; [Server.Transport] serves it without sockets. It is safe for
// concurrent use. Create it with [New], within the synctest bubble that uses it.
type Server struct {
	opts   Options
	org    uuid.UUID
	agent  uuid.UUID
	begin  time.Time
	graphs graphCache

	mu         sync.Mutex
	scenarios  []*scenario
	scenarioBy map[uuid.UUID]*scenario
	agents     map[uuid.UUID]bool
	runTests   []*runTest
	runTestBy  map[uuid.UUID]*runTest
	executions []*execution
	execBy     map[uuid.UUID]*execution
	callBy     map[uuid.UUID]*call
	made       uint64 // ids drawn for things that arise on the way
	served     uint64 // requests
	faults     []*armedFault
	lag        time.Duration // of the list that is being read
	ledger     Ledger
	home       string // the host of the first request
}

// New makes a server with the given options; see [Options] for what the zero value
// means.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:       opts,
		begin:      time.Now(),
		scenarioBy: map[uuid.UUID]*scenario{},
		agents:     map[uuid.UUID]bool{},
		runTestBy:  map[uuid.UUID]*runTest{},
		execBy:     map[uuid.UUID]*execution{},
		callBy:     map[uuid.UUID]*call{},
		ledger:     Ledger{Counts: map[Endpoint]int{}},
	}
	s.org = s.id(idOrganization)
	s.agent = opts.AgentID
	if s.agent == uuid.Nil {
		s.agent = s.id(idAgent)
	}
	s.agents[s.agent] = true
	for i, sc := range opts.Scenarios {
		s.addScenario(s.newScenario(i, sc))
	}
	for i := range s.opts.Evals {
		e := &s.opts.Evals[i]
		if e.ID == uuid.Nil {
			e.ID = s.id(idEvalConfig, uint64(i))
		}
		if e.TemplateID == uuid.Nil {
			e.TemplateID = s.id(idEvalTemplate, uint64(i))
		}
	}
	s.Inject(opts.Faults...)
	return s
}

// Transport serves the server in memory: no sockets, no goroutines, no copies of the
// response. It honours the context of a request, and faults come back as the errors
// that net/http would give.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

// Client is an [http.Client] over [Server.Transport] that follows no redirects.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     s.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// AgentID is the agent definition that the server knows.
func (s *Server) AgentID() uuid.UUID { return s.agent }

// ScenarioIDs are the ids of [Options.Scenarios], in their order.
func (s *Server) ScenarioIDs() []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]uuid.UUID, 0, len(s.opts.Scenarios))
	for _, sc := range s.scenarios[:len(s.opts.Scenarios)] {
		ids = append(ids, sc.id)
	}
	return ids
}

// EvalConfigs are the eval configs of [Options.Evals] with their ids filled in.
func (s *Server) EvalConfigs() []Eval { return append([]Eval(nil), s.opts.Evals...) }

// span is how long a simulated duration takes on the clock.
func (s *Server) span(simulated time.Duration) time.Duration {
	if s.opts.Speed == 1 {
		return simulated
	}
	return time.Duration(float64(simulated) / s.opts.Speed)
}
