package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text"
)

// history is a conversation of so many turns of 200 characters that goes on with a question.
func history(turns int) []agent.Message {
	var all []agent.Message
	for range turns - 1 {
		all = append(all,
			agent.Message{Role: agent.RoleUser, Content: text.New(strings.Repeat("question ", 22))},
			agent.Message{Role: agent.RoleAssistant, Content: text.New(strings.Repeat("answers! ", 22))})
	}
	return append(all, agent.Message{Role: agent.RoleUser, Content: text.New("and now?")})
}

// talkThrough holds conversations of 10 turns, so many at a time, until n turns are done.
func talkThrough(tb testing.TB, a agent.Agent, run string, n, concurrency int) {
	tb.Helper()
	const turns = 10
	messages := history(turns)
	conversations := make(chan int)
	var lanes sync.WaitGroup
	for range concurrency {
		lanes.Go(func() {
			for c := range conversations {
				for turn := 1; turn <= turns; turn++ {
					q := agent.Question{Conversation: fmt.Sprint(run, c), Turn: turn, Messages: messages[len(messages)-2*turn+1:]}
					if _, err := a.Ask(tb.Context(), q); err != nil {
						tb.Error(err)
						return
					}
				}
			}
		})
	}
	for c := range (n + turns - 1) / turns {
		conversations <- c
	}
	close(conversations)
	lanes.Wait()
}

// BenchmarkCommand is one turn of an agent that answers at once: all of it is overhead, that
// of the agent included. It is to stay under a millisecond.
func BenchmarkCommand(b *testing.B) {
	for _, concurrency := range []int{1, 25} {
		b.Run(fmt.Sprint("conversations=", concurrency), func(b *testing.B) {
			p := start(b, options("echo"))
			if err := p.Ready(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			talkThrough(b, p, "c", b.N, concurrency)
		})
	}
}

// BenchmarkEndpoint is the same of an endpoint, with a connection a turn.
func BenchmarkEndpoint(b *testing.B) {
	url := serve(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"content":"hello"}`)
	})
	for _, concurrency := range []int{1, 25} {
		b.Run(fmt.Sprint("conversations=", concurrency), func(b *testing.B) {
			r := endpoint(b, url, nil)
			b.ReportAllocs()
			b.ResetTimer()
			talkThrough(b, r, "c", b.N, concurrency)
		})
	}
}

// TestMemory_isThatOfWhatIsUnderWay holds 100 conversations of 10 turns, 25 at a time, with
// answers of 20 KB, and looks what is left of the 20 MB that passed.
//
//nolint:paralleltest // the heap is of the whole process
func TestMemory_isThatOfWhatIsUnderWay(t *testing.T) {
	p := start(t, options("tells as many bytes as asked"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var lanes sync.WaitGroup
	for lane := range 25 {
		lanes.Go(func() {
			for c := range 4 {
				for turn := range 10 {
					if _, err := p.Ask(t.Context(), ask(fmt.Sprint(lane, "/", c), turn+1, "20000")); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	lanes.Wait()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d KB are left", grown>>10)
	}
}
