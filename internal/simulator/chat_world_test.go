package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// chats is a server with a text agent, two Pass/Fail evals, and the given scenarios.
func chats(t *testing.T, o simulator.Options, scenarios ...story.Scenario) (w world, runTest uuid.UUID) {
	t.Helper()
	o.Agent, o.Scenarios = simulator.Text, scenarios
	if o.Evals == nil {
		o.Evals = []story.Eval{{Name: "is_helpful", Type: story.TypePassFail}, {Name: "is_polite", Type: story.TypePassFail}}
	}
	w = newWorld(t, o)
	return w, w.AddRunTest("chats")
}

func plain(n int) []story.Scenario {
	list := make([]story.Scenario, n)
	for i := range list {
		list[i] = story.Scenario{Name: fmt.Sprintf("Question %d", i), NoDataset: true}
	}
	return list
}

func dataset(rows ...int) []story.Scenario {
	list := make([]story.Scenario, len(rows))
	for i, n := range rows {
		list[i] = story.Scenario{Name: fmt.Sprintf("Data %d", i), Rows: n}
	}
	return list
}

func (w world) patch(path, body string) result {
	w.t.Helper()
	r, err := w.send("PATCH", path, body)
	if err != nil {
		w.t.Fatalf("PATCH %s: %v", path, err)
	}
	return r
}

const (
	runner     = "/simulate/api/alk-simulate/"
	beginBody  = `{"initiate_chat":true}`
	goodAnswer = "It is settled, and the refund is booked."
	badAnswer  = "I cannot help with that."
)

func callPath(id string) string { return "/simulate/call-executions/" + id + "/" }

// inside decodes the result of an answer in the envelope.
func (w world) inside(r result) map[string]any {
	w.t.Helper()
	return r.decode(w.t, 200)["result"].(map[string]any)
}

func (w world) startChats(runTest uuid.UUID) uuid.UUID {
	w.t.Helper()
	got := w.inside(w.post("/simulate/run-tests/"+runTest.String()+"/chat-execute/", `{}`))
	return uuid.MustParse(got["execution_id"].(string))
}

func batchPath(execution uuid.UUID) string {
	return executionPath(execution) + "chat/call-executions/batch/"
}

// place makes rows until the end and gives the calls.
func (w world) place(execution uuid.UUID) []string {
	w.t.Helper()
	var ids []string
	for range 100 {
		got := w.post(batchPath(execution), `{}`)
		if got.status == 400 && strings.Contains(string(got.body), "No remaining") {
			return ids
		}
		for _, id := range w.inside(got)["call_execution_ids"].([]any) {
			ids = append(ids, id.(string))
		}
	}
	w.t.Fatal("the rows never ended")
	return nil
}

// placed starts the run test and makes its rows.
func (w world) placed(runTest uuid.UUID) (uuid.UUID, []string) {
	w.t.Helper()
	id := w.startChats(runTest)
	return id, w.place(id)
}

func (w world) begin(call string) result {
	w.t.Helper()
	return w.post(callPath(call)+"chat/send-message/", beginBody)
}

func (w world) say(call, text string) result {
	w.t.Helper()
	return w.post(callPath(call)+"chat/send-message/",
		encode(w.t, map[string]any{"messages": []any{map[string]any{"role": "assistant", "content": text}}, "metrics": map[string]any{"latency": 500}}))
}

// talk begins a chat and says the same until the customer ends it, and gives the turns.
func (w world) talk(call, text string) int {
	w.t.Helper()
	w.inside(w.begin(call))
	for n := 1; n < 30; n++ {
		if w.inside(w.say(call, text))["chat_ended"].(bool) {
			return n
		}
	}
	w.t.Fatal("the customer never ended the chat")
	return 0
}

func (w world) call(id string) map[string]any {
	w.t.Helper()
	return w.get(callPath(id)).decode(w.t, 200)
}

// after lets time pass and tells the states of an execution and of its calls.
func (w world) after(d time.Duration, execution uuid.UUID) string {
	w.t.Helper()
	time.Sleep(d)
	for _, e := range w.Executions() {
		if e.ID == execution {
			states := []string{string(e.Status) + ":"}
			for _, c := range e.Calls {
				states = append(states, string(c.Status))
			}
			return strings.Join(states, " ")
		}
	}
	w.t.Fatalf("no execution %s", execution)
	return ""
}

// jsonNumber is a number as decode gives it.
func jsonNumber(s string) json.Number { return json.Number(s) }
