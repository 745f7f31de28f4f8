package client

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/test/answers"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// gathered returns an execution assembled from n pages.
func gathered(t *testing.T, n int) calls.Execution {
	t.Helper()
	p := pages.New(pages.Deployed, n*pageSize)
	reader := dialect.NewAnswers(dialect.NewRedactor("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")).Calls(answers.Execution)
	var g gathering
	for i := range n {
		var b strings.Builder
		if err := p.Write(&b, i+1, pageSize); err != nil {
			t.Fatal(err)
		}
		got, err := reader.Read(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		g.add(i+1, got)
	}
	e, err := g.execution()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// heap returns how many bytes are in use.
func heap() float64 {
	runtime.GC()
	runtime.GC() // pools are emptied by the second run
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// TestKeptCallsAreSmall limits what is kept of a call of 13 KB with 5 evals: about 300 bytes,
// plus unshared texts, here 550 bytes of reasons. Fixed costs weigh more on few calls, and
// earlier tests leave a little behind.
//
//nolint:paralleltest // other tests would be counted too
func TestKeptCallsAreSmall(t *testing.T) {
	for n, most := range map[int]float64{5: 1100, 20: 1000} {
		got := math.Inf(1)
		for range 3 { // other work of the process can only add to it
			before := heap()
			e := gathered(t, n)
			got = min(got, (heap()-before)/float64(n*pageSize))
			runtime.KeepAlive(e)
		}
		t.Logf("%d calls: %.0f bytes each", n*pageSize, got)
		if got > most {
			t.Errorf("%d calls hold %.0f bytes each, at most %.0f are allowed", n*pageSize, got, most)
		}
	}
}
