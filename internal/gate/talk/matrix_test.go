package talk_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/talk"
)

// misfortune is a fault of a request: the n-th of its kind, or that and all later ones.
type misfortune struct {
	request string
	fault   fault
	n       int
	always  bool
}

func (m misfortune) String() string {
	times := "once"
	if m.always {
		times = "always"
	}
	return fmt.Sprintf("%s %d, %s, %s", m.request, m.n, m.fault, times)
}

// hits tells whether the n-th request of a kind meets it.
func (m misfortune) hits(request string, n int) bool {
	return request == m.request && (n == m.n || m.always && n > m.n)
}

// fatal reports whether a begin or a turn that meets it ends the conversation: chat.md 4.1 and
// 4.2 for what was lost or failed, the interface for what was refused.
func (m misfortune) fatal() bool {
	switch m.fault {
	case lostBefore, inner, bad, missing:
		return true
	case noConnect, limited, busy, busyAsks:
		return m.always
	}
	return false
}

// agentFaults are what the agent may do at its second turn.
var agentFaults = []agent.Kind{"", agent.KindError, agent.KindEmpty, agent.KindBroken, agent.KindTimeout, agent.KindDied, agent.KindUnreachable}

// TestWhoFailedAtEachFault has one conversation of three turns meet each fault at each place,
// with each fault of the agent. The first that is fatal is to blame.
func TestWhoFailedAtEachFault(t *testing.T) {
	t.Parallel()
	n := 0
	for _, kind := range agentFaults {
		for _, f := range faults {
			for _, always := range []bool{false, true} {
				for place, m := range []misfortune{{atBegin, f, 1, always}, {atTurn, f, 1, always}, {atTurn, f, 2, always}, {atTurn, f, 3, always}} {
					want := talk.Ended
					agentAt := kind != "" // before the turn 2 of place 2
					switch {
					case m.fatal() && (place <= 1 || !agentAt):
						want = talk.Lost
					case agentAt:
						want = talk.AgentFailed
					}
					n++
					meet(t, kind, want, m)
				}
			}
		}
	}
	t.Logf("%d cases", n)
}

// TestReadsMayFail loses the answer to turn 1, so that the call is read.
func TestReadsMayFail(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for _, always := range []bool{false, true} {
			m := misfortune{atRead, f, 1, always}
			want := talk.Ended
			if always {
				want = talk.Lost
			}
			meet(t, "", want, m, misfortune{atTurn, lostAfter, 1, false})
		}
	}
}

// TestClosesMayFail has the agent fail, so that the call is closed.
func TestClosesMayFail(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for _, always := range []bool{false, true} {
			meet(t, agent.KindError, talk.AgentFailed, misfortune{atClose, f, 1, always})
		}
	}
}

// TestAllMayFailTogether has each pair of a turn and a close, or a read, fail.
func TestAllMayFailTogether(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for _, g := range faults {
			for _, request := range []string{atRead, atClose} {
				m := misfortune{atTurn, f, 2, false}
				want := talk.Ended
				if m.fatal() {
					want = talk.Lost
				}
				meet(t, "", want, m, misfortune{request, g, 1, false})
			}
		}
	}
}

// meet holds a conversation that meets faults, beside one that meets none.
func meet(t *testing.T, kind agent.Kind, want talk.End, all ...misfortune) {
	t.Helper()
	t.Run(fmt.Sprintf("%v, agent %s", all, kind), func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(2, 3)
			one, other := w.rows[0].ID, w.rows[1].ID
			w.server.fault = func(id uuid.UUID, request string, n int) fault {
				for _, m := range all {
					if id == one && m.hits(request, n) {
						return m.fault
					}
				}
				return none
			}
			w.bot.fault = func(conversation string, turn int) agent.Kind {
				if conversation == one.String() && turn == 2 {
					return kind
				}
				return ""
			}
			w.bot.answer = func(q agent.Question) agent.Answer { return marked(q, "the same each time") }
			got, err := w.hold(t.Context(), t)
			c, state := got.Conversations[0], w.state(one)
			if c.End != want {
				t.Errorf("got %s (%s), want %s", c.End, c.Reason.Line(), want)
			}
			closable := true
			for _, m := range all {
				closable = closable && (m.request != atClose || !m.always || m.fault.does())
			}
			switch {
			case !closable && (c.Open == nil || state.status != calls.Ongoing):
				t.Errorf("got %v, on the server %s, want an error that it is open", c.Open, state.status)
			case closable && c.Open != nil:
				t.Errorf("got %v, want that it is closed", c.Open)
			case closable && want == talk.Ended && state.status != calls.Analyzing,
				closable && want != talk.Ended && state.status != calls.Failed:
				t.Errorf("the server has %s after %s", state.status, c.End)
			}
			if want == talk.Ended && (len(state.turns) != 3 || len(c.Transcript) != 7) {
				t.Errorf("got %d turns and %d lines, want 3 and 7", len(state.turns), len(c.Transcript))
			}
			if died := kind == agent.KindDied && want == talk.AgentFailed; died != (err != nil) {
				t.Errorf("got the error %v", err)
			}
			if end := got.Conversations[1].End; kind != agent.KindDied && (end != talk.Ended || w.state(other).status != calls.Analyzing) {
				t.Errorf("the other conversation: got %s, want %s", end, talk.Ended)
			}
		})
	})
}
