package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/test/answers"
)

// Paths of chats.
var (
	chatExecutePath = runTestPath + "chat-execute/"
	subsetPath      = runnerPath + "run-tests/" + answers.RunTest.String() + "/test-executions/"
	exactBatchPath  = runnerPath + "test-executions/" + answers.Execution.String() + "/batch/"
	batchPath       = executionPath + "chat/call-executions/batch/"
	promptPath      = "/simulate/prompt-templates/" + promptTemplateID.String() + "/simulations/" + answers.RunTest.String() + "/execute/"
	sendPath        = pathOfCall(answers.Call) + "chat/send-message/"
	resultPath      = runnerPath + "call-executions/" + answers.Call.String() + "/result/"
)

var promptTemplateID = uuid.MustParse("3b94d97b-6cb5-4921-8fb6-d88b34558698")

// chatSample returns a recorded response about a chat.
func chatSample(t *testing.T, name string) string {
	t.Helper()
	return answers.Sample(t, "chat/"+name+".json")
}

// ofCall makes a sample name the call of the story.
func ofCall(body string) string {
	return strings.NewReplacer("5099adeb-e2a8-43c1-9cff-ad4f1fe7c255", answers.Call.String(), "12614fef-81f5-4938-8c32-ae61d550aa7c", answers.Call.String()).Replace(body)
}

// exchange is a request that was sent.
type exchange struct{ Line, Body string }

// exchanges returns the requests so far.
func (w *wire) exchanges() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []exchange
	for _, r := range w.requests {
		all = append(all, exchange{r.Method + " " + r.Path, r.Body})
	}
	return all
}

// wantSent compares what was sent.
func wantSent(t *testing.T, w *wire, want ...exchange) {
	t.Helper()
	if diff := cmp.Diff(want, w.exchanges()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

// TestStartsSendExactlyWhatTheServerTakes checks the bodies of chat.md 2, 8 and 9: the server
// rejects unknown keys.
func TestStartsSendExactlyWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	first, second := uuid.UUID{1}, uuid.UUID{2}
	cases := []struct {
		name, line, body, sample string
		start                    func(*Client) (calls.Started, error)
		want                     calls.Started
	}{
		{
			"all scenarios", "POST " + chatExecutePath, `{}`, "chat-execute-200",
			func(c *Client) (calls.Started, error) { return c.ChatExecute(t.Context(), answers.RunTest) },
			calls.Started{ExecutionID: uuid.MustParse("a65333fd-3d28-4281-87b6-e23aac947bc6"), Scenarios: 1},
		},
		{
			"some scenarios", "POST " + subsetPath, `{"scenario_ids":["` + first.String() + `","` + second.String() + `"]}`, "alk-start-200",
			func(c *Client) (calls.Started, error) {
				return c.StartSubset(t.Context(), answers.RunTest, []uuid.UUID{first, second})
			},
			calls.Started{ExecutionID: uuid.MustParse("451e9b11-0400-4e75-9621-8ef5e6252863"), Scenarios: 2},
		},
		{
			"a prompt", "POST " + promptPath, `{}`, "prompt-execute-200",
			func(c *Client) (calls.Started, error) {
				return c.ExecutePrompt(t.Context(), promptTemplateID, answers.RunTest, nil)
			},
			calls.Started{ExecutionID: uuid.MustParse("28880ddd-3639-4fc0-bd34-b2be43908d43"), Scenarios: 1, Calls: 3},
		},
		{
			"a prompt with some scenarios", "POST " + promptPath, `{"scenario_ids":["` + first.String() + `"],"select_all":false}`, "prompt-execute-200",
			func(c *Client) (calls.Started, error) {
				return c.ExecutePrompt(t.Context(), promptTemplateID, answers.RunTest, []uuid.UUID{first})
			},
			calls.Started{ExecutionID: uuid.MustParse("28880ddd-3639-4fc0-bd34-b2be43908d43"), Scenarios: 1, Calls: 3},
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{tc.line: always(200, chatSample(t, tc.sample))})
			c := newClient(t, w)
			got, err := tc.start(c)
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
			wantSent(t, w, exchange{tc.line, tc.body})
			if c.Dialect() != calls.DialectDeployed {
				t.Errorf("the dialect is %q: only the deployed server holds chats", c.Dialect())
			}
		})
	}
}

func TestServerWithoutSubsetsSaysSo(t *testing.T) {
	t.Parallel()
	c := newClient(t, serving(t, nil))
	_, err := c.StartSubset(t.Context(), answers.RunTest, []uuid.UUID{{1}})
	failure, ok := errors.AsType[*Error](err)
	if !errors.Is(err, ErrNoSubsets) || !ok || !failure.Unsent {
		t.Errorf("got %v", err)
	}
	// An unknown run test is another error.
	w := serving(t, map[string]http.HandlerFunc{"POST " + subsetPath: always(404, chatSample(t, "chat-execute-404"))})
	if _, err = newClient(t, w).StartSubset(t.Context(), answers.RunTest, []uuid.UUID{{1}}); errors.Is(err, ErrNoSubsets) || !isNotFound(err) {
		t.Errorf("got %v", err)
	}
	if _, err = c.StartSubset(t.Context(), answers.RunTest, nil); errors.Is(err, ErrNoSubsets) || c.Stats().Requests != 1 {
		t.Errorf("got %v: no scenarios are not all", err)
	}
}

func TestServerWithoutChatsSaysSo(t *testing.T) {
	t.Parallel()
	w := serving(t, nil)
	c := newClient(t, w)
	_, started := c.ChatExecute(t.Context(), answers.RunTest)
	_, placed := c.PlaceRows(t.Context(), answers.Execution, 1)
	_, begun := c.BeginChat(t.Context(), answers.Call)
	for _, err := range []error{started, placed, begun} {
		if !isNotFound(err) || !strings.HasSuffix(err.Error(), noChats) {
			t.Errorf("got %v, want %q in it", err, noChats)
		}
	}
	if _, err := c.ExecutePrompt(t.Context(), promptTemplateID, answers.RunTest, nil); !isNotFound(err) || !strings.HasSuffix(err.Error(), noPrompts) {
		t.Errorf("got %v, want %q in it", err, noPrompts)
	}
}

func TestRowsArePlacedUntilNoneAreLeft(t *testing.T) {
	t.Parallel()
	done, found := chatSample(t, "alk-batch-400-none-left"), chatSample(t, "batch-200")
	n := 0
	w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error {
		if n++; n == 1 {
			reply(w, 200, found)
		} else {
			reply(w, 400, done)
		}
		return nil
	}}
	c := newClient(t, w)
	got, err := c.PlaceRows(t.Context(), answers.Execution, 1000)
	want := []uuid.UUID{
		uuid.MustParse("40845c32-9177-4c55-9465-2259acb3b7b5"), uuid.MustParse("705fa441-a363-4144-91a0-1138c985d2aa"), uuid.MustParse("a01c1adf-e944-479b-894f-a30baddc91bd"),
	}
	if err != nil || got.Done || !slices.Equal(got.IDs, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err = c.PlaceRows(t.Context(), answers.Execution, 7); err != nil || !got.Done || got.IDs != nil {
		t.Errorf("got %v, %v", got, err)
	}
	wantSent(t, w, exchange{"POST " + exactBatchPath, `{"count":1000}`}, exchange{"POST " + exactBatchPath, `{"count":7}`})
}

func TestOlderServerIsAskedForRowsAtItsOwnEndpointForGood(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + batchPath: always(200, chatSample(t, "batch-200"))})
	c := newClient(t, w)
	for range 2 {
		if got, err := c.PlaceRows(t.Context(), answers.Execution, 1000); err != nil || len(got.IDs) != 3 {
			t.Errorf("got %v, %v", got, err)
		}
	}
	wantSent(t, w, exchange{"POST " + exactBatchPath, `{"count":1000}`}, exchange{"POST " + batchPath, `{}`}, exchange{"POST " + batchPath, `{}`})
}

// TestOnlyAMissingPathLeadsToTheOlderEndpoint: after any other error the first request may have
// been carried out, or a second would not help.
func TestOnlyAMissingPathLeadsToTheOlderEndpoint(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter) error{
		"unknown execution": func(w http.ResponseWriter) error {
			reply(w, 400, chatSample(t, "batch-400-unknown-execution"))
			return nil
		},
		"a failure":     func(w http.ResponseWriter) error { reply(w, 500, chatSample(t, "batch-500-prompt")); return nil },
		"a proxy's 502": func(w http.ResponseWriter) error { reply(w, 502, answers.Sample(t, "deployed/502.html")); return nil },
		"no answer":     func(http.ResponseWriter) error { return net.ErrClosed },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error { return answer(w) }}
			c := newClient(t, w)
			_, placed := c.PlaceRows(t.Context(), answers.Execution, 1)
			closed := c.CloseChat(t.Context(), answers.Call, calls.ChatEnd{Status: calls.Failed})
			if placed == nil || closed == nil || c.memory.lacks(opPlace) || c.memory.lacks(opClose) {
				t.Errorf("got %v and %v", placed, closed)
			}
			if got, want := w.lines(), []string{"POST " + exactBatchPath, "PATCH " + resultPath}; !slices.Equal(got, want) {
				t.Errorf("sent %v, want %v", got, want)
			}
		})
	}
}

// TestMissingPathsAreToldInManyWays: what names nothing that is missing is a missing path. An
// unknown call may be one too, on servers whose runner endpoint holds other calls: the older
// endpoint tells.
func TestMissingPathsAreToldInManyWays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		rows   bool // the rows are placed at the older endpoint too
	}{
		{"a page", 404, "<html><title>Not Found</title></html>", true},
		{"nothing", 404, "", true},
		{"Django REST framework", 404, `{"detail":"Not found."}`, true},
		{"FastAPI", 404, `{"detail":"Not Found"}`, true},
		{"a router", 404, "404 page not found", true},
		{"another method", 405, `{"detail":"Method \"PATCH\" not allowed."}`, true},
		{"unknown call", 404, chatSample(t, "send-404"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			missing := always(tc.status, tc.body)
			patched := "PATCH " + pathOfCall(answers.Call)
			w := serving(t, map[string]http.HandlerFunc{
				"PATCH " + resultPath: missing, "POST " + exactBatchPath: missing,
				patched: always(200, ofCall(chatSample(t, "patch-200-failed"))), "POST " + batchPath: always(200, chatSample(t, "batch-200")),
			})
			c := newClient(t, w)
			for range 2 {
				if err := c.CloseChat(t.Context(), answers.Call, calls.ChatEnd{Status: calls.Failed}); err != nil {
					t.Error(err)
				}
			}
			_, err := c.PlaceRows(t.Context(), answers.Execution, 1)
			want := []string{"PATCH " + resultPath, patched, patched, "POST " + exactBatchPath}
			if tc.rows {
				want = append(want, "POST "+batchPath)
			}
			if got := w.lines(); !slices.Equal(got, want) || (err == nil) != tc.rows {
				t.Errorf("sent %v, want %v; %v", got, want, err)
			}
			// A server that has neither path is asked for both again: it may have been a proxy.
			w = serving(t, map[string]http.HandlerFunc{"PATCH " + resultPath: missing, patched: missing})
			c = newClient(t, w)
			for range 2 {
				if err := c.CloseChat(t.Context(), answers.Call, calls.ChatEnd{Status: calls.Failed}); err == nil {
					t.Error("closed nowhere")
				}
			}
			if got, want := w.lines(), []string{"PATCH " + resultPath, patched, "PATCH " + resultPath, patched}; !slices.Equal(got, want) {
				t.Errorf("sent %v, want %v", got, want)
			}
		})
	}
}

// chatRequests are the requests that must never be sent twice, with their timeouts.
var chatRequests = map[string]struct {
	send     func(context.Context, *Client) error
	patience time.Duration
}{
	"chat-execute": {func(ctx context.Context, c *Client) error {
		_, err := c.ChatExecute(ctx, answers.RunTest)
		return err
	}, 30 * time.Second},
	"subset": {func(ctx context.Context, c *Client) error {
		_, err := c.StartSubset(ctx, answers.RunTest, []uuid.UUID{{1}})
		return err
	}, 30 * time.Second},
	"prompt": {func(ctx context.Context, c *Client) error {
		_, err := c.ExecutePrompt(ctx, promptTemplateID, answers.RunTest, nil)
		return err
	}, 2 * time.Minute},
	"rows": {func(ctx context.Context, c *Client) error {
		_, err := c.PlaceRows(ctx, answers.Execution, 5)
		return err
	}, 2 * time.Minute},
	"begin": {func(ctx context.Context, c *Client) error {
		_, err := c.BeginChat(ctx, answers.Call)
		return err
	}, 3 * time.Minute},
	"turn": {func(ctx context.Context, c *Client) error {
		_, err := c.SendTurn(ctx, answers.Call, nil, 0)
		return err
	}, 3 * time.Minute},
	"close": {func(ctx context.Context, c *Client) error {
		return c.CloseChat(ctx, answers.Call, calls.ChatEnd{Status: calls.Failed})
	}, 2 * time.Minute},
}

// TestChatRequestsAreSentOnce checks the rule of chat.md 0: the client never sends such a request
// again, not even if no connection was made.
func TestChatRequestsAreSentOnce(t *testing.T) {
	t.Parallel()
	status := func(status int, header ...string) func(http.ResponseWriter) error {
		return func(w http.ResponseWriter) error {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			reply(w, status, `{"detail":"what it says"}`)
			return nil
		}
	}
	cases := []struct {
		name            string
		answer          func(http.ResponseWriter) error
		kind            Kind
		unsent, refused bool
		after           time.Duration
	}{
		{"refused connection", func(http.ResponseWriter) error {
			return &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}, KindUnavailable, true, false, 0},
		{"broken connection", func(http.ResponseWriter) error { return net.ErrClosed }, KindUnavailable, false, false, 0},
		{"too many requests", status(429, "Retry-After", "7"), KindRateLimited, false, true, 7 * time.Second},
		{"busy", status(503, "Retry-After", "9"), KindUnavailable, false, true, 9 * time.Second},
		{"busy without end", status(503), KindUnavailable, false, true, 0},
		{"bad gateway", status(502), KindUnavailable, false, false, 0},
		{"gateway timeout", status(504), KindUnavailable, false, false, 0},
		{"request timeout", status(408), KindUnavailable, false, false, 0},
		{"failure", status(500), KindUnavailable, false, false, 0},
		{"bad request", status(400), KindRejected, true, false, 0},
		{"not found", status(404), KindNotFound, true, false, 0},
		{"redirect", status(302, "Location", "https://elsewhere.example.com/"), KindRedirected, false, false, 0},
		{"half an answer", func(w http.ResponseWriter) error { reply(w, 200, `{"status":true,"result":{"ou`); return nil }, KindUnavailable, false, false, 0},
		{"another answer", status(200), KindNonsense, false, false, 0},
	}
	for name, request := range chatRequests {
		for _, tc := range cases {
			t.Run(name+": "+tc.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error { return tc.answer(w) }}
					err := request.send(t.Context(), newClient(t, w))
					failure, ok := errors.AsType[*Error](err)
					if !ok || failure.Kind != tc.kind || failure.Unsent != tc.unsent || failure.Refused != tc.refused || failure.RetryAfter != tc.after {
						t.Errorf("got %#v, want %s, unsent %t, refused %t, after %s", err, tc.kind, tc.unsent, tc.refused, tc.after)
					}
					want := 1
					if name == "close" && tc.kind == KindNotFound {
						want = 2 // at the older endpoint too
					}
					if w.count() != want {
						t.Errorf("sent %v", w.lines())
					}
				})
			})
		}
	}
}
