// Package statistics_test makes the tables of figures in the documents, and holds the documents against them.
//
//	go test ./test/statistics -update
//
// writes them anew: what can be computed exactly, the rest from 20,000 simulated runs in each cell, always of
// the same seeds. Without -update simulated cells are drawn from fewer runs, and may differ by chance.
package statistics_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables into the documents")

// How many runs a simulated cell is drawn from.
const (
	manyRuns = 20_000
	fewRuns  = 250
)

// runs is how many runs to simulate in each cell.
func runs() int {
	if *update {
		return manyRuns
	}
	return fewRuns
}

// cell is a figure of a table.
type cell struct {
	text string
	// percent is the figure if it is simulated; otherwise it is exact.
	percent   float64
	simulated bool
}

// exact is a cell that is computed, in percent.
func exact(share float64) cell { return cell{text: fmt.Sprintf("%.1f", 100*share)} }

// words is a cell of words.
func words(format string, args ...any) cell { return cell{text: fmt.Sprintf(format, args...)} }

// drawn is a cell that is simulated: how often something held in so many runs.
func drawn(held, runs int) cell {
	percent := 100 * float64(held) / float64(runs)
	return cell{text: fmt.Sprintf("%.1f", percent), percent: percent, simulated: true}
}

// hold compares a document's table with what it should be, or writes it. The table stands below the comment
// `<!-- table NAME -->`.
func hold(t *testing.T, document, name string, rows [][]cell) {
	t.Helper()
	path := "../../docs/" + document
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), "<!-- table "+name+" -->\n")
	lines := strings.SplitAfter(rest, "\n")
	end := 0
	for end < len(lines) && strings.HasPrefix(lines[end], "|") {
		end++
	}
	if !found || end < 2 {
		t.Fatalf("%s has no table %s", document, name)
	}
	if *update {
		var b strings.Builder
		for _, row := range rows {
			for _, c := range row {
				b.WriteString("| " + c.text + " ")
			}
			b.WriteString("|\n")
		}
		all := before + "<!-- table " + name + " -->\n" + lines[0] + lines[1] + b.String() + strings.Join(lines[end:], "")
		if err := os.WriteFile(path, []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if end-2 != len(rows) {
		t.Fatalf("%s, table %s: %d rows, want %d", document, name, end-2, len(rows))
	}
	for i, row := range rows {
		shown := strings.Split(strings.Trim(lines[i+2], "|\n"), "|")
		if len(shown) != len(row) {
			t.Errorf("%s, table %s, row %d: %d cells, want %d", document, name, i+1, len(shown), len(row))
			continue
		}
		for k, c := range row {
			if got := strings.TrimSpace(shown[k]); !c.agrees(got) {
				t.Errorf("%s, table %s, row %d: %q, want %q; go test ./test/statistics -update writes it", document, name, i+1, got, c.text)
			}
		}
	}
}

// agrees reports whether a document's figure is the cell's, for a simulated one as far as chance allows.
func (c cell) agrees(shown string) bool {
	if !c.simulated {
		return shown == c.text
	}
	var v float64
	if _, err := fmt.Sscan(shown, &v); err != nil {
		return false
	}
	p := min(max(v, 0.5), 99.5)
	return math.Abs(v-c.percent) <= 4.5*math.Sqrt(p*(100-p)/fewRuns)
}
