package simulator_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestChatsAreShownAsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(3)...)
		base := "/simulate/run-tests/" + run.String() + "/"
		started := w.post(base+"chat-execute/", `{}`)
		sameKeys(t, "../chat/chat-execute-200", started, 200)
		id := uuid.MustParse(w.inside(started)["execution_id"].(string))
		sameKeys(t, "../chat/execution-pending-no-calls", w.get(executionPath(id)+"?limit=1"), 200)
		rows := w.post(batchPath(id), ``)
		sameKeys(t, "../chat/batch-200", rows, 200)
		var calls []string
		for _, c := range w.inside(rows)["call_execution_ids"].([]any) {
			calls = append(calls, c.(string))
		}
		sameKeys(t, "../chat/call-pending", w.get(callPath(calls[0])), 200)
		sameKeys(t, "../chat/begin-200", w.begin(calls[0]), 200)
		sameShape(t, "chat/call-ongoing-begun.json", w.get(callPath(calls[0])), 200, false, "$.scenario_columns", "$.duration")
		sameKeys(t, "../chat/execution-running", w.get(executionPath(id)+"?limit=1"), 200)
		sameKeys(t, "../chat/turn-200-role-assistant", w.say(calls[0], "one"), 200)
		sameKeys(t, "../chat/call-ongoing-2-turns", w.get(callPath(calls[0])), 200)
		for _, c := range calls[1:] {
			w.talk(c, goodAnswer)
		}
		for !w.inside(w.say(calls[0], goodAnswer))["chat_ended"].(bool) {
			time.Sleep(time.Second)
		}
		if got := w.after(time.Minute, id); got != "completed: completed completed completed" {
			t.Fatalf("got %q", got)
		}
		sameShape(t, "chat/call-completed.json", w.get(callPath(calls[0])), 200, false,
			"$.scenario_columns", "$.duration", "$.eval_outputs", "$.eval_metrics", "$.overall_score", "$.csat_score")
		sameKeys(t, "../chat/execution-completed-chat", w.get(executionPath(id)+"?limit=100"), 200)
		sameKeys(t, "../chat/executions-200-chat", w.get(base+"executions/?limit=10"), 200)
		sameKeys(t, "../chat/sdk-metrics-200-chat", w.get("/sdk/api/v1/simulation/metrics/?execution_id="+id.String()), 200)
		sameKeys(t, "../chat/cancel-200-chat", w.post(executionPath(id)+"cancel/", ``), 200)
		sameKeys(t, "../chat/batch-400-none-left", w.post(batchPath(id), ``), 400)
	})
}

func TestEndsOfChatsAreShownAsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(4)...)
		id, calls := w.placed(run)
		w.begin(calls[0])
		for i, status := range []string{"failed", "completed", "cancelled"} {
			sameShape(t, "chat/patch-200-"+status+".json", w.patch(callPath(calls[i]), `{"status":"`+status+`","ended_reason":"max turns"}`), 200, false,
				"$.call_metadata", "$.started_at")
		}
		sameKeys(t, "../chat/alk-result-200-failed", w.patch(runner+"call-executions/"+calls[3]+"/result/", `{"status":"failed","ended_reason":"agent: no answer within 60 s"}`), 200)
		sameKeys(t, "../chat/alk-result-200-completed", w.patch(runner+"call-executions/"+calls[0]+"/result/", `{"status":"completed"}`), 200)
		w.after(time.Minute, id)
		sameShape(t, "chat/call-completed-by-alk-result.json", w.get(callPath(calls[0])), 200, false,
			"$.scenario_columns", "$.duration", "$.eval_outputs", "$.eval_metrics", "$.overall_score", "$.csat_score", "$.ended_reason", "$.avg_latency_ms")
		provisioned := w.post(runner+"run-tests/provision/", encode(t, map[string]any{
			"name": "Chat as code", "agent_definition_id": w.AgentID(),
			"personas": []any{map[string]any{"name": "Alex", "role": "shopper", "situation": "You want to know the opening hours.", "outcome": "The agent names them.", "persona": map[string]any{}}},
		}))
		sameKeys(t, "../chat/alk-provision-200", provisioned, 200)
		_, made := w.placed(uuid.MustParse(w.inside(provisioned)["run_test_id"].(string)))
		if name := w.call(made[0])["scenario"]; len(made) != 1 || name != "Chat as code · Alex" {
			t.Errorf("got %d calls of %v", len(made), name)
		}
		sameWords(t, "../chat/alk-provision-400-neither", w.post(runner+"run-tests/provision/", `{"name":"x"}`), 400)
	})
}

// The tables of errors in chat.md 2 to 5, with the recorded answers.
func TestErrorsOfTheChatProtocol(t *testing.T) {
	t.Parallel()
	tool := func(call string) string {
		return `{"messages":[{"role":"assistant","content":"x","tool_calls":[` + call + `]}]}`
	}
	content := func(message string) string { return `{"messages":[` + message + `]}` }
	none := "/simulate/call-executions/" + uuid.NewString() + "/"
	for _, c := range []struct{ sample, method, path, body string }{
		{"chat-execute-400-unknown-field", "POST", "{run}chat-execute/", `{"scenario_ids":[]}`},
		{"chat-execute-404", "POST", "/simulate/run-tests/" + uuid.NewString() + "/chat-execute/", `{}`},
		{"batch-400-unknown-field", "POST", "{execution}chat/call-executions/batch/", `{"limit":50}`},
		{"batch-400-unknown-execution", "POST", batchPath(uuid.New()), `{}`},
		{"send-404", "POST", none + "chat/send-message/", beginBody},
		{"send-400-empty-body", "POST", "{send}", `{}`},
		{"send-400-empty-messages", "POST", "{send}", `{"messages":[]}`},
		{"send-400-unknown-field", "POST", "{send}", `{"messages":[{"role":"assistant","content":"x"}],"nope":1}`},
		{"send-400-empty-content", "POST", "{send}", content(`{"role":"assistant","content":""}`)},
		{"send-400-blank-content", "POST", "{send}", content(`{"role":"assistant","content":"  \n"}`)},
		{"send-400-no-content", "POST", "{send}", content(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`)},
		{"send-400-empty-tool-result", "POST", "{send}", content(`{"role":"assistant","content":"x"},{"role":"tool","tool_call_id":"a","content":""}`)},
		{"send-400-empty-content", "POST", "{send}", content(`{"role":"assistant","content":null}`)},
		{"send-400-content-object", "POST", "{send}", content(`{"role":"assistant","content":[{"type":"text","text":"x"}]}`)},
		{"send-400-nul", "POST", "{send}", content(`{"role":"assistant","content":"nul \u0000 char"}`)},
		{"send-400-no-role", "POST", "{send}", content(`{"content":"x"}`)},
		{"send-400-role-system", "POST", "{send}", content(`{"role":"system","content":"x"}`)},
		{"send-400-tool-arguments-empty", "POST", "{send}", tool(`{"id":"a","type":"function","function":{"name":"f","arguments":""}}`)},
		{"send-400-tool-arguments-object", "POST", "{send}", tool(`{"id":"a","type":"function","function":{"name":"f","arguments":{"a":1}}}`)},
		{"send-400-tool-no-type", "POST", "{send}", tool(`{"id":"a","function":{"name":"f","arguments":"{}"}}`)},
		{"send-400-metric-key", "POST", "{send}", `{"messages":[{"role":"assistant","content":"x"}],"metrics":{"latency_ms":4}}`},
		{"send-400-metric-text", "POST", "{send}", `{"messages":[{"role":"assistant","content":"x"}],"metrics":{"latency":"fast"}}`},
		{"send-400-before-begin-pending", "POST", "{send}", content(`{"role":"user","content":"hello"}`)},
		{"patch-400-missing", "PATCH", "{call}", `{}`},
		{"patch-400-status", "PATCH", "{call}", `{"status":"done"}`},
		{"patch-400-upper", "PATCH", "{call}", `{"status":"FAILED"}`},
		{"patch-400-unknown-field", "PATCH", "{call}", `{"status":"failed","note":"x"}`},
		{"patch-404", "PATCH", none, `{"status":"failed"}`},
	} {
		t.Run(fmt.Sprintf("%s %.60s", c.sample, c.body), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{}, dataset(1)...)
				id, calls := w.placed(run)
				path := map[string]string{
					"{run}chat-execute/": "/simulate/run-tests/" + run.String() + "/chat-execute/", "{send}": callPath(calls[0]) + "chat/send-message/",
					"{execution}chat/call-executions/batch/": batchPath(id), "{call}": callPath(calls[0]),
				}[c.path]
				if path == "" {
					path = c.path
				}
				got, err := w.send(c.method, path, c.body)
				if err != nil {
					t.Fatal(err)
				}
				status := 400
				if got.status == 404 {
					status = 404
				}
				sameWords(t, "../chat/"+c.sample, got, status)
				if st := w.after(0, id); st != "pending: pending" {
					t.Errorf("afterwards: %q", st)
				}
			})
		})
	}
}

func TestInnerErrorsFailTheCall(t *testing.T) {
	t.Parallel()
	broken := func(text string) func(story.CallRef, story.Customer) story.Customer {
		return func(_ story.CallRef, c story.Customer) story.Customer {
			c.Breaks = map[int]string{1: text}
			return c
		}
	}
	for _, c := range []struct {
		sample string
		chats  simulator.Chats
		before func(w world, call string)
		reason string
	}{
		{"send-500-empty-customer", simulator.Chats{Customer: broken(story.EmptyTwice)}, nil, "Failed to send message: " + story.EmptyTwice},
		{"send-500-model-error", simulator.Chats{Customer: broken(story.ModelError)}, nil, "Failed to send message: " + story.ModelError},
		{"send-500-no-model", simulator.Chats{NoModel: true}, nil, "Failed to send message: " + story.NoModel},
		{"send-500-after-failed", simulator.Chats{}, func(w world, call string) { w.patch(callPath(call), `{"status":"failed"}`) }, "Call execution is not ongoing"},
	} {
		t.Run(c.sample, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{Chats: c.chats}, dataset(1)...)
				id, calls := w.placed(run)
				first := w.inside(w.begin(calls[0]))["output_message"].([]any)[0].(map[string]any)["content"]
				if (first == "Hi!") != c.chats.NoModel {
					t.Errorf("the first line is %v", first)
				}
				if c.before != nil {
					c.before(w, calls[0])
				}
				sameWords(t, "../chat/"+c.sample, w.say(calls[0], "boom"), 500)
				if got := w.after(0, id); got != "running: failed" {
					t.Errorf("afterwards: %q", got)
				}
				sameKeys(t, "../chat/call-failed-model-error", w.get(callPath(calls[0])), 200)
				if r := w.call(calls[0])["ended_reason"]; r != c.reason {
					t.Errorf("the reason is %v, want %q", r, c.reason)
				}
			})
		})
	}
}
