package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"testing"
	"time"
)

// The types below are an independent JUnit reader, such as CI systems have.

type readSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	readCounts
	Suites []readSuite `xml:"testsuite"`
}

type readCounts struct {
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Time     float64 `xml:"time,attr"`
}

type readSuite struct {
	Name      string `xml:"name,attr"`
	Timestamp string `xml:"timestamp,attr"`
	readCounts
	Cases []readCase `xml:"testcase"`
}

type readCase struct {
	Class     string      `xml:"classname,attr"`
	Name      string      `xml:"name,attr"`
	Time      string      `xml:"time,attr"`
	Failure   *readResult `xml:"failure"`
	Error     *readResult `xml:"error"`
	Skipped   *readResult `xml:"skipped"`
	SystemOut string      `xml:"system-out"`
}

type readResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Body    string `xml:",chardata"`
}

// readJUnit parses a report strictly: well-formed XML, correct counts at both levels, unique
// names, at most one result per case.
func readJUnit(t *testing.T, report []byte) readSuites {
	t.Helper()
	strict := xml.NewDecoder(bytes.NewReader(report))
	for {
		if _, err := strict.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
	var out readSuites
	if err := xml.Unmarshal(report, &out); err != nil {
		t.Fatal(err)
	}
	var all readCounts
	seen := map[[2]string]bool{}
	for _, s := range out.Suites {
		var n readCounts
		for _, c := range s.Cases {
			n.Tests++
			results := 0
			for _, x := range []struct {
				result *readResult
				count  *int
			}{{c.Failure, &n.Failures}, {c.Error, &n.Errors}, {c.Skipped, &n.Skipped}} {
				if x.result != nil {
					*x.count++
					results++
					if x.result.Message == "" {
						t.Errorf("%s: a result without a message", c.Name)
					}
				}
			}
			if results > 1 {
				t.Errorf("%s has %d results", c.Name, results)
			}
			if c.Time != "" {
				v, err := strconv.ParseFloat(c.Time, 64)
				if err != nil {
					t.Errorf("%s: time %q", c.Name, c.Time)
				}
				n.Time += v
			}
			key := [2]string{c.Class, c.Name}
			if seen[key] {
				t.Errorf("two cases are called %q", key)
			}
			seen[key] = true
		}
		if math.Abs(n.Time-s.Time) > 0.01 {
			t.Errorf("suite %s: time %v, want %v", s.Name, s.Time, n.Time)
		}
		n.Time = s.Time
		if n != s.readCounts {
			t.Errorf("suite %s says %+v and has %+v", s.Name, s.readCounts, n)
		}
		if _, err := time.Parse("2006-01-02T15:04:05", s.Timestamp); err != nil {
			t.Errorf("suite %s: timestamp %q", s.Name, s.Timestamp)
		}
		all.Tests, all.Failures, all.Errors = all.Tests+n.Tests, all.Failures+n.Failures, all.Errors+n.Errors
		all.Skipped, all.Time = all.Skipped+n.Skipped, all.Time+n.Time
	}
	if math.Abs(all.Time-out.Time) > 0.01 {
		t.Errorf("time %v, want %v", out.Time, all.Time)
	}
	all.Time, all.Skipped = out.Time, out.Skipped // the root has no count of skipped cases
	if all != out.readCounts {
		t.Errorf("the root says %+v, its suites %+v", out.readCounts, all)
	}
	return out
}
