package report_test

import (
	"io"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

// A run of 100,000 calls must take neither minutes nor all the memory. Times depend on the
// machine; the allocations per additional call do not.
//
//nolint:paralleltest // AllocsPerRun counts what others allocate, too
func TestACallMoreCostsLittle(t *testing.T) {
	few, many := reporttest.Large(1000, 20), reporttest.Large(3000, 20)
	most := map[string]float64{
		"terminal": 8,  // why calls were not good
		"summary":  60, // the first thousands that did not succeed
		"json":     10,
		"junit":    60,
		"html":     60,
		"metrics":  0.5,
		"links":    0.5,
		"ctrf":     60,
	}
	for _, x := range renderings() {
		count := func(r report.Report) float64 {
			return testing.AllocsPerRun(1, func() {
				if err := x.write(io.Discard, r); err != nil {
					t.Error(err)
				}
			})
		}
		if got := (count(many) - count(few)) / 2000; got > most[x.name] {
			t.Errorf("%s: %.1f allocations for a call more, want at most %v", x.name, got, most[x.name])
		}
	}
}

func TestReportsOfManyCallsAreOfASizeToLookAt(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(5000, 50)
	most := map[string]int{
		"terminal": 20_000, "summary": markdown.SummaryLimit, "json": 8_000_000, "junit": 3_000_000, "html": 3_000_000,
		"metrics": 40_000, "links": 8_000, "ctrf": 5_000_000,
	}
	for _, x := range renderings() {
		size := counter{}
		if err := x.write(&size, r); err != nil {
			t.Fatal(err)
		}
		if size.n > most[x.name] || size.n == 0 {
			t.Errorf("%s: %d bytes, want at most %d", x.name, size.n, most[x.name])
		}
		t.Logf("%s: %d bytes", x.name, size.n)
	}
}
