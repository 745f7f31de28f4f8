package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestBeginSendsExactlyWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + sendPath: always(200, chatSample(t, "begin-200"))})
	got, err := newClient(t, w).BeginChat(t.Context(), answers.Call)
	if want := (calls.ChatReply{Text: text.New("Hello, I would like a refund for my order.")}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	wantSent(t, w, exchange{"POST " + sendPath, `{"initiate_chat":true}`})
}

// TestTurnSendsExactlyWhatTheServerTakes checks the body of chat.md 4.2.
func TestTurnSendsExactlyWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		messages []calls.ChatMessage
		latency  time.Duration
		want     string
	}{
		{
			"a text", []calls.ChatMessage{{Role: "assistant", Content: "Sure, <what> is \"it\"?"}}, 812 * time.Millisecond,
			`{"messages":[{"role":"assistant","content":"Sure, <what> is \"it\"?"}],"metrics":{"latency":812}}`,
		},
		{
			"tools and what they returned", []calls.ChatMessage{
				{Role: "assistant", Content: "Let me look.", ToolCalls: []calls.ChatToolCall{{ID: "call_a", Name: "find_order", Arguments: `{"order": "17"}`}, {ID: "b", Name: "now", Arguments: "{}"}}},
				{Role: "tool", Content: `{"found": true}`, ToolCallID: "call_a", Name: "find_order"},
				{Role: "assistant", Content: "I found it."},
			}, 1999 * time.Microsecond,
			`{"messages":[{"role":"assistant","content":"Let me look.","tool_calls":[` +
				`{"id":"call_a","type":"function","function":{"name":"find_order","arguments":"{\"order\": \"17\"}"}},` +
				`{"id":"b","type":"function","function":{"name":"now","arguments":"{}"}}]},` +
				`{"role":"tool","content":"{\"found\": true}","tool_call_id":"call_a","name":"find_order"},` +
				`{"role":"assistant","content":"I found it."}],"metrics":{"latency":1}}`,
		},
		{
			"a clock that went back, and broken text", []calls.ChatMessage{{Role: "assistant", Content: "a\xffb"}}, -time.Second,
			`{"messages":[{"role":"assistant","content":"a\ufffdb"}],"metrics":{"latency":0}}`,
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + sendPath: always(200, chatSample(t, "turn-200-tools"))})
			got, err := newClient(t, w).SendTurn(t.Context(), answers.Call, tc.messages, tc.latency)
			if err != nil || got.Text.Raw() != "Customer line 4." || got.Ended {
				t.Errorf("got %+v, %v", got, err)
			}
			wantSent(t, w, exchange{"POST " + sendPath, tc.want})
		})
	}
}

// TestAnswersMayBeMuchLargerThanWhatIsRead: they repeat the conversation, which can be 9 MB
// (chat.md 4.2), so they may exceed the limit for other responses.
func TestAnswersMayBeMuchLargerThanWhatIsRead(t *testing.T) {
	t.Parallel()
	c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		line := `{"role":"user","content":"` + strings.Repeat("x", 1<<20) + `"},`
		parts := []io.Reader{strings.NewReader(`{"status":true,"result":{"input_message":[],"message_history":[`)}
		for range defaultMaxBody>>20 + 1 {
			parts = append(parts, strings.NewReader(line))
		}
		parts = append(parts, strings.NewReader(`{}],"output_message":[{"role":"user","content":"And?"}],"chat_ended":false}}`))
		return &http.Response{StatusCode: 200, Request: r, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(parts...))}, nil
	}))
	if got, err := c.SendTurn(t.Context(), answers.Call, nil, 0); err != nil || got.Text.Raw() != "And?" {
		t.Errorf("got %+v, %v", got, err)
	}
	w := serving(t, map[string]http.HandlerFunc{"POST " + sendPath: always(200, chatSample(t, "turn-200"))})
	_, err := newClient(t, w, func(o *Options) { o.MaxBody = 100 }).SendTurn(t.Context(), answers.Call, nil, 0)
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Unsent || !strings.Contains(err.Error(), "larger than the limit of 100 bytes") {
		t.Errorf("got %v, want that it was too large", err)
	}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// silent returns a server that never answers.
func silent() http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
}

func TestEachChatRequestHasItsOwnPatience(t *testing.T) {
	t.Parallel()
	for name, request := range chatRequests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := request.send(t.Context(), newClient(t, silent()))
				failure, ok := errors.AsType[*Error](err)
				if !ok || failure.Kind != KindUnavailable || failure.Unsent || time.Since(began) != request.patience {
					t.Errorf("got %v after %s, want a lost answer after %s", err, time.Since(began), request.patience)
				}
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
				defer cancel()
				failure, ok = errors.AsType[*Error](request.send(ctx, newClient(t, silent())))
				if !ok || failure.Kind != KindCancelled || failure.Unsent {
					t.Errorf("got %v, want one that was given up and may have been carried out", failure)
				}
			})
		})
	}
}

func TestWordsOfAModelDoNotTellThatNothingWasDone(t *testing.T) {
	t.Parallel()
	said := `Failed to send message: AgentVersion matching query does not exist.`
	w := serving(t, map[string]http.HandlerFunc{"POST " + sendPath: always(500, fmt.Sprintf(`{"detail":%q}`, said))})
	_, err := newClient(t, w).SendTurn(t.Context(), answers.Call, nil, 0)
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Kind != KindUnavailable || failure.Unsent || failure.Message.Raw() != said || strings.Contains(failure.Hint, "check") {
		t.Errorf("got %#v", failure)
	}
}

func TestKeysAreNeitherInRepliesNorInErrorsOfChats(t *testing.T) {
	t.Parallel()
	echo := "your key is " + testAPIKey + " and " + testSecretKey
	w := serving(t, map[string]http.HandlerFunc{
		"POST " + sendPath:                always(200, `{"result":{"output_message":[{"content":"`+echo+`"}],"chat_ended":false}}`),
		"GET " + pathOfCall(answers.Call): always(200, fmt.Sprintf(`{"id":%q,"status":"failed","ended_reason":%q,"scenario":%q,"transcript":[{"role":"user","messages":[%q]}]}`, answers.Call, echo, echo, echo)),
		"PATCH " + resultPath:             always(400, fmt.Sprintf(`{"detail":%q}`, echo)),
	})
	c := newClient(t, w)
	said, err := c.BeginChat(t.Context(), answers.Call)
	stored, readErr := c.Chat(t.Context(), answers.Call)
	closed := c.CloseChat(t.Context(), answers.Call, calls.ChatEnd{Status: calls.Failed})
	if err != nil || readErr != nil || closed == nil {
		t.Fatal(err, readErr, closed)
	}
	all := fmt.Sprint(said.Text.Raw(), stored.EndedReason.Raw(), stored.Scenario.Raw(), stored.Rows[0].Messages[0].Raw(), closed)
	if strings.Contains(all, testAPIKey) || strings.Contains(all, testSecretKey) || strings.Count(all, "your key is ") != 5 {
		t.Errorf("got %s", all)
	}
}

func TestChatIsReadAgainLikeAnyRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := strings.Replace(chatSample(t, "call-completed-by-alk-result"), "697d847b-963f-4cfc-b84f-e27cd6f5ab95", answers.Call.String(), 1)
		w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, n int) error {
			if n == 1 {
				reply(w, 502, answers.Sample(t, "deployed/502.html"))
			} else {
				reply(w, 200, body)
			}
			return nil
		}}
		got, err := newClient(t, w).Chat(t.Context(), answers.Call)
		want := calls.Chat{
			ID: answers.Call, ScenarioID: uuid.MustParse("8c80685b-754d-4a34-851e-e2c3dbba5e27"), Scenario: text.New("Refund rows"),
			Status: calls.Completed, EndedReason: text.New("turn limit of the gate"),
			Rows: []calls.ChatRow{
				{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New("Hello, I would like a refund for my order.")}},
				{Role: calls.RoleAgent, Messages: []text.Untrusted{text.New("one")}},
				{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New("Customer line 2.")}},
			},
		}
		if diff := cmp.Diff(want, got, answers.SameText); err != nil || diff != "" || w.count() != 2 {
			t.Errorf("%v after %d requests (-want +got):\n%s", err, w.count(), diff)
		}
	})
}

// TestCloseSendsExactlyWhatTheServerTakes checks both endpoints of chat.md 5 and 8.
func TestCloseSendsExactlyWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	said := []calls.ChatRow{
		{Role: calls.RoleCustomer, Messages: []text.Untrusted{text.New("Hello")}},
		{Role: calls.RoleAgent, Messages: []text.Untrusted{text.New("Let me\x00look."), text.New("found")}},
	}
	long := strings.Repeat("é", maxReason)
	cases := []struct {
		name            string
		end             calls.ChatEnd
		runner, patched string
	}{
		{"failed", calls.ChatEnd{Status: calls.Failed, Reason: "agent: no answer within 60 s"}, `{"ended_reason":"agent: no answer within 60 s","status":"failed"}`, `{"ended_reason":"agent: no answer within 60 s","status":"failed"}`},
		{"no reason", calls.ChatEnd{Status: calls.Failed, Reason: " \n"}, `{"status":"failed"}`, `{"status":"failed"}`},
		{"cancelled", calls.ChatEnd{Status: calls.Cancelled, Reason: "stopped"}, `{"ended_reason":"stopped","status":"cancelled"}`, `{"ended_reason":"stopped","status":"cancelled"}`},
		{"completed", calls.ChatEnd{Status: calls.Completed, Reason: "turn limit (20)"}, `{"ended_reason":"turn limit (20)","status":"completed"}`, `{"ended_reason":"turn limit (20)","status":"failed"}`},
		{
			"all that is known", calls.ChatEnd{Status: calls.Failed, Reason: "agent:\x00", Duration: 2500 * time.Millisecond, Transcript: said},
			"{\"duration_seconds\":3,\"ended_reason\":\"agent:\ufffd\",\"status\":\"failed\",\"transcript\":[{\"speaker_role\":\"user\",\"content\":\"Hello\"},{\"speaker_role\":\"assistant\",\"content\":\"Let me\ufffdlook.\"},{\"speaker_role\":\"assistant\",\"content\":\"found\"}]}",
			"{\"ended_reason\":\"agent:\ufffd\",\"status\":\"failed\"}",
		},
		{"a long reason", calls.ChatEnd{Status: calls.Failed, Reason: long}, `{"ended_reason":"` + long[:maxReason] + `…","status":"failed"}`, `{"ended_reason":"` + long[:maxReason] + `…","status":"failed"}`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"PATCH " + resultPath: always(200, ofCall(chatSample(t, "alk-result-200-failed")))})
			if err := newClient(t, w).CloseChat(t.Context(), answers.Call, tc.end); err != nil {
				t.Error(err)
			}
			wantSent(t, w, exchange{"PATCH " + resultPath, tc.runner})

			path := pathOfCall(answers.Call)
			w = serving(t, map[string]http.HandlerFunc{"PATCH " + path: always(200, ofCall(chatSample(t, "patch-200-failed")))})
			c := newClient(t, w)
			for range 2 {
				if err := c.CloseChat(t.Context(), answers.Call, tc.end); err != nil {
					t.Error(err)
				}
			}
			patched := exchange{"PATCH " + path, tc.patched}
			wantSent(t, w, exchange{"PATCH " + resultPath, tc.runner}, patched, patched)
		})
	}
}

func TestCloseOfAnotherCallIsNoClose(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"PATCH " + resultPath: always(200, chatSample(t, "alk-result-200-failed"))})
	err := newClient(t, w).CloseChat(t.Context(), answers.Call, calls.ChatEnd{Status: calls.Failed})
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != KindNonsense || failure.Unsent {
		t.Errorf("got %v", err)
	}
}
