package talk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
)

func TestADeadAgentEndsAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(10, 3)
		from := time.Now()
		w.bot.fault = func(c string, turn int) agent.Kind {
			switch {
			case turn == 2 && c == w.rows[2].ID.String():
				return agent.KindDied
			case turn == 2:
				return agent.KindTimeout
			}
			return ""
		}
		got, err := w.hold(t.Context(), t)
		if failure, ok := errors.AsType[*agent.Error](err); !ok || failure.Kind != agent.KindDied {
			t.Errorf("got the error %v, want that the agent died", err)
		}
		for i, c := range got.Conversations {
			want, status, reason := talk.AgentFailed, calls.Failed, "agent: process died (exit status 1)"
			if i >= 5 {
				want, status, reason = talk.NotReached, calls.Pending, ""
			}
			if c.End != want || c.Reason.Line() != reason || w.state(c.ID).status != status {
				t.Errorf("row %d: got %s (%s), on the server %s, want %s (%s), %s", i, c.End, c.Reason.Line(), w.state(c.ID).status, want, reason, status)
			}
		}
		if took := time.Since(from); took > time.Second {
			t.Errorf("it took %s, want at once", took)
		}
	})
}

func TestAnAgentThatExitsAfterItsLastAnswerHasNotFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 1)
		w.takes = 5 * time.Second
		time.AfterFunc(7*time.Second, w.bot.die) // while the server has the last turn
		got, err := w.hold(t.Context(), t)
		if first(got) != "ended:" || err != nil || len(got.Conversations[0].Transcript) != 3 {
			t.Errorf("got %q, %v, want that the customer ended the chat and was heard", first(got), err)
		}
	})
}

func TestARequestThatIsOnItsWayGetsALittleTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turn fault
		want string
	}{
		"enough":     {none, "ended:"},
		"not enough": {slow, "cancelled: cancelled: context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1, 1)
				w.takes = 500 * time.Millisecond
				w.server.fault = func(_ uuid.UUID, request string, _ int) fault {
					if request == atTurn {
						return c.turn
					}
					return none
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(w.takes+w.bot.takes+time.Millisecond, cancel) // the last turn is on its way
				got, err := w.hold(ctx, t)
				if first(got) != c.want || (err == nil) != (c.want == "ended:") {
					t.Errorf("got %q, %v, want %q", first(got), err, c.want)
				}
				if len(got.Conversations[0].Transcript) == 2 && c.turn == none {
					t.Error("the customer's last words were not heard")
				}
			})
		})
	}
}

func TestTheDeadlineOfTheRunIsNotTheAgentsTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(2, 3)
		w.fail(2, agent.KindTimeout)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		got, err := w.hold(ctx, t)
		if !errors.Is(err, context.DeadlineExceeded) || got.Conversations[1].End != talk.Cancelled {
			t.Errorf("got %q, %v, want that nobody failed", first(got), err)
		}
	})
}

func TestTheEndOfTheContextClosesWhatIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(10, 20)
		w.takes, w.bot.takes = 300*time.Millisecond, 200*time.Millisecond
		why := errors.New("interrupt signal received")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(4*time.Second, func() { cancel(why) })
		from := time.Now()
		got, err := w.hold(ctx, t)
		if !errors.Is(err, why) {
			t.Errorf("got the error %v, want the cause", err)
		}
		if took := time.Since(from); took > 6500*time.Millisecond {
			t.Errorf("it took %s, want at most 2.5s after the end", took)
		}
		for i, c := range got.Conversations {
			want, status := talk.Cancelled, calls.Cancelled
			if i >= 5 {
				want, status = talk.NotReached, calls.Pending
			}
			if c.End != want || w.state(c.ID).status != status {
				t.Errorf("row %d: got %s, on the server %s, want %s, %s", i, c.End, w.state(c.ID).status, want, status)
			}
		}
	})
}

func TestWhatTheServerDoesToACallMeanwhile(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		status calls.Status
		reason string
		want   string
	}{
		// Somebody cancels the execution: open calls are cancelled, turns answered with 400 (chat.md 6).
		{"cancelled in the dashboard", calls.Cancelled, "Cancelled by user", "cancelled: cancelled: on the server, by somebody else"},
		// 30 minutes after the row was made: failed, without a reason (chat.md 4.3).
		{"failed by the server's job", calls.Failed, "", "lost: simulator: turn 3: Messages are required"},
		{"ended by the customer", calls.Analyzing, "", "ended:"},
		{"failed with a reason", calls.Failed, "Insufficient balance", "lost: simulator: Insufficient balance"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(1, 5)
				w.server.fault = func(id uuid.UUID, request string, n int) fault {
					if request == atTurn && n == 3 {
						w.calls[id].status, w.calls[id].reason = c.status, c.reason
						return bad
					}
					return none
				}
				got, err := w.hold(t.Context(), t)
				state := w.state(w.rows[0].ID)
				if first(got) != c.want || err != nil || state.closes != 0 || state.status != c.status {
					t.Errorf("got %q, %v, and %d closes, want %q and none", first(got), err, state.closes, c.want)
				}
			})
		})
	}
}

func TestNothingIsBegunOnceTheContextHasEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3, 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got, err := w.hold(ctx, t)
		if !errors.Is(err, context.Canceled) || first(got) != "not reached:" || w.state(w.rows[0].ID).begins != 0 {
			t.Errorf("got %q, %v, want that nothing is begun", first(got), err)
		}
	})
}

func TestNoRowsAreNoError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if got, err := newWorld(0, 1).hold(t.Context(), t); err != nil || len(got.Conversations) != 0 {
			t.Errorf("got %v, %v, want nothing", got, err)
		}
	})
}

func TestTheObserverCanStopFurtherBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(10, 3)
		w.settings.Concurrency = 2
		begun, ended := 0, 0
		w.settings.Observer.Begun = func(talk.Row) { begun++ }
		w.settings.Observer.Ended = func(talk.Conversation) bool { ended++; return ended >= 3 }
		got, err := w.hold(t.Context(), t)
		reached := 0
		for _, c := range got.Conversations {
			if c.End == talk.Ended {
				reached++
			} else if c.End != talk.NotReached {
				t.Errorf("got %s, want ended or not reached", c.End)
			}
		}
		if err != nil || reached != begun || reached < 3 || reached > 5 {
			t.Errorf("got %d ended and %d begun, %v, want those that were begun", reached, begun, err)
		}
	})
}
