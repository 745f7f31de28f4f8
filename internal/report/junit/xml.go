package junit

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// The dialect of JUnit that GitLab, Jenkins, Azure, CircleCI and the reporters of
// GitHub all read: properties only in a suite, at most one result in a case, times in
// seconds, timestamps without a zone. It keeps to testdata/junit.xsd, and with that to
// the schemas that readers are strict about: that of Jenkins' xunit plugin (junit-10.xsd)
// knows no count of skipped cases at the root, and wants a type of each mark of a rerun.

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

// writeSuites writes suites that have been measured.
func writeSuites(w io.Writer, suites []*testSuite) error {
	var all tallies
	for _, s := range suites {
		all.join(s.tallies)
	}
	buffered := bufio.NewWriterSize(w, report.BufferSize)
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

func (b *xmlBuffer) attribute(name report.Lit, value string) {
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
func (b *xmlBuffer) suite(s *testSuite) {
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

func (b *xmlBuffer) testCase(c *testCase) {
	b.WriteString("    <testcase")
	b.attribute("classname", c.Class)
	b.attribute("name", c.Name)
	if c.Time != "" {
		b.attribute("time", c.Time)
	}
	b.WriteString(">")
	empty := b.Len()
	one := func(name report.Lit, r *testResult) {
		if r != nil {
			b.result(name, *r)
		}
	}
	all := func(name report.Lit, results []testResult) {
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

func (b *xmlBuffer) result(name report.Lit, r testResult) {
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

// bodyLimit is the most that one text in a JUnit report may take, in bytes before it
// is escaped.
const bodyLimit = 16 << 10

// body is a text of several lines for an element.
func body(t text.Untrusted) string {
	s := t.XML()
	if len(s) <= bodyLimit {
		return s
	}
	end := bodyLimit - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// title is a text of one line for an attribute. It goes through the door of lines,
// since readers print names and messages into logs.
func title(t text.Untrusted, n int) string { return t.LineMax(n) }
