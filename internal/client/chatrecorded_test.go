package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// recordedChats holds responses of the vendor's server about chats and prompts.
const recordedChats = "../testdata/chat"

// chatRecordings returns those that the README lists. {id} in a target becomes the id in the
// response.
func chatRecordings(t *testing.T) []recording {
	t.Helper()
	all := recordings(t, recordedChats)
	for i, r := range all {
		type named struct {
			ID        string
			Call      string `json:"call_execution_id"`
			Execution string `json:"execution_id"`
		}
		var answer struct {
			named
			Result json.RawMessage
		}
		var result named
		_ = json.Unmarshal([]byte(r.body), &answer)
		_ = json.Unmarshal(answer.Result, &result) // which may be a text
		id := cmp.Or(answer.ID, result.Call, result.Execution, answers.Execution.String())
		all[i].target = strings.NewReplacer("{id}", id, "{unknown}", id).Replace(r.target)
	}
	return all
}

// chat makes the client send the request of a recording about a chat, and says what came of it.
func (r recording) chat(ctx context.Context, c *Client) (string, error) {
	id := cmp.Or(slices.Concat(r.ids(), []uuid.UUID{uuid.Nil})...)
	ends := func(method, end string) bool { return r.method == method && strings.HasSuffix(r.path(), end) }
	switch {
	case ends("POST", "/chat-execute/"):
		return saidOfStart(c.ChatExecute(ctx, id))
	case ends("POST", "/test-executions/"):
		return saidOfStart(c.StartSubset(ctx, id, []uuid.UUID{{1}}))
	case ends("POST", "/execute/") && strings.Contains(r.path(), "/prompt-templates/"):
		return saidOfStart(c.ExecutePrompt(ctx, id, id, nil))
	case ends("POST", "/batch/"):
		if !strings.Contains(r.path(), runnerPath) {
			c.memory.drop(opPlace)
		}
		placed, err := c.PlaceRows(ctx, id, 1)
		return fmt.Sprintf("%d placed, done %t", len(placed.IDs), placed.Done), err
	case ends("POST", "/send-message/"):
		if strings.Contains(r.sent, "initiate_chat") {
			return saidOfReply(c.BeginChat(ctx, id))
		}
		return saidOfReply(c.SendTurn(ctx, id, []calls.ChatMessage{{Role: "assistant", Content: "x"}}, 0))
	case r.method == "PATCH":
		if !ends("PATCH", "/result/") {
			c.memory.drop(opClose)
		}
		return "closed", c.CloseChat(ctx, id, calls.ChatEnd{Status: calls.Failed})
	case r.method == "GET" && r.path() == pathOfCall(id):
		chat, err := c.Chat(ctx, id)
		return saidOfChat(chat), err
	case r.method == "GET" && r.path() == "/simulate/test-executions/"+id.String()+"/":
		got, err := c.Collect(ctx, id)
		statuses := map[string]int{}
		for _, call := range got.Calls.All() {
			statuses[string(call.Status)]++
		}
		if _, partial := errors.AsType[*IncompleteError](err); partial {
			err = nil // of some only the first page was kept
		}
		return fmt.Sprintf("%s %s: %s", got.AgentType, got.Status, counted(statuses)), err
	case r.path() == listPath+id.String()+"/":
		got, err := c.RunTest(ctx, id)
		return fmt.Sprintf("%s, agent type %q, prompt %s %s, version %s %s", got.SourceType, got.AgentType,
			shortID(got.Prompt.TemplateID), got.Prompt.Name, shortID(got.Prompt.VersionID), got.Prompt.Version), err
	}
	return r.ask(ctx, c)
}

// saidOfStart is what is known of an execution that was started.
func saidOfStart(started calls.Started, err error) (string, error) {
	return fmt.Sprintf("%s: %d scenarios, %d calls", shortID(started.ExecutionID), started.Scenarios, started.Calls), err
}

// saidOfReply is what the customer answered.
func saidOfReply(reply calls.ChatReply, err error) (string, error) {
	return fmt.Sprintf("%q, ended %t", reply.Text.Raw(), reply.Ended), err
}

// saidOfChat is what is known of a chat: its rows by who said how many messages.
func saidOfChat(chat calls.Chat) string {
	var said strings.Builder
	fmt.Fprintf(&said, "%s %s %q:", chat.Scenario, chat.Status, chat.EndedReason.Raw())
	for _, row := range chat.Rows {
		fmt.Fprintf(&said, " %s", row.Role)
		if len(row.Messages) != 1 {
			fmt.Fprint(&said, len(row.Messages))
		}
	}
	return said.String()
}

// chatKind is what kind of failure an answer about a chat is that is no 2xx.
func (r recording) chatKind() Kind {
	switch r.status {
	case 402:
		return KindForbidden
	case 404:
		return KindNotFound
	case 500:
		return KindUnavailable
	}
	return KindRejected
}

func TestEveryRecordedAnswerAboutAChatIsReadAsWhatItIs(t *testing.T) {
	t.Parallel()
	all := chatRecordings(t)
	var listed []string
	for _, r := range all {
		listed = append(listed, r.file)
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, r)
				got, err := r.chat(t.Context(), c)
				if want, isAnswer := chatWants[r.file]; isAnswer {
					if err != nil || got != want {
						t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
					}
					return
				}
				failure, ok := errors.AsType[*Error](err)
				if !ok || r.status < 400 {
					t.Fatalf("got %s, %v, and nothing is expected of it", got, err)
				}
				if failure.Kind != r.chatKind() || failure.Status != r.status || failure.Message != text.New(r.wantMessage(t)) || failure.Unsent != (r.status < 500) {
					t.Errorf("got %s %d %q, unsent %t; want %s %d %q", failure.Kind, failure.Status, failure.Message.Raw(), failure.Unsent, r.chatKind(), r.status, r.wantMessage(t))
				}
				if c.Stats().Requests != 1 {
					t.Errorf("sent %d times", c.Stats().Requests)
				}
			})
		})
	}
	files, err := filepath.Glob(filepath.Join(recordedChats, "*.json"))
	if err != nil || len(files) < 127 {
		t.Fatalf("got %d recorded answers, %v", len(files), err)
	}
	for _, file := range files {
		if name := filepath.Base(file); !slices.Contains(listed, name) {
			t.Errorf("the README does not say to what %s is the answer", name)
		}
	}
}

// chatWants are the contents of the recorded responses that are no errors: the 2xx, and the 400
// that says that no calls are left.
var chatWants = map[string]string{
	"alk-batch-200.json":                             "1 placed, done false",
	"alk-batch-400-none-left.json":                   "0 placed, done true",
	"alk-execution-completed.json":                   "text completed: 1 completed; 1 failed",
	"alk-provision-200.json":                         "not asked for",
	"alk-result-200-completed.json":                  "closed",
	"alk-result-200-failed.json":                     "closed",
	"alk-result-200-other-workspace.json":            "closed",
	"alk-start-200.json":                             "451e9b11: 2 scenarios, 0 calls",
	"batch-200-12-plain-first.json":                  "9 placed, done false",
	"batch-200-12-plain-second.json":                 "3 placed, done false",
	"batch-200-on-cancelled.json":                    "2 placed, done false",
	"batch-200-on-completed.json":                    "3 placed, done false",
	"batch-200.json":                                 "3 placed, done false",
	"batch-400-no-rows.json":                         "0 placed, done true",
	"batch-400-none-left.json":                       "0 placed, done true",
	"batch-400-other-workspace.json":                 "0 placed, done true",
	"begin-200-after-end.json":                       `"Hello, I would like a refund for my order.", ended false`,
	"begin-200-no-model.json":                        `"Hi!", ended false`,
	"begin-200-second.json":                          `"Hello, I would like a refund for my order.", ended false`,
	"begin-200.json":                                 `"Hello, I would like a refund for my order.", ended false`,
	"call-after-second-begin.json":                   `Refund rows ongoing "": customer agent customer agent customer customer`,
	"call-completed-by-alk-result.json":              `Refund rows completed "turn limit of the gate": customer agent customer`,
	"call-completed-then-failed-by-repeat.json":      `Refund rows failed "Call execution is not ongoing": customer agent customer`,
	"call-completed.json":                            `Refund rows completed "Customer is satisfied": customer agent customer agent customer customer agent customer`,
	"call-failed-30-minutes.json":                    `Refund rows failed "": customer agent customer`,
	"call-failed-after-1-turn.json":                  `Nine rows failed "Call execution is not ongoing": customer agent customer`,
	"call-failed-model-error.json":                   `Refund rows failed "Failed to send message: Object of type Logging is not JSON serializable": customer`,
	"call-ongoing-2-turns.json":                      `Refund rows ongoing "": customer`,
	"call-ongoing-begun.json":                        `Refund rows ongoing "": customer`,
	"call-patched-completed-after-rerun.json":        `Nine rows completed "max turns": customer agent customer`,
	"call-pending.json":                              `Refund rows pending "":`,
	"cancel-200-chat.json":                           "Test execution cancellation initiated",
	"cancel-200-on-completed.json":                   "Test execution cancellation initiated",
	"chat-execute-200-no-body.json":                  "d3be5369: 1 scenarios, 0 calls",
	"chat-execute-200.json":                          "a65333fd: 1 scenarios, 0 calls",
	"create-201-text.json":                           "Chat example 2648704a: text Support chat agent (agent_definition), scenarios Refund rows Completed 3, evals transcript_is_json, mentions_refund",
	"execute-200-text-native.json":                   "execution c2f74c32-189c-4331-b733-98b4f22b7299 of 1 scenarios",
	"execute-200-text-without-ee.json":               "execution ac218a85-3c6d-4268-8797-83e2264b759b of 1 scenarios",
	"execution-after-eval-only-rerun-of-failed.json": "text completed: 3 completed",
	"execution-after-repeat-after-end.json":          "text completed: 1 completed; 2 failed",
	"execution-cancelled-chat.json":                  "text cancelled: 2 cancelled; 1 completed",
	"execution-completed-chat.json":                  "text completed: 3 completed",
	"execution-completed-with-pending-row.json":      "text completed: 9 completed; 1 pending",
	"execution-completed-zero-calls.json":            "text completed: ",
	"execution-failed-all-failed.json":               "text failed: 3 failed",
	"execution-pending-no-calls.json":                "text pending: ",
	"execution-pending-text-native.json":             "text pending: 3 pending",
	"execution-running-stuck-patched-completed.json": "text running: 2 completed; 1 failed",
	"execution-running.json":                         "text running: 1 pending",
	"executions-200-chat.json":                       "executions [11b4e401 completed 19:54:03 of Refund rows]",
	"patch-200-cancelled.json":                       "closed",
	"patch-200-completed.json":                       "closed",
	"patch-200-failed.json":                          "closed",
	"prompt-call-completed.json":                     `Refund rows completed "Customer is satisfied": customer agent customer agent customer`,
	"prompt-call-max-turns.json":                     `Single row completed "":` + strings.Repeat(" customer agent", 10) + " customer",
	"prompt-chat-execute-200.json":                   "e98cc597: 1 scenarios, 0 calls",
	"prompt-create-201.json":                         "not asked for",
	"prompt-execute-200-unknown-scenario.json":       "c2e06611: 1 scenarios, 0 calls",
	"prompt-execute-200-wrong-path.json":             "execution 046f298e-62d9-4ed2-9342-70e448b65a2d of 1 scenarios",
	"prompt-execute-200.json":                        "28880ddd: 1 scenarios, 3 calls",
	"prompt-execution-completed.json":                "text completed: 3 completed",
	"prompt-execution-failed.json":                   "text failed: 1 failed",
	"prompt-execution-pending.json":                  "text pending: 3 queued",
	"prompt-executions-200.json":                     "executions [28880ddd completed 20:06:26 of Refund rows c2e06611 completed 20:06:26 of No scenarios e98cc597 completed 20:06:25 of Refund rows 046f298e failed 20:06:17 of Refund rows]",
	"prompt-list-200.json":                           "not asked for",
	"prompt-rerun-200-call-and-eval.json":            `0 accepted, 2 left out, dispatch error ""`,
	"prompt-run-test-200.json":                       `prompt, agent type "text", prompt 3b94d97b Support prompt, version d20d854f v1`,
	"rerun-200-eval-only-of-failed.json":             `2 accepted, 1 left out, dispatch error ""`,
	"rerun-200-eval-only-of-patched-completed.json":  `1 accepted, 1 left out, dispatch error ""`,
	"sdk-metrics-200-chat.json":                      "completed, 3 calls, 3 completed, 0 failed, ended true",
	"turn-200-ended-no-text.json":                    `"", ended true`,
	"turn-200-ended.json":                            `"Thanks, that is all. Bye!", ended true`,
	"turn-200-metadata.json":                         `"Customer line 4.", ended false`,
	"turn-200-nested-unknown-key.json":               `"Customer line 2.", ended false`,
	"turn-200-only-tool.json":                        `"Customer line 3.", ended false`,
	"turn-200-role-assistant.json":                   `"Customer line 3.", ended false`,
	"turn-200-tools.json":                            `"Customer line 4.", ended false`,
	"turn-200.json":                                  `"Customer line 2.", ended false`,
}
