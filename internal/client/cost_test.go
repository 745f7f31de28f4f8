package client

import (
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// TestReadingAllocatesLittle bounds how often memory is taken for a call, and with it the
// work of the collector. A call of 5 evals needs some 28 pieces: its numbers and times, its
// results and their reasons, which are also searched for secrets, and what its labels are read
// with; the race detector makes a sync.Pool forget some of what is put into it, which costs a
// few more.
//
//nolint:paralleltest // other tests would be counted too
func TestReadingAllocatesLittle(t *testing.T) {
	secrets := realSecrets()
	for shape, most := range map[pages.Shape]float64{pages.Deployed: 36, pages.Documented: 30} {
		body := bigPage(shape)
		reader := pageReader{execution: storyExecution, calls: true, secrets: secrets, spare: &sync.Pool{}}
		got := testing.AllocsPerRun(10, func() {
			if _, err := reader.Read(strings.NewReader(body)); err != nil {
				t.Fatal(err)
			}
		}) / pageSize
		t.Logf("%s: %.1f allocations a call", shape, got)
		if got > most {
			t.Errorf("%s: %.1f allocations a call, at most %.0f are allowed", shape, got, most)
		}
	}
}

// TestSkippingAllocatesNothing bounds what a poll costs, which skips all calls.
//
//nolint:paralleltest // other tests would be counted too
func TestSkippingAllocatesNothing(t *testing.T) {
	body := bigPage(pages.Deployed)
	s := newScanner(strings.NewReader(body))
	if got := testing.AllocsPerRun(10, func() {
		s.start(strings.NewReader(body))
		if err := s.skip(); err != nil {
			t.Fatal(err)
		}
	}); got > 1 { // the reader of the string
		t.Errorf("got %.0f allocations", got)
	}
}

// gathered is an execution of n pages.
func gathered(t *testing.T, n int) Execution {
	t.Helper()
	p := pages.New(pages.Deployed, n*pageSize)
	reader := pageReader{execution: storyExecution, calls: true, secrets: realSecrets(), spare: &sync.Pool{}}
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

func TestValuesThatAreTextsAreCutAsReasonsAre(t *testing.T) {
	t.Parallel()
	long := text.New(strings.Repeat("words ", 200))
	said := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValueText, Labels: []text.Untrusted{long}}}
	chosen := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValueChoices, Labels: []text.Untrusted{long}}}
	call := Call{Evals: []Eval{NewEval(said), NewEval(chosen)}}
	if n := Shorten([]Call{call}, 500); n != 1 {
		t.Errorf("%d texts were cut, want 1", n)
	}
	if got := call.Evals[0].Value().Labels[0].Raw(); len(got) != 480+len("…") {
		t.Errorf("%d bytes of a text are left", len(got))
	}
	if got := call.Evals[1].Value().Labels[0]; got != long {
		t.Error("a label was cut, by which the call is judged")
	}
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

func TestReasonsOfManyCallsAreCut(t *testing.T) {
	t.Parallel()
	long, short := strings.Repeat("because ", 60), "because "
	yes := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValuePass, Passed: true}}
	no, lost := EvalResult{State: EvalScored, Value: EvalValue{Kind: ValuePass}}, EvalResult{State: EvalErrored}
	for _, c := range []struct {
		name    string
		share   int
		results []EvalResult
		reasons []string
		want    []int // bytes that are left of each
	}{
		{"there is room for all", 5000, []EvalResult{yes, no, lost}, []string{long, long, long}, []int{480, 480, 480}},
		{"one no goes before a yes", 1000, []EvalResult{yes, no, yes}, []string{long, long, long}, []int{230, 480, 230}},
		{"what is missing is a no", 700, []EvalResult{yes, lost}, []string{long, long}, []int{180, 480}},
		{"what a short one leaves is for the others", 800, []EvalResult{no, no}, []string{short, long}, []int{8, 480}},
		{"too little is nothing", 550, []EvalResult{no, yes}, []string{long, long}, []int{480, 0}},
		{"a hundred thousand calls", maxReasons / 100_000, []EvalResult{no, yes, yes}, []string{long, long, long}, []int{63, 0, 0}},
		{"no reason", 0, []EvalResult{no}, []string{""}, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			calls := make([]Call, 2)
			for i := range calls {
				calls[i].EndedReason, calls[i].SkipReason = text.New(long), text.New(short)
				for k, r := range c.results {
					r.Reason = text.New(c.reasons[k])
					calls[i].Evals = append(calls[i].Evals, NewEval(r))
				}
			}
			Shorten(calls, c.share)
			for _, call := range calls {
				if got := len(call.EndedReason.Raw()); got != min(len(long), max(c.share, 100)+len("…")) || call.SkipReason.Raw() != short {
					t.Errorf("%d bytes are left of why it ended, and it was skipped because %q", got, call.SkipReason.Raw())
				}
				for k, e := range call.Evals {
					got := strings.TrimSuffix(e.Reason.Raw(), "…")
					if len(got) != c.want[k] || !strings.HasPrefix(c.reasons[k], got) {
						t.Errorf("eval %d: got %d bytes of its reason, want %d", k, len(got), c.want[k])
					}
				}
			}
		})
	}
}
