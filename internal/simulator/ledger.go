package simulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Ledger is what was asked of the server and what it cost, in order. It holds what the
// server knows, not what clients were told: an execute whose answer was lost stands in
// it.
type Ledger struct {
	Counts   map[Endpoint]int // requests, also those that a fault swallowed
	Requests []Request        // the newest 10,000
	Created  []CreatedRunTest
	Started  []StartedExecution
	Calls    []PlacedCall // by the time they were placed
	Reruns   []Rerun
	EvalRuns []EvalRun
	Cancels  []Cancel
	Hosts    []string // in the order of their first request
	Leaks    []Leak
}

// Request is one request as it arrived.
type Request struct {
	Endpoint Endpoint
	Method   string
	Path     string
	Query    string
	Body     string
	Header   http.Header // without the two keys
	Status   int         // of the answer; 0 when a fault left none
	Fault    FaultKind   // empty when all went well
	At       time.Time
}

// CreatedRunTest is a run test that a create made.
type CreatedRunTest struct {
	ID   uuid.UUID
	Name string
	At   time.Time
}

// StartedExecution is an execution, by execute or (Aside) by [Server.AddExecution].
type StartedExecution struct {
	ID, RunTestID uuid.UUID
	Calls         int
	Aside         bool
	At            time.Time
}

// PlacedCall is one attempt at a call that began: it is paid for.
type PlacedCall struct {
	ExecutionID, CallID uuid.UUID
	Attempt             int // from 0
	At                  time.Time
}

// Rerun is an accepted rerun-calls.
type Rerun struct {
	ExecutionID uuid.UUID
	Type        string
	Was         Status // the execution's state before
	CallIDs     []uuid.UUID
	// Duplicates counts calls that were placed again although nobody had read the
	// end of their last rerun: the mark of a blind repetition.
	Duplicates     int
	DispatchFailed bool
	At             time.Time
}

// EvalRun is an accepted run-new-evals, once for each execution.
type EvalRun struct {
	ExecutionID    uuid.UUID
	EvalConfigIDs  []uuid.UUID
	Calls          int
	DispatchFailed bool
	At             time.Time
}

// Cancel is a cancel of a known execution.
type Cancel struct {
	ExecutionID uuid.UUID
	Was         Status
	At          time.Time
}

// Leak is a key in a wrong place: the query, the path, the body, a header other than
// the two, an Authorization header, or a request to another host than the first.
type Leak struct {
	Where string
	Host  string
	Path  string
}

// Ledger returns a copy of the ledger as of now.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	l := s.ledger
	l.Counts = maps.Clone(l.Counts)
	l.Requests = slices.Clone(l.Requests)
	l.Created = slices.Clone(l.Created)
	l.Reruns = slices.Clone(l.Reruns)
	l.EvalRuns = slices.Clone(l.EvalRuns)
	l.Cancels = slices.Clone(l.Cancels)
	l.Hosts = slices.Clone(l.Hosts)
	l.Leaks = slices.Clone(l.Leaks)
	for _, e := range s.executions {
		e.advance(now)
		l.Started = append(l.Started, StartedExecution{ID: e.id, RunTestID: e.runTest.id, Calls: len(e.calls), Aside: e.aside, At: e.began})
		for _, c := range e.calls {
			c.eachPlaced(now, func(a *attempt) {
				l.Calls = append(l.Calls, PlacedCall{ExecutionID: e.id, CallID: c.id, Attempt: a.n, At: a.placed})
			})
		}
	}
	slices.SortStableFunc(l.Calls, func(a, b PlacedCall) int { return a.At.Compare(b.At) })
	return l
}

// eachPlaced visits the attempts at the call that have begun, each once.
func (c *call) eachPlaced(now time.Time, visit func(*attempt)) {
	for i := range c.past {
		p := &c.past[i]
		if p.rerun == callAndEval && reached(p.placed, p.at) {
			visit(&p.attempt)
		}
	}
	if reached(c.now.placed, now) {
		visit(&c.now)
	}
}

// CallsPlaced is how many attempts at calls have begun so far, reruns included.
func (s *Server) CallsPlaced() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := time.Now(), 0
	for _, e := range s.executions {
		e.advance(now)
		for _, c := range e.calls {
			c.eachPlaced(now, func(*attempt) { n++ })
		}
	}
	return n
}

// Running is how many executions have not ended now.
func (s *Server) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := time.Now(), 0
	for _, e := range s.executions {
		e.advance(now)
		if !e.status(now).Terminal() {
			n++
		}
	}
	return n
}

// DuplicateReruns is how many calls were placed again blindly; see
// [Rerun.Duplicates].
func (s *Server) DuplicateReruns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.ledger.Reruns {
		n += r.Duplicates
	}
	return n
}

// ExecutionState is where an execution stands.
type ExecutionState struct {
	ID, RunTestID uuid.UUID
	RunTestName   string
	Status        Status // the true one, whatever the plan has the API show
	Planned       int    // calls that the scenarios' rows announce; Calls are those that came
	Calls         []CallState
	StartedAt     time.Time
	EndedAt       time.Time // zero while it has not ended
}

// CallState is where a call stands.
type CallState struct {
	ID uuid.UUID
	Row
	Index    int // among the planned calls
	Status   Status
	Attempts int     // placed so far
	Final    bool    // ended, and not shown as failed on the way to completed
	Reason   *string // ended_reason
}

// Executions tells where all executions stand now, in the order of their start.
func (s *Server) Executions() []ExecutionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	list := make([]ExecutionState, 0, len(s.executions))
	for _, e := range s.executions {
		e.advance(now)
		st := ExecutionState{ID: e.id, RunTestID: e.runTest.id, RunTestName: e.runTest.name, Status: e.status(now), Planned: e.announced, StartedAt: e.began}
		if at, ended := e.completedAt(now); ended {
			st.EndedAt = at
		}
		for _, c := range e.calls {
			attempts := 0
			c.eachPlaced(now, func(*attempt) { attempts++ })
			st.Calls = append(st.Calls, CallState{
				ID: c.id, Row: Row{Scenario: c.scenario.name, Row: c.row}, Index: c.index, Status: c.status(now), Attempts: attempts,
				Final: c.final(now), Reason: c.endedReason(now),
			})
		}
		list = append(list, st)
	}
	return list
}

// Total is the number of requests, of all endpoints.
func (l Ledger) Total() int {
	n := 0
	for _, c := range l.Counts {
		n += c
	}
	return n
}

// Paths are the distinct method and path pairs asked for, sorted; of use in messages
// of tests that fail.
func (l Ledger) Paths() []string {
	seen := map[string]bool{}
	for _, r := range l.Requests {
		seen[r.Method+" "+r.Path] = true
	}
	return slices.SortedFunc(maps.Keys(seen), cmp.Compare[string])
}
