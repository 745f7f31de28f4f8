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

// The JUnit dialect that GitLab, Jenkins, Azure, CircleCI and GitHub's reporters all read:
// properties only in suites, at most one result per case, times in seconds, timestamps without
// a zone. It conforms to testdata/junit.xsd, and thereby to the schemas of strict readers: the
// schema of Jenkins' xunit plugin (junit-10.xsd) has no count of skipped cases at the root, and
// requires a type for each mark of a rerun.

// attributes writes the counts; the root has no count of skipped cases.
func (t tallies) attributes(b *xmlBuffer, root bool) {
	b.attribute("tests", strconv.Itoa(t.tests))
	b.attribute("failures", strconv.Itoa(t.failures))
	b.attribute("errors", strconv.Itoa(t.errors))
	if !root {
		b.attribute("skipped", strconv.Itoa(t.skipped))
	}
	b.attribute("time", seconds(t.seconds))
}

// writeSuites writes measured suites.
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

// An xmlBuffer builds XML. It escapes with encoding/xml but avoids its reflection, because a
// report has up to 100,000 cases.
type xmlBuffer struct{ bytes.Buffer }

func (b *xmlBuffer) attribute(name report.Lit, value string) {
	b.WriteByte(' ')
	b.WriteString(string(name))
	b.WriteString(`="`)
	b.escape(value)
	b.WriteByte('"')
}

// escape never fails, because buffers accept everything. It also escapes line ends, so that no
// text starts a line in a log that shows the file.
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

// suite writes the start of a suite.
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

// seconds formats a time for JUnit.
func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

// bodyLimit is the maximum size of one text in a JUnit report, in bytes before escaping.
const bodyLimit = 16 << 10

// body formats a multi-line text for an element.
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

// title formats a single-line text for an attribute. It uses the door of lines, because readers
// print names and messages to logs.
func title(t text.Untrusted, n int) string { return t.LineMax(n) }
