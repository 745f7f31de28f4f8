package talk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
)

// A refused request is sent again when the server said, after the call was read. Without a fault
// the conversation takes 230 ms.
func TestARefusedRequestIsSentAgainWhenTheServerSaid(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, request string
		fault         fault
		most          time.Duration
		reads         int // 0 for any number
	}{
		{"a begin, 429", atBegin, limited, 4 * time.Second, 2},
		{"a begin, 503", atBegin, busyAsks, 8 * time.Second, 2},
		{"a begin, 503 that says nothing", atBegin, busy, 11 * time.Second, 0},
		{"a turn, 429", atTurn, limited, 6 * time.Second, 2},
		{"a turn, 503", atTurn, busyAsks, 8 * time.Second, 2},
		{"a turn, 503 that says nothing", atTurn, busy, 51 * time.Second, 0},
		{"a turn, 429 although it was taken", atTurn, limitedDid, 6 * time.Second, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1, 3)
				w.server.fault = func(_ uuid.UUID, request string, n int) fault {
					if request == c.request && n == 1 {
						return c.fault
					}
					return none
				}
				w.bot.answer = func(q agent.Question) agent.Answer { return marked(q, "the same each time") }
				got, err := w.hold(t.Context(), t)
				if first(got) != "ended:" || err != nil {
					t.Errorf("got %q, %v", first(got), err)
				}
				if took := got.Conversations[0].Duration; took > c.most {
					t.Errorf("it took %s, want at most %s", took, c.most)
				}
				if reads := w.state(w.rows[0].ID).asked[atRead]; c.reads > 0 && reads != c.reads {
					t.Errorf("the call was read %d times, want %d", reads, c.reads)
				}
			})
		})
	}
}

// A begin that is not answered before the end may still be carried out.
func TestABeginOfWhichNothingIsKnownMayHaveBegun(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		stop func(w *world, cancel context.CancelCauseFunc)
		want string
	}{
		{"the timeout", func(_ *world, cancel context.CancelCauseFunc) { cancel(errors.New("timed out")) },
			"cancelled: cancelled: timed out; the begin was sent, but not answered: the conversation may have begun"},
		{"the death of the agent", func(w *world, _ context.CancelCauseFunc) { w.bot.die() },
			"cancelled: cancelled: agent: process died (exit status 1); the begin was sent, but not answered: the conversation may have begun"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1, 3)
				w.hasty = true
				w.server.fault = func(_ uuid.UUID, request string, _ int) fault {
					if request == atBegin {
						return slow
					}
					return none
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				time.AfterFunc(10*time.Second, func() { c.stop(w, cancel) })
				got, _ := w.hold(ctx, t)
				if first(got) != c.want || !got.Conversations[0].End.Begun() {
					t.Errorf("got %q, want %q", first(got), c.want)
				}
			})
		})
	}
}

// A begin that was refused has not begun.
func TestARefusedBeginIsNotReached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 3)
		w.server.fault = func(_ uuid.UUID, request string, _ int) fault {
			if request == atBegin {
				return busyAsks
			}
			return none
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(errors.New("timed out")) })
		got, _ := w.hold(ctx, t)
		if first(got) != "not reached:" {
			t.Errorf("got %q, want that it was not reached", first(got))
		}
	})
}

// What a server does not close does not hold up the conversations to come.
func TestAServerThatClosesNothingIsNotAskedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(50, 3)
		w.fail(1, agent.KindError)
		w.server.fault = func(_ uuid.UUID, request string, _ int) fault {
			if request == atClose {
				return inner
			}
			return none
		}
		from := time.Now()
		got, err := w.hold(t.Context(), t)
		if took := time.Since(from); took > 20*time.Second || err != nil {
			t.Errorf("it took %s, %v", took, err)
		}
		for _, c := range got.Conversations {
			reason := ""
			if c.Open != nil {
				reason = c.Open.Error()
			}
			if c.End != talk.AgentFailed || !strings.Contains(reason, "could not be closed") || w.state(c.ID).status != calls.Ongoing {
				t.Errorf("got %s, open %q", c.End, reason)
			}
		}
	})
}
