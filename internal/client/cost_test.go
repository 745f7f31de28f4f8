package client

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/test/answers"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// gathered is an execution of n pages.
func gathered(t *testing.T, n int) Execution {
	t.Helper()
	p := pages.New(pages.Deployed, n*pageSize)
	reader := NewAnswers(newRedactor("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")).Calls(answers.Execution)
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

// heap is how many bytes are in use.
func heap() float64 {
	runtime.GC()
	runtime.GC() // pools let go of what they have with the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// TestKeptCallsAreSmall bounds what stays of a call of 13 KB with 5 evals: about 300 bytes,
// and the texts that no other call has, here 550 bytes of reasons. What is there once weighs
// more on few calls, and tests that ran before leave a little behind.
//
//nolint:paralleltest // other tests would be counted too
func TestKeptCallsAreSmall(t *testing.T) {
	for n, most := range map[int]float64{5: 1100, 20: 1000} {
		got := math.Inf(1)
		for range 3 { // what else the process does can only add to it
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
