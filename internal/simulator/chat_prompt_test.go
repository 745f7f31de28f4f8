package simulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// promptPath is where the run tests of the prompt are.
func (w world) promptPath(runTest uuid.UUID) string {
	return "/simulate/prompt-templates/" + w.PromptTemplate().String() + "/simulations/" + runTest.String() + "/"
}

// The endpoints of chat.md 9.
func TestPromptsAreShownAsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := chats(t, simulator.Options{}, dataset(3)...)
		list := "/simulate/prompt-templates/" + w.PromptTemplate().String() + "/simulations/"
		body := map[string]any{"name": "Prompt example", "prompt_version_id": "v1", "scenario_ids": w.ScenarioIDs()}
		created := w.post(list, encode(t, body))
		sameKeys(t, "../chat/prompt-create-201", created, 201)
		run := uuid.MustParse(created.decode(t, 201)["result"].(map[string]any)["id"].(string))
		sameKeys(t, "../chat/prompt-run-test-200", w.get("/simulate/run-tests/"+run.String()+"/"), 200)
		sameKeys(t, "../chat/prompt-list-200", w.get(list+"?limit=2"), 200)
		sameWords(t, "../chat/prompt-detail-404", w.get(list+uuid.NewString()+"/"), 404)
		body["prompt_version_id"] = "v9"
		sameWords(t, "../chat/prompt-create-400-version", w.post(list, encode(t, body)), 400)
		delete(body, "prompt_version_id")
		sameWords(t, "../chat/prompt-create-400-missing", w.post(list, encode(t, body)), 400)

		started := w.post(w.promptPath(run)+"execute/", `{}`)
		sameKeys(t, "../chat/prompt-execute-200", started, 200)
		m := w.inside(started)
		if n := m["total_calls"]; n != jsonNumber("3") {
			t.Errorf("%v calls", n)
		}
		id := uuid.MustParse(m["execution_id"].(string))
		if got := w.after(0, id); got != "pending: queued queued queued" {
			t.Errorf("got %q", got)
		}
		sameKeys(t, "../chat/prompt-execution-pending", w.get(executionPath(id)+"?limit=100"), 200)
		if got := w.after(14*time.Second, id); got != "running: ongoing ongoing ongoing" {
			t.Errorf("got %q", got)
		}
		if got := w.after(2*time.Minute, id); got != "completed: completed completed completed" {
			t.Errorf("got %q", got)
		}
		sameKeys(t, "../chat/prompt-execution-completed", w.get(executionPath(id)+"?limit=100"), 200)
		call := w.rows(id)[0]["id"].(string)
		sameKeys(t, "../chat/prompt-call-completed", w.get(callPath(call)), 200)
		sameKeys(t, "../chat/prompt-executions-200", w.get("/simulate/run-tests/"+run.String()+"/executions/?limit=10"), 200)
		rerun := w.post(executionPath(id)+"rerun-calls/", encode(t, map[string]any{"rerun_type": "call_and_eval", "call_execution_ids": []string{call}}))
		sameWords(t, "../chat/prompt-rerun-200-call-and-eval", rerun, 200)
		if st := w.call(call)["status"]; st != "pending" {
			t.Errorf("the call is %v", st)
		}
	})
}

func TestTrapsOfPrompts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		options   simulator.Options
		scenarios []story.Scenario
		path      string // instead of execute/ of the prompt
		body      string
		sample    string
		status    int
		later     string
	}{
		{"an unknown field", simulator.Options{}, dataset(1), "", `{"nope":1}`, "prompt-execute-400-unknown-field", 400, ""},
		{"an unknown scenario", simulator.Options{}, dataset(1), "", `{"scenario_ids":["11111111-1111-4111-8111-111111111111"]}`, "prompt-execute-200-unknown-scenario", 200, "completed:"},
		{"only plain scenarios", simulator.Options{}, plain(2), "", `{}`, "prompt-execute-200", 200, "completed:"},
		{"an unknown run test", simulator.Options{}, dataset(1), "unknown", `{}`, "prompt-execute-500-unknown-run-test", 500, ""},
		{"the wrong path", simulator.Options{}, dataset(2), "execute", `{}`, "prompt-execute-200-wrong-path", 200, "failed: failed failed"},
		{"chat-execute", simulator.Options{}, dataset(2), "chat-execute", `{}`, "prompt-chat-execute-200", 200, "completed:"},
		{"no model", simulator.Options{Chats: simulator.Chats{NoModel: true}}, dataset(1), "", `{}`, "prompt-execute-200", 200, "failed: failed"},
		{"a broken model", simulator.Options{Plan: story.Plan{Default: story.Fails("")}}, dataset(1), "", `{}`, "prompt-execute-200", 200, "failed: failed"},
		{"a bad prompt", simulator.Options{Plan: story.Plan{Default: story.LowScore()}}, dataset(1), "", `{}`, "prompt-execute-200", 200, "completed: completed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, _ := chats(t, c.options, c.scenarios...)
				run := w.AddPromptRunTest("prompt")
				path := w.promptPath(run) + "execute/"
				switch c.path {
				case "unknown":
					path = w.promptPath(uuid.New()) + "execute/"
				case "execute", "chat-execute":
					path = "/simulate/run-tests/" + run.String() + "/" + c.path + "/"
				}
				sameKeys(t, "../chat/"+c.sample, w.post(path, c.body), c.status)
				if c.later == "" {
					return
				}
				id := w.Executions()[0].ID
				if c.path == "chat-execute" {
					sameWords(t, "../chat/batch-500-prompt", w.post(batchPath(id), `{}`), 500)
				}
				if got := w.after(4*time.Minute, id); got != c.later {
					t.Errorf("later: %q, want %q", got, c.later)
				}
			})
		})
	}
}

func TestRunTestsOfAPromptExistOnceTheyWereRead(t *testing.T) {
	t.Parallel()
	ours, other := uuid.New(), uuid.New()
	for _, acceptUnknown := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := chats(t, simulator.Options{Prompts: []uuid.UUID{ours}, AcceptUnknown: acceptUnknown}, dataset(2)...)
			if a := w.post(w.promptPath(ours)+"execute/", `{}`); a.status != 500 {
				t.Errorf("executed before it was read: %d", a.status)
			}
			sameKeys(t, "../chat/prompt-run-test-200", w.get("/simulate/run-tests/"+ours.String()+"/"), 200)
			sameKeys(t, "../chat/prompt-execute-200", w.post(w.promptPath(ours)+"execute/", `{}`), 200)
			w.get("/simulate/run-tests/" + other.String() + "/") // of an agent, if it is made up
			if a := w.post(w.promptPath(other)+"execute/", `{}`); a.status != 500 {
				t.Errorf("another run test was executed as a prompt: %d", a.status)
			}
		})
	}
}

func TestAPromptsConversationHasTenTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := chats(t, simulator.Options{Chats: simulator.Chats{Customer: patient}}, dataset(1)...)
		w.inside(w.post(w.promptPath(w.AddPromptRunTest("prompt"))+"execute/", `{}`))
		id := w.Executions()[0].ID
		if got := w.after(3*time.Minute, id); got != "completed: completed" {
			t.Fatalf("got %q", got)
		}
		m := w.call(w.rows(id)[0]["id"].(string))
		if n := len(m["transcript"].([]any)); n != 21 || m["ended_reason"] != nil || m["turn_count"] != jsonNumber("10") {
			t.Errorf("got %d lines, reason %v, %v turns", n, m["ended_reason"], m["turn_count"])
		}
	})
}

func TestCancelStopsAPrompt(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{time.Second, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := chats(t, simulator.Options{Chats: simulator.Chats{Customer: patient}}, dataset(1)...)
			w.inside(w.post(w.promptPath(w.AddPromptRunTest("prompt"))+"execute/", `{}`))
			id := w.Executions()[0].ID
			w.after(wait, id)
			w.post(executionPath(id)+"cancel/", ``)
			if got := w.after(5*time.Minute, id); got != "cancelled: cancelled" {
				t.Errorf("after %v: %q", wait, got)
			}
		})
	}
}
