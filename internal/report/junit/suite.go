package junit

import (
	"iter"
	"strconv"
	"time"

	"github.com/agent-gate/agent-gate/internal/report"
)

type testCase struct {
	Class, Name string
	Time        string // empty if unknown
	// In the order of Surefire's schema.
	Failure       *testResult
	RerunFailures []testResult
	FlakyFailures []testResult
	Skipped       *testResult
	Error         *testResult
	RerunErrors   []testResult
	SystemOut     string

	seconds float64
}

// A testResult has its text twice, because GitLab only shows the body, and others only the
// message.
type testResult struct {
	Message string
	Type    string // omitted if empty
	Body    string
	Stack   string // instead of the body, in marks of reruns
}

type suiteProperty struct{ Name, Value string }

// tallies are the counts, which readers trust without counting.
type tallies struct {
	tests, failures, errors, skipped int
	seconds                          float64
}

func (t *tallies) add(c *testCase) {
	t.tests++
	t.seconds += c.seconds
	switch {
	case c.Failure != nil:
		t.failures++
	case c.Error != nil:
		t.errors++
	case c.Skipped != nil:
		t.skipped++
	}
}

func (t *tallies) join(o tallies) {
	t.tests += o.tests
	t.failures += o.failures
	t.errors += o.errors
	t.skipped += o.skipped
	t.seconds += o.seconds
}

// A testSuite is a suite whose cases are generated on demand.
type testSuite struct {
	name       string
	timestamp  time.Time
	properties []suiteProperty
	cases      iter.Seq[testCase]
	rest       report.Lit // name of the case that counts left-out ones, after the number

	// Set by measure.
	tallies tallies
	size    int // bytes of the cases
	written int // number of cases that fit
	left    *testCase
}

// restReserve is reserved for the case that counts what does not fit.
const restReserve = 1 << 10

// measure determines how many cases fit into limit bytes, and counts them.
func (s *testSuite) measure(limit int) {
	var b xmlBuffer
	var worst tallies // of those that do not fit
	for c := range s.cases {
		if worst.tests == 0 {
			b.Reset()
			b.testCase(&c)
			if s.size+b.Len()+restReserve <= limit {
				s.size += b.Len()
				s.written++
				s.tallies.add(&c)
				continue
			}
		}
		worst.add(&c)
	}
	if worst.tests == 0 {
		return
	}
	s.left = restCase(worst, s.rest)
	s.tallies.add(s.left)
}

// restCase stands for cases that did not fit. It is as bad as the worst of them: the file of a
// failed run must not look like a pass.
func restCase(left tallies, what report.Lit) *testCase {
	c := &testCase{Class: gateClass, Name: strconv.Itoa(left.tests) + string(what), Time: seconds(0)}
	message := "left out to keep the file under GitLab's size limit: " + strconv.Itoa(left.failures) + " failures, " +
		strconv.Itoa(left.errors) + " errors, " + strconv.Itoa(left.skipped) + " skipped"
	result := &testResult{Message: message, Type: "left_out", Body: message}
	switch {
	case left.failures > 0:
		c.Failure = result
	case left.errors > 0:
		c.Error = result
	default:
		c.Skipped = &testResult{Message: message}
	}
	return c
}
