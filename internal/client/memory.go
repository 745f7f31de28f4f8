package client

import (
	"cmp"
	"sync"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// memory is what the server's answers have shown so far (contract, "Two dialects",
// rule 4: once known, the dialect holds for the whole process).
type memory struct {
	mu         sync.Mutex
	dialect    calls.Dialect
	camel      *bool           // how reruns are written, once one was accepted
	noLimit    map[string]bool // operations whose query key limit the server refuses
	absent     map[string]bool // operations that the server has no path for
	noMetrics  bool            // the metrics read is of no use on this server
	skip       bool            // the next poll does without the metrics read
	smaller    int             // how often pages were made smaller
	runTests   map[uuid.UUID]calls.RunTest
	executions map[uuid.UUID]calls.Progress // what some reads tell and others leave out
}

// learn settles the dialect, unless it is settled.
func (m *memory) learn(d calls.Dialect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dialect == calls.DialectUnknown {
		m.dialect = d
	}
}

// knownDialect is the dialect as far as it is known.
func (m *memory) knownDialect() calls.Dialect {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialect
}

// camelRerun reports whether a rerun is written in camelCase, as the documents have
// it. While the dialect is not known it is not.
func (m *memory) camelRerun() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.camel != nil {
		return *m.camel
	}
	return m.dialect == calls.DialectDocumented
}

// learnRerun keeps the way in which a rerun was accepted. It shows the dialect, too.
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

// takesLimit reports whether op may be sent with the query key limit.
func (m *memory) takesLimit(op string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.noLimit[op]
}

// dropLimit keeps in mind that op must be sent without limit.
func (m *memory) dropLimit(op string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.noLimit == nil {
		m.noLimit = map[string]bool{}
	}
	m.noLimit[op] = true
}

// lacks reports whether the server has no path for op.
func (m *memory) lacks(op string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.absent[op]
}

// drop keeps in mind that the server has no path for op.
func (m *memory) drop(op string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.absent == nil {
		m.absent = map[string]bool{}
	}
	m.absent[op] = true
}

// useMetrics reports whether the metrics read is the one for this poll.
func (m *memory) useMetrics() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	skip := m.skip
	m.skip = false
	return m.dialect == calls.DialectDeployed && !m.noMetrics && !skip
}

// skipMetrics makes the next poll do without the metrics read.
func (m *memory) skipMetrics() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.skip = true
}

// dropMetrics gives the metrics read up.
func (m *memory) dropMetrics() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noMetrics = true
}

// pageSize is how many calls a page is asked for.
func (m *memory) pageSize() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(pageSize>>(2*m.smaller), minPageSize)
}

// shrinkPages asks for smaller pages from now on. It reports whether that can be done.
func (m *memory) shrinkPages() bool {
	before := m.pageSize()
	m.mu.Lock()
	m.smaller++
	m.mu.Unlock()
	return m.pageSize() < before
}

// rememberRunTest keeps the agent of a run test.
func (m *memory) rememberRunTest(t calls.RunTest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runTests == nil {
		m.runTests = map[uuid.UUID]calls.RunTest{}
	}
	m.runTests[t.ID] = calls.RunTest{Name: t.Name, AgentType: t.AgentType}
}

// rememberExecution keeps which run test an execution belongs to.
func (m *memory) rememberExecution(id, runTestID uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.executions[id]
	known.RunTestID = runTestID
	m.keep(id, known)
}

// keep stores what is known of an execution. The lock is held.
func (m *memory) keep(id uuid.UUID, p calls.Progress) {
	if m.executions == nil {
		m.executions = map[uuid.UUID]calls.Progress{}
	}
	m.executions[id] = p
}

// complete fills in what this read of an execution left out and an earlier one told,
// as far as it cannot have changed since; and keeps what this one tells.
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
