package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"iter"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The dialect of JUnit that GitLab, Jenkins, Azure, CircleCI and the reporters of
// GitHub all read: properties only in a suite, at most one result in a case, times in
// seconds, timestamps without a zone. It keeps to testdata/junit.xsd, and with that to
// the schemas that readers are strict about: that of Jenkins' xunit plugin (junit-10.xsd)
// knows no count of skipped cases at the root, and wants a type of each mark of a rerun.

type junitCase struct {
	Class, Name string
	Time        string // empty when not known
	// In the order in which Surefire's schema has them.
	Failure       *junitResult
	RerunFailures []junitResult
	FlakyFailures []junitResult
	Skipped       *junitResult
	Error         *junitResult
	RerunErrors   []junitResult
	SystemOut     string

	seconds float64
}

// A junitResult says it twice, since GitLab shows only the body and others only the
// message.
type junitResult struct {
	Message string
	Type    string // left out when empty
	Body    string
	Stack   string // in place of the body, in the marks of a rerun
}

type junitProperty struct{ Name, Value string }

// tallies are the counts that readers trust without counting.
type tallies struct {
	tests, failures, errors, skipped int
	seconds                          float64
}

func (t *tallies) add(c *junitCase) {
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

// attributes writes the counts; those of the root know nothing of skipped cases.
func (t tallies) attributes(b *xmlBuffer, root bool) {
	b.attribute("tests", strconv.Itoa(t.tests))
	b.attribute("failures", strconv.Itoa(t.failures))
	b.attribute("errors", strconv.Itoa(t.errors))
	if !root {
		b.attribute("skipped", strconv.Itoa(t.skipped))
	}
	b.attribute("time", seconds(t.seconds))
}

// A junitSuite is a suite whose cases are made when they are asked for.
type junitSuite struct {
	name       string
	timestamp  time.Time
	properties []junitProperty
	cases      iter.Seq[junitCase]
	rest       lit // what a case that counts the left out ones says after their number

	// What measure finds.
	tallies tallies
	size    int // bytes of the cases
	written int // cases that fit
	left    *junitCase
}

// restReserve is kept for the case that counts those that do not fit.
const restReserve = 1 << 10

// measure finds how many cases fit into limit bytes, and counts them.
func (s *junitSuite) measure(limit int) {
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

// restCase stands for cases that did not fit, and is as bad as the worst of them: a file
// of a run that failed must not look like one that passed.
func restCase(left tallies, what lit) *junitCase {
	c := &junitCase{Class: gateClass, Name: strconv.Itoa(left.tests) + string(what), Time: seconds(0)}
	message := "left out, so that the file stays below the limit of GitLab: " + strconv.Itoa(left.failures) + " failures, " +
		strconv.Itoa(left.errors) + " errors, " + strconv.Itoa(left.skipped) + " skipped"
	result := &junitResult{Message: message, Type: "left_out", Body: message}
	switch {
	case left.failures > 0:
		c.Failure = result
	case left.errors > 0:
		c.Error = result
	default:
		c.Skipped = &junitResult{Message: message}
	}
	return c
}

// writeSuites writes suites that have been measured.
func writeSuites(w io.Writer, suites []*junitSuite) error {
	var all tallies
	for _, s := range suites {
		all.join(s.tallies)
	}
	buffered := bufio.NewWriterSize(w, bufferSize)
	var b xmlBuffer
	b.WriteString(xml.Header + "<testsuites")
	b.attribute("name", "agent-gate")
	all.attributes(&b, true)
	b.WriteString(">\n")
	for _, s := range suites {
		b.suite(s)
		n := 0
		for c := range s.cases {
			if n++; n > s.written {
				break
			}
			b.testCase(&c)
			if _, err := b.WriteTo(buffered); err != nil {
				return err
			}
		}
		if s.left != nil {
			b.testCase(s.left)
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	if _, err := b.WriteTo(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

// An xmlBuffer is XML in the making. It leaves escaping to encoding/xml, but does without
// its reflection: a report has up to a hundred thousand cases.
type xmlBuffer struct{ bytes.Buffer }

func (b *xmlBuffer) attribute(name lit, value string) {
	b.WriteByte(' ')
	b.WriteString(string(name))
	b.WriteString(`="`)
	b.escape(value)
	b.WriteByte('"')
}

// escape never fails: a buffer takes everything. Ends of lines are escaped too, so that
// no text stands at the start of a line of a log that shows the file.
func (b *xmlBuffer) escape(s string) {
	from := 0
	for i := range len(s) {
		var escaped string
		switch c := s[i]; {
		case c == '&':
			escaped = "&amp;"
		case c == '<':
			escaped = "&lt;"
		case c == '>':
			escaped = "&gt;"
		case c == '"':
			escaped = "&#34;"
		case c == '\'':
			escaped = "&#39;"
		case c == '\n':
			escaped = "&#xA;"
		case c < ' ' || c > '~': // not plain ASCII
			_ = xml.EscapeText(b, []byte(s[from:]))
			return
		default:
			continue
		}
		b.WriteString(s[from:i])
		b.WriteString(escaped)
		from = i + 1
	}
	b.WriteString(s[from:])
}

// suite opens a suite.
func (b *xmlBuffer) suite(s *junitSuite) {
	b.WriteString("  <testsuite")
	b.attribute("name", s.name)
	s.tallies.attributes(b, false)
	if !s.timestamp.IsZero() {
		b.attribute("timestamp", s.timestamp.UTC().Format("2006-01-02T15:04:05"))
	}
	b.WriteString(">\n")
	if len(s.properties) == 0 {
		return
	}
	b.WriteString("    <properties>\n")
	for _, p := range s.properties {
		b.WriteString("      <property")
		b.attribute("name", p.Name)
		b.attribute("value", p.Value)
		b.WriteString("></property>\n")
	}
	b.WriteString("    </properties>\n")
}

func (b *xmlBuffer) testCase(c *junitCase) {
	b.WriteString("    <testcase")
	b.attribute("classname", c.Class)
	b.attribute("name", c.Name)
	if c.Time != "" {
		b.attribute("time", c.Time)
	}
	b.WriteString(">")
	empty := b.Len()
	one := func(name lit, r *junitResult) {
		if r != nil {
			b.result(name, *r)
		}
	}
	all := func(name lit, results []junitResult) {
		for _, r := range results {
			b.result(name, r)
		}
	}
	one("failure", c.Failure)
	all("rerunFailure", c.RerunFailures)
	all("flakyFailure", c.FlakyFailures)
	one("skipped", c.Skipped)
	one("error", c.Error)
	all("rerunError", c.RerunErrors)
	if c.SystemOut != "" {
		b.WriteString("\n      <system-out>")
		b.escape(c.SystemOut)
		b.WriteString("</system-out>")
	}
	if b.Len() > empty {
		b.WriteString("\n    ")
	}
	b.WriteString("</testcase>\n")
}

func (b *xmlBuffer) result(name lit, r junitResult) {
	b.WriteString("\n      <" + string(name))
	b.attribute("message", r.Message)
	if r.Type != "" {
		b.attribute("type", r.Type)
	}
	b.WriteByte('>')
	b.escape(r.Body)
	if r.Stack != "" {
		b.WriteString("<stackTrace>")
		b.escape(r.Stack)
		b.WriteString("</stackTrace>")
	}
	b.WriteString("</" + string(name) + ">")
}

// seconds prints a time as JUnit has it.
func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

// junitText is the most that one text in a JUnit report may take, in bytes before it
// is escaped.
const junitText = 16 << 10

// body is a text of several lines for an element.
func body(t text.Untrusted) string {
	s := t.XML()
	if len(s) <= junitText {
		return s
	}
	end := junitText - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// title is a text of one line for an attribute. It goes through the door of lines,
// since readers print names and messages into logs.
func title(t text.Untrusted, n int) string { return t.LineMax(n) }
