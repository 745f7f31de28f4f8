package talk_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
)

// TestHundredConversationsTakeAsLongAsTheSlowestLane is issue 15's figure: 100 conversations of
// 10 turns, 25 at a time, an agent of about 50 ms and a server of 20 ms.
func TestHundredConversationsTakeAsLongAsTheSlowestLane(t *testing.T) {
	t.Parallel()
	for name, jitter := range map[string]time.Duration{"the same each": 0, "agents of 20 to 80 ms": 60 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(100, 10)
				w.settings.Concurrency = 25
				w.bot.takes = 50*time.Millisecond - jitter/2
				w.bot.answer = func(agent.Question) agent.Answer {
					if jitter > 0 {
						pause(time.Duration(rand.Int64N(int64(jitter)))) // any will do
					}
					return say("yes")
				}
				from := time.Now()
				got, err := w.hold(t.Context(), t)
				took := time.Since(from)
				var all, longest time.Duration
				for _, c := range got.Conversations {
					all += c.Duration
					longest = max(longest, c.Duration)
				}
				least := max(all/25, longest)
				if err != nil || float64(took) > 1.2*float64(least) {
					t.Errorf("got %s, %v, want at most 1.2 times %s", took, err, least)
				}
				t.Logf("%s, %.2f times the least of %s", took, float64(took)/float64(least), least)
			})
		})
	}
}

// instant is a server that answers at once and keeps nothing.
type instant struct{ line text.Untrusted }

func (s instant) BeginChat(context.Context, uuid.UUID) (calls.ChatReply, error) {
	return calls.ChatReply{Text: s.line}, nil
}

func (s instant) SendTurn(context.Context, uuid.UUID, []calls.ChatMessage, time.Duration) (calls.ChatReply, error) {
	return calls.ChatReply{Text: s.line}, nil
}

func (s instant) Chat(context.Context, uuid.UUID) (calls.Chat, error) { return calls.Chat{}, nil }

func (s instant) CloseChat(context.Context, uuid.UUID, calls.ChatEnd) error { return nil }

// echo is an agent that answers at once.
type echo struct{}

func (echo) Ask(_ context.Context, q agent.Question) (agent.Answer, error) {
	return agent.Answer{Content: q.Messages[len(q.Messages)-1].Content}, nil
}

func (echo) Dead() <-chan struct{} { return nil }

func (echo) Err() error { return nil }

// BenchmarkTurn is what a turn costs beside the agent and the server, and what is kept of a
// conversation.
func BenchmarkTurn(b *testing.B) {
	line := make([]byte, 300)
	for i := range line {
		line[i] = 'a' + byte(i%26)
	}
	for name, turns := range map[string]int{"10 turns": 10, "30 turns": 30} {
		b.Run(name, func(b *testing.B) {
			rows := make([]talk.Row, 100)
			for i := range rows {
				rows[i] = talk.Row{ID: uuid.UUID{15: byte(i + 1)}, MadeAt: time.Now().Add(time.Hour)}
			}
			settings := talk.Settings{Concurrency: 25, TurnTimeout: time.Minute, MaxTurns: turns}
			var kept []talk.Conversation
			b.ReportAllocs()
			for b.Loop() {
				got, _ := talk.Hold(b.Context(), instant{text.New(string(line))}, echo{}, rows, settings)
				kept = got.Conversations
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(rows)*turns), "µs/turn")
			var with, without runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&with)
			runtime.KeepAlive(kept) // up to here
			runtime.GC()
			runtime.ReadMemStats(&without)
			b.ReportMetric(float64(with.HeapAlloc-without.HeapAlloc)/float64(len(rows)), "B/conversation")
		})
	}
}
