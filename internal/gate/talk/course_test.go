package talk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
	"github.com/agent-gate/agent-gate/internal/text"
)

// world is a server, an agent and rows.
type world struct {
	*server
	bot      *bot
	rows     []talk.Row
	settings talk.Settings
	warnings []string
	ended    int
}

// newWorld has n rows, made now, whose customers end the chat in answer to a turn.
func newWorld(n, endsAt int) *world {
	w := &world{server: newServer(), bot: newBot()}
	w.settings = talk.Settings{Concurrency: 5, TurnTimeout: time.Minute, MaxTurns: 30, Observer: talk.Observer{
		Warn:  func(s text.Untrusted) { w.warnings = append(w.warnings, s.Line()) },
		Ended: func(talk.Conversation) bool { w.ended++; return false },
	}}
	for i := range n {
		id := uuid.UUID{15: byte(i + 1), 14: byte((i + 1) >> 8)}
		w.add(id, endsAt)
		w.rows = append(w.rows, talk.Row{ID: id, Scenario: text.New(fmt.Sprintf("scenario %d", i)), MadeAt: time.Now()})
	}
	return w
}

// hold holds the conversations, and checks what holds of every run.
func (w *world) hold(ctx context.Context, t *testing.T) (talk.Result, error) {
	t.Helper()
	got, err := talk.Hold(ctx, w.server, w.bot, w.rows, w.settings)
	w.work.Wait() // the server finishes what nobody waits for
	for _, wrong := range append(w.wrong, w.bot.wrong...) {
		t.Error(wrong)
	}
	if w.bot.most > w.settings.Concurrency {
		t.Errorf("got %d questions at a time, want at most %d", w.bot.most, w.settings.Concurrency)
	}
	if len(got.Conversations) != len(w.rows) {
		t.Fatalf("got %d conversations, want one for each of %d rows", len(got.Conversations), len(w.rows))
	}
	for i, c := range got.Conversations {
		if c.Row != w.rows[i] {
			t.Errorf("conversation %d is of row %v, want %v", i, c.Row, w.rows[i])
		}
	}
	return got, err
}

// first is the outcome of the first row.
func first(r talk.Result) string {
	c := r.Conversations[0]
	return strings.TrimSpace(fmt.Sprintf("%s: %s", c.End, c.Reason.Line()))
}

func TestTheCourseOfAConversation(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		prepare func(*world)
		want    string // end: reason
		status  calls.Status
		turns   int
	}{
		{"the customer ends the chat", func(*world) {}, "ended:", calls.Analyzing, 3},
		{"the customer ends the chat without words", func(w *world) { w.calls[w.rows[0].ID].silent = true }, "ended:", calls.Analyzing, 3},
		{"as many turns as allowed", func(w *world) { w.settings.MaxTurns = 3 }, "ended:", calls.Analyzing, 3},
		{"one turn less", func(w *world) { w.settings.MaxTurns = 2 }, "turn limit: turn limit (2)", calls.Failed, 2},
		{"the agent reports an error", func(w *world) { w.fail(2, agent.KindError) },
			"agent failed: agent: it reported an error: as told", calls.Failed, 1},
		{"the agent says nothing", func(w *world) { w.bot.answer = func(agent.Question) agent.Answer { return say(" \x00\n") } },
			"agent failed: agent: empty answer", calls.Failed, 0},
		{"the agent is silent", func(w *world) { w.fail(3, agent.KindTimeout) },
			"agent failed: agent: no answer within 60s", calls.Failed, 2},
		{"the agent dies", func(w *world) { w.fail(1, agent.KindDied) },
			"agent failed: agent: process died (exit status 1)", calls.Failed, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1, 3)
				c.prepare(w)
				got, _ := w.hold(t.Context(), t)
				state := w.state(w.rows[0].ID)
				if first(got) != c.want || got.Conversations[0].Turns != c.turns {
					t.Errorf("got %q after %d turns, want %q after %d", first(got), got.Conversations[0].Turns, c.want, c.turns)
				}
				if state.status != c.status || len(state.turns) != c.turns {
					t.Errorf("the server has %s after %d turns, want %s after %d", state.status, len(state.turns), c.status, c.turns)
				}
				if c.status == calls.Failed && state.reason != got.Conversations[0].Reason.Line() {
					t.Errorf("the server has the reason %q, want ours", state.reason)
				}
				if w.ended != 1 {
					t.Errorf("the observer was told of %d ends, want 1", w.ended)
				}
			})
		})
	}
}

// fail lets the agent fail at a turn of each conversation.
func (w *world) fail(at int, kind agent.Kind) {
	w.bot.fault = func(_ string, turn int) agent.Kind {
		if turn == at {
			return kind
		}
		return ""
	}
}

func TestTheAgentGetsOurHistoryAndTheServerWholeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 3)
		w.bot.answer = func(q agent.Question) agent.Answer {
			if q.Turn != 2 {
				return say(fmt.Sprintf("answer\x00 %d", q.Turn))
			}
			return agent.Answer{
				ToolCalls:   []agent.ToolCall{{ID: text.New("a"), Name: text.New("find"), Arguments: text.New("{}")}},
				ToolResults: []agent.ToolResult{{ToolCallID: text.New("a"), Name: text.New("find")}},
			}
		}
		got, err := w.hold(t.Context(), t)
		if err != nil || first(got) != "ended:" {
			t.Fatalf("got %q, %v", first(got), err)
		}
		var told, said []string
		for _, m := range w.bot.last[w.rows[0].ID.String()].Messages {
			told = append(told, fmt.Sprintf("%s %q %d", m.Role, m.Content.Raw(), len(m.ToolCalls)))
		}
		equal(t, "the agent was told", told, []string{
			`user "Hello, I would like a refund." 0`, `assistant "answer 1" 0`, `user "customer line 2" 0`,
			`assistant "" 1`, `tool "" 0`, `user "customer line 3" 0`,
		})
		state := w.state(w.rows[0].ID)
		equal(t, "the server was told", state.turns, []string{"answer 1", "(no text)", "answer 3"})
		for _, l := range got.Conversations[0].Transcript {
			said = append(said, fmt.Sprintf("%s %q %d %s %s", l.Role, l.Text.Raw(), len(l.ToolCalls), l.At, l.Latency))
		}
		equal(t, "the transcript", said, []string{
			`customer "Hello, I would like a refund." 0 20ms 20ms`,
			`agent "answer 1" 0 70ms 50ms`, `customer "customer line 2" 0 90ms 20ms`,
			`agent "" 1 140ms 50ms`, `other "" 0 140ms 0s`, `customer "customer line 3" 0 160ms 20ms`,
			`agent "answer 3" 0 210ms 50ms`, `customer "customer line 4" 0 230ms 20ms`,
		})
		if got.Conversations[0].Duration != 230*time.Millisecond || state.latency[0] != 50*time.Millisecond {
			t.Errorf("got a duration of %s and a latency of %s, want 230ms and 50ms", got.Conversations[0].Duration, state.latency[0])
		}
	})
}

func TestALongTurnIsCutAndSaidOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3, 2)
		w.bot.answer = func(agent.Question) agent.Answer { return say(strings.Repeat("ä", 1<<20)) }
		got, _ := w.hold(t.Context(), t)
		sent := w.state(w.rows[0].ID).turns[0]
		if len(sent) > 64_000 || len(sent) < 63_990 || !strings.HasSuffix(sent, "ä…") {
			t.Errorf("got a turn of %d bytes, want one cut at 64 KB", len(sent))
		}
		if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "is longer than 64 KB and was cut") {
			t.Errorf("got the warnings %q, want one", w.warnings)
		}
		c := got.Conversations[0]
		kept := 0
		for _, l := range c.Transcript {
			kept += len([]rune(l.Text.Raw()))
		}
		if kept != calls.MaxTurnCharacters || c.Left == 0 {
			t.Errorf("got %d characters of the transcript and %d lines cut, want %d and some", kept, c.Left, calls.MaxTurnCharacters)
		}
	})
}

func TestAServerWithoutAModelIsNamedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		greet func(i int) string
		want  int
	}{
		"Hi! everywhere":             {func(int) string { return "Hi!" }, 1},
		"another first line in some": {func(i int) string { return []string{"Hi!", "Hello"}[i%2] }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(6, 3)
				w.noModel = true
				for i, row := range w.rows {
					w.calls[row.ID].first = c.greet(i)
				}
				got, _ := w.hold(t.Context(), t)
				if len(w.warnings) != c.want || first(got) != "lost: simulator: no model" {
					t.Errorf("got the warnings %q and %q, want %d warnings and a lost call", w.warnings, first(got), c.want)
				}
			})
		})
	}
}

func TestWhatCannotEndInTimeIsLeftOver(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name            string
		age, pace, each time.Duration
		rows, want      int // left over
	}{
		{"all fit", 0, 0, time.Minute, 20, 0},
		// 5 at a time, 4 minutes each: at 0, 4, … 20 minutes they end at 24, after that too late.
		{"the last ones do not", 0, 0, 4 * time.Minute, 35, 5},
		{"old rows", 20 * time.Minute, 0, 4 * time.Minute, 10, 5},
		{"rows too old for anything", 26 * time.Minute, 0, time.Minute, 4, 4},
		{"a pace known from before", 20 * time.Minute, 6 * time.Minute, time.Minute, 10, 10},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(c.rows, 1)
				w.takes, w.bot.takes = 0, c.each
				w.settings.TurnTimeout, w.settings.Pace = time.Hour, c.pace
				for i := range w.rows {
					w.rows[i].MadeAt = time.Now().Add(-c.age)
				}
				got, err := w.hold(t.Context(), t)
				left := 0
				for _, conversation := range got.Conversations {
					if conversation.End == talk.LeftOver {
						left++
						if s := w.state(conversation.ID); s.begins != 0 || s.status != calls.Pending {
							t.Errorf("a row that is left over was touched: %s", s.status)
						}
					}
				}
				if left != c.want || err != nil {
					t.Errorf("got %d left over, %v, want %d", left, err, c.want)
				}
				if left < c.rows && got.Pace != c.each {
					t.Errorf("got the pace %s, want %s", got.Pace, c.each)
				}
			})
		})
	}
}

// TestOpenConversationsCountForThePace has four that take 20 minutes beside many of one: in
// minute 13 those that are open are as old, and 13 more minutes are too many.
func TestOpenConversationsCountForThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(40, 1)
		w.takes, w.bot.takes, w.settings.TurnTimeout = 0, time.Minute, time.Hour
		w.bot.answer = func(q agent.Question) agent.Answer {
			for _, row := range w.rows[:4] {
				if q.Conversation == row.ID.String() {
					pause(19 * time.Minute)
				}
			}
			return say("yes")
		}
		got, _ := w.hold(t.Context(), t)
		begun := 0
		for _, c := range got.Conversations {
			if c.End == talk.Ended {
				begun++
			}
		}
		if begun != 4+13 {
			t.Errorf("got %d begun, want 4 long ones and 13 in the minutes 0 to 12", begun)
		}
	})
}

func TestASlowConversationHoldsOneLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(21, 10)
		w.settings.Concurrency, w.settings.TurnTimeout = 2, time.Hour
		w.bot.answer = func(q agent.Question) agent.Answer {
			if q.Conversation == w.rows[0].ID.String() {
				<-time.After(time.Minute)
			}
			return say("yes")
		}
		got, _ := w.hold(t.Context(), t)
		for i, c := range got.Conversations {
			if c.End != talk.Ended || i > 0 && c.Duration > time.Second {
				t.Errorf("row %d: got %s after %s", i, c.End, c.Duration)
			}
		}
	})
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
