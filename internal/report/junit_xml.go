package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The dialect of JUnit that GitLab, Jenkins, Azure, CircleCI and the reporters of
// GitHub all read (github.com/testmoapp/junitxml): properties only in a suite, at
// most one result in a case, times in seconds, timestamps without a zone.

type junitCase struct {
	XMLName   xml.Name     `xml:"testcase"`
	Class     string       `xml:"classname,attr"`
	Name      string       `xml:"name,attr"`
	Time      string       `xml:"time,attr,omitempty"`
	Failure   *junitResult `xml:"failure"`
	Error     *junitResult `xml:"error"`
	Skipped   *junitResult `xml:"skipped"`
	SystemOut string       `xml:"system-out,omitempty"`
	seconds   float64
}

// A junitResult says it twice, since GitLab shows only the body and others only the
// message.
type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Body    string `xml:",chardata"`
}

type junitProperty struct {
	XMLName xml.Name `xml:"property"`
	Name    string   `xml:"name,attr"`
	Value   string   `xml:"value,attr"`
}

// tallies are the counts that readers trust without counting.
type tallies struct {
	tests, failures, errors, skipped int
	seconds                          float64
}

func (t *tallies) add(c junitCase) {
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

func (t tallies) attributes() []xml.Attr {
	return []xml.Attr{
		attribute("tests", strconv.Itoa(t.tests)),
		attribute("failures", strconv.Itoa(t.failures)),
		attribute("errors", strconv.Itoa(t.errors)),
		attribute("skipped", strconv.Itoa(t.skipped)),
		attribute("time", seconds(t.seconds)),
	}
}

func attribute(name, value string) xml.Attr {
	return xml.Attr{Name: xml.Name{Local: name}, Value: value}
}

// A junitSuite is a suite whose cases are encoded already, so that its size is known
// while it grows.
type junitSuite struct {
	name       string
	timestamp  time.Time
	properties []junitProperty
	tallies    tallies
	cases      bytes.Buffer
}

// add encodes a case and appends it, unless the suite would then be larger than limit
// bytes.
func (s *junitSuite) add(c junitCase, limit int) (bool, error) {
	encoded, err := xml.MarshalIndent(c, "    ", "  ")
	if err != nil {
		return false, err
	}
	if s.cases.Len()+len(encoded)+1 > limit {
		return false, nil
	}
	s.cases.Write(encoded)
	s.cases.WriteByte('\n')
	s.tallies.add(c)
	return true, nil
}

func (s *junitSuite) writeTo(w io.Writer) error {
	start := xml.StartElement{Name: xml.Name{Local: "testsuite"}}
	start.Attr = append([]xml.Attr{attribute("name", s.name)}, s.tallies.attributes()...)
	if !s.timestamp.IsZero() {
		start.Attr = append(start.Attr, attribute("timestamp", s.timestamp.UTC().Format("2006-01-02T15:04:05")))
	}
	if err := openElement(w, "  ", start); err != nil {
		return err
	}
	if len(s.properties) > 0 {
		b, err := xml.MarshalIndent(struct {
			XMLName    xml.Name `xml:"properties"`
			Properties []junitProperty
		}{Properties: s.properties}, "    ", "  ")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	if _, err := s.cases.WriteTo(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "  </testsuite>\n")
	return err
}

// openElement writes a start tag on a line of its own.
func openElement(w io.Writer, indent string, start xml.StartElement) error {
	var b bytes.Buffer
	b.WriteString(indent)
	e := xml.NewEncoder(&b)
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	if err := e.Flush(); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := b.WriteTo(w)
	return err
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
