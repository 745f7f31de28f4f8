package simulator_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
)

// rolesOf are those of a list of messages, with their contents where those are ours.
func rolesOf(list any) string {
	var words []string
	for _, m := range list.([]any) {
		m := m.(map[string]any)
		word := m["role"].(string)
		if text := m["content"].(string); len(text) < 8 {
			word += "=" + text
		}
		if _, tools := m["tool_calls"]; tools {
			word += "+tools"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// The rules of chat.md 4.4 and 4.5.
func TestTheHistoryTellsTheNewestTurnAsSentAndOthersPlainly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{Chats: simulator.Chats{Customer: patient}}, dataset(1)...)
		_, calls := w.placed(run)
		path := callPath(calls[0]) + "chat/send-message/"
		w.begin(calls[0])
		for _, c := range []struct{ body, history string }{
			{`{"messages":[{"role":"user","content":" one ","nope":1}],"metrics":{"latency":null}}`, "user user=one user"},
			{
				`{"messages":[{"role":"assistant","content":"look","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"{}","tool_call_id":"a"},{"role":"assistant","content":"found"}]}`,
				"user assistant=one user assistant=look+tools tool={} assistant=found user",
			},
			{`{"messages":[{"role":"tool","content":"only"}]}`, "user assistant=one user assistant=look assistant=found user tool=only user"},
			{`{"messages":[{"role":"assistant","content":"four"}]}`, "user assistant=one user assistant=look assistant=found user user assistant=four user"},
		} {
			m := w.inside(w.post(path, c.body))
			if got := rolesOf(m["message_history"]); got != c.history {
				t.Errorf("got  %s\nwant %s", got, c.history)
			}
			if n := len(m["output_message"].([]any)); n != 1 {
				t.Errorf("%d messages come back", n)
			}
		}
		time.Sleep(10 * time.Second)
		lines := w.call(calls[0])["transcript"].([]any)
		turn := lines[3].(map[string]any)
		if got := fmt.Sprint(turn["role"], turn["messages"], turn["tool_calls"], len(turn["content"].([]any))); got != "assistant[look {} found] [] 3" {
			t.Errorf("the stored turn is %s", got)
		}
	})
}

// patient is a customer who never ends.
func patient(_ story.CallRef, c story.Customer) story.Customer {
	c.Patience, c.Grants = 1000, nil
	return c
}

func TestASecondBeginForgetsAndKeepsTheTranscript(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(1)...)
		id, calls := w.placed(run)
		w.begin(calls[0])
		w.say(calls[0], "one")
		time.Sleep(3 * time.Second)
		again := w.inside(w.begin(calls[0]))
		if got := len(again["message_history"].([]any)); got != 1 {
			t.Errorf("the history has %d messages", got)
		}
		sameKeys(t, "../chat/call-after-second-begin", w.get(callPath(calls[0])), 200)
		sessions := map[any]int{}
		for _, l := range w.call(calls[0])["transcript"].([]any) {
			sessions[l.(map[string]any)["session_id"]]++
		}
		if len(sessions) != 2 {
			t.Errorf("got %d sessions", len(sessions))
		}
		w.talk(calls[0], goodAnswer)
		w.after(4*time.Second, id)
		w.begin(calls[0]) // it has completed, and is open again
		if got := w.after(0, id); !strings.HasSuffix(got, ": ongoing") {
			t.Errorf("got %q", got)
		}
		if l := w.Ledger(); l.ChatTally().Begins != 4 || l.ChatTally().Begun != 1 {
			t.Errorf("got %+v", l.ChatTally())
		}
	})
}

func TestTwoTurnsAtOnceLoseOneFromTheCustomersMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{Chats: simulator.Chats{Customer: patient}}, dataset(1)...)
		_, calls := w.placed(run)
		w.begin(calls[0])
		var both sync.WaitGroup
		for _, text := range []string{"a", "b"} {
			both.Go(func() { w.inside(w.say(calls[0], text)) })
		}
		both.Wait()
		time.Sleep(5 * time.Second)
		m := w.inside(w.say(calls[0], "c"))
		if n := len(m["message_history"].([]any)); n != 5 {
			t.Errorf("the history has %d messages: %s", n, rolesOf(m["message_history"]))
		}
		time.Sleep(5 * time.Second)
		if n := len(w.call(calls[0])["transcript"].([]any)); n != 7 {
			t.Errorf("the transcript has %d lines", n)
		}
		if got := w.Ledger().ChatTally(); got.Overlaps != 1 || got.Turns != 3 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestTurnsAreStoredLateAndWithTheSwitchOutOfOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		shuffled bool
		want     string
	}{
		{"in order", false, "one two three"},
		{"shuffled", true, "two one three"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{Chats: simulator.Chats{Shuffled: c.shuffled, Customer: patient}}, dataset(1)...)
				_, calls := w.placed(run)
				w.begin(calls[0])
				for _, text := range []string{"one", "two", "three"} {
					w.inside(w.say(calls[0], text))
				}
				if n := len(w.call(calls[0])["transcript"].([]any)); n > 5 {
					t.Errorf("the last turn is stored at once")
				}
				time.Sleep(time.Minute)
				var got []string
				for _, l := range w.call(calls[0])["transcript"].([]any) {
					if l := l.(map[string]any); l["role"] == "assistant" {
						got = append(got, l["messages"].([]any)[0].(string))
					}
				}
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("got %q, want %q", s, c.want)
				}
			})
		})
	}
}

func TestALostAnswerIsActedOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		turns int
	}{
		{"lost after acting", simulator.Fault{Kind: simulator.FaultLost}, 1},
		{"503 after acting", simulator.Fault{Kind: simulator.FaultUnavailable, Handled: true}, 1},
		{"503 before acting", simulator.Fault{Kind: simulator.FaultUnavailable}, 0},
		{"429", simulator.Fault{Kind: simulator.FaultRateLimit, RetryAfter: time.Second}, 0},
		{"refused", simulator.Fault{Kind: simulator.FaultRefused}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{}, dataset(1)...)
				_, calls := w.placed(run)
				c.fault.Endpoint = talk.EndpointTurn
				w.Inject(c.fault)
				w.inside(w.begin(calls[0])) // another endpoint
				body := `{"messages":[{"role":"assistant","content":"one"}]}`
				if got, err := w.send("POST", callPath(calls[0])+"chat/send-message/", body); err == nil && got.status == 200 {
					t.Errorf("got %s", got.body)
				}
				time.Sleep(time.Minute)
				if n := len(w.call(calls[0])["transcript"].([]any)); n != 1+2*c.turns {
					t.Errorf("the transcript has %d lines", n)
				}
				w.post(callPath(calls[0])+"chat/send-message/", body)
				if got := w.Ledger().ChatTally(); got.Repeats != c.turns || got.Turns != 1+c.turns {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestSwitchesOfTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{Chats: simulator.Chats{NoALK: true, OtherKey: "key-of-the-test"}}, dataset(1)...)
		for _, path := range []string{"run-tests/provision/", "run-tests/" + run.String() + "/test-executions/"} {
			if got := w.post(runner+path, `{}`); got.status != 404 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: got %d %s", path, got.status, got.header.Get("Content-Type"))
			}
		}
		sameWords(t, "../chat/chat-execute-404-other-workspace", w.post("/simulate/run-tests/"+run.String()+"/chat-execute/", `{}`), 404)

		// The runner's endpoints look at the organisation only.
		o := simulator.Options{Chats: simulator.Chats{OtherKey: "key-of-the-test"}, AcceptUnknown: true, Agent: simulator.Text}
		other := newWorld(t, o)
		started := other.inside(other.post(runner+"run-tests/"+run.String()+"/test-executions/", `{}`))
		id := started["test_execution_id"].(string)
		sameWords(t, "../chat/batch-400-other-workspace", other.post("/simulate/test-executions/"+id+"/chat/call-executions/batch/", `{}`), 400)
		call := other.inside(other.post(runner+"test-executions/"+id+"/batch/", `{"count":1}`))["call_execution_ids"].([]any)[0].(string)
		sameWords(t, "../chat/send-404-other-workspace", other.begin(call), 404)
		sameKeys(t, "../chat/alk-result-200-other-workspace", other.patch(runner+"call-executions/"+call+"/result/", `{"status":"failed"}`), 200)
	})
}

func TestAChatOfAVoiceWorkflowIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(1)...)
		id := w.execute(run)
		time.Sleep(time.Minute)
		sameWords(t, "../chat/send-400-not-a-chat", w.begin(w.rows(id)[0]["id"].(string)), 400)
	})
}
