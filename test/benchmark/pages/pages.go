// Package pages generates the pages of large executions for the benchmarks: as large as the
// deployed server's, and as fast as memory can be copied.
package pages

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Shape is the form of a page.
type Shape string

// The shapes.
const (
	// Deployed is the row of the deployed server: 13 KB with 5 evals, and the graph of
	// its scenario in every row (contract, section 9).
	Deployed Shape = "deployed"
	// Documented is the call of get-test-execution.txt with a transcript of 30 turns.
	Documented Shape = "documented"
)

// Execution is the id of the execution that all pages belong to.
const Execution = "fc0dc4e3-a109-4ea2-b2ea-0c28f5d6dba9"

// Scenarios is the number of scenarios of the calls.
const Scenarios = 40

// Pages writes the pages of an execution.
type Pages struct {
	shape Shape
	calls int
	row   []string // its constant parts, with the variable ones between them
}

// What differs from row to row.
const (
	markID       = "@id@"
	markNumber   = "@number@"
	markScore    = "@score@"
	markPassed   = "@passed@"
	markScenario = "@scenario@"
)

// New returns the pages of an execution with the given number of calls.
func New(shape Shape, calls int) *Pages {
	row := deployedRow()
	if shape == Documented {
		row = documentedRow()
	}
	b, err := json.Marshal(row)
	if err != nil {
		panic(err) // maps and strings always encode
	}
	// A score is a number, which cannot be marked like a string.
	s := strings.ReplaceAll(string(b), `"`+markScore+`"`, markScore)
	return &Pages{shape: shape, calls: calls, row: strings.Split(s, "@")}
}

// Call appends call n to b.
func (p *Pages) Call(b []byte, n int) []byte {
	for i, part := range p.row {
		if i%2 == 0 {
			b = append(b, part...)
			continue
		}
		switch "@" + part + "@" {
		case markID:
			b = fmt.Appendf(b, "%08x-0000-4000-8000-000000000000", n+1)
		case markNumber:
			b = strconv.AppendInt(b, int64(n), 10)
		case markScore:
			b = strconv.AppendFloat(b, float64(n%19)/2, 'f', 1, 64)
		case markPassed:
			b = append(b, [...]string{"Passed", "Passed", "Passed", "Failed"}[n%4]...)
		case markScenario:
			b = strconv.AppendInt(b, int64(n%Scenarios), 10)
		}
	}
	return b
}

// Write writes page n, counted from 1, with the given number of calls.
func (p *Pages) Write(w io.Writer, n, limit int) error {
	from, to := min((n-1)*limit, p.calls), min(n*limit, p.calls)
	b := fmt.Appendf(nil, `{"count":%d,"next":null,"total_pages":%d,"current_page":%d,"column_order":[],"status":"completed","agent_type":"voice","results":[`,
		p.calls, (p.calls+limit-1)/limit, n)
	if p.shape == Documented {
		b = fmt.Appendf(nil, `{"id":%q,"status":"completed","total_calls":%d,"completed_calls":%d,"calls":[`, Execution, p.calls, p.calls)
	}
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ',')
		}
		b = p.Call(b, i)
		if len(b) > 32<<10 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(append(b, "]}"...))
	return err
}
