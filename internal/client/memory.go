package client

import (
	"cmp"
	"sync"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// memory is what responses have shown about the server (contract, "Two dialects", rule 4: once
// known, the dialect holds for the whole process).
type memory struct {
	mu         sync.Mutex
	dialect    calls.Dialect
	camel      *bool           // the casing in which a rerun was accepted; nil before
	noLimit    map[string]bool // operations where the server rejects the query parameter limit
	noMetrics  bool            // the metrics endpoint is unusable on this server
	skip       bool            // the next poll does not use the metrics endpoint
	smaller    int             // how many times the page size was reduced
	runTests   map[uuid.UUID]calls.RunTest
	executions map[uuid.UUID]calls.Progress // what some responses contain and others omit
}

// learn records the dialect if it is still unknown.
func (m *memory) learn(d calls.Dialect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dialect == calls.DialectUnknown {
		m.dialect = d
	}
}

// knownDialect returns the dialect as far as it is known.
func (m *memory) knownDialect() calls.Dialect {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialect
}

// camelRerun reports whether to write a rerun in camelCase, as in the documented dialect. The
// default for an unknown dialect is snake_case.
func (m *memory) camelRerun() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.camel != nil {
		return *m.camel
	}
	return m.dialect == calls.DialectDocumented
}

// learnRerun records the casing in which a rerun was accepted, which also shows the dialect.
func (m *memory) learnRerun(camel bool) {
	m.mu.Lock()
	m.camel = &camel
	m.mu.Unlock()
	if camel {
		m.learn(calls.DialectDocumented)
	} else {
		m.learn(calls.DialectDeployed)
	}
}

// takesLimit reports whether op may be sent with the query parameter limit.
func (m *memory) takesLimit(op string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.noLimit[op]
}

// dropLimit records that op must be sent without limit.
func (m *memory) dropLimit(op string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.noLimit == nil {
		m.noLimit = map[string]bool{}
	}
	m.noLimit[op] = true
}

// useMetrics reports whether this poll should use the metrics endpoint.
func (m *memory) useMetrics() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	skip := m.skip
	m.skip = false
	return m.dialect == calls.DialectDeployed && !m.noMetrics && !skip
}

// skipMetrics makes the next poll avoid the metrics endpoint.
func (m *memory) skipMetrics() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.skip = true
}

// dropMetrics stops using the metrics endpoint.
func (m *memory) dropMetrics() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noMetrics = true
}

// pageSize returns how many calls to request per page.
func (m *memory) pageSize() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(pageSize>>(2*m.smaller), minPageSize)
}

// shrinkPages reduces the page size from now on. It reports whether that was possible.
func (m *memory) shrinkPages() bool {
	before := m.pageSize()
	m.mu.Lock()
	m.smaller++
	m.mu.Unlock()
	return m.pageSize() < before
}

// rememberRunTest records the name and agent type of a run test.
func (m *memory) rememberRunTest(t calls.RunTest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runTests == nil {
		m.runTests = map[uuid.UUID]calls.RunTest{}
	}
	m.runTests[t.ID] = calls.RunTest{Name: t.Name, AgentType: t.AgentType}
}

// rememberExecution records which run test an execution belongs to.
func (m *memory) rememberExecution(id, runTestID uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.executions[id]
	known.RunTestID = runTestID
	m.keep(id, known)
}

// keep stores what is known of an execution. The caller holds the lock.
func (m *memory) keep(id uuid.UUID, p calls.Progress) {
	if m.executions == nil {
		m.executions = map[uuid.UUID]calls.Progress{}
	}
	m.executions[id] = p
}

// complete fills in what this read of an execution omits but an earlier one contained, if it
// cannot have changed since, and records what this one contains.
func (m *memory) complete(id uuid.UUID, p calls.Progress) calls.Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.executions[id]
	if p.RunTestID == uuid.Nil {
		p.RunTestID = known.RunTestID
	}
	runTest := m.runTests[p.RunTestID]
	p.AgentType = cmp.Or(p.AgentType, known.AgentType, runTest.AgentType)
	p.RunTestName = cmp.Or(p.RunTestName, known.RunTestName, runTest.Name)
	p.StartedAt = cmp.Or(p.StartedAt, known.StartedAt)
	if p.Status.Terminal() && p.Status == known.Status {
		p.ErrorReason = cmp.Or(p.ErrorReason, known.ErrorReason)
		p.CompletedAt = cmp.Or(p.CompletedAt, known.CompletedAt)
	}
	m.keep(id, p)
	return p
}
