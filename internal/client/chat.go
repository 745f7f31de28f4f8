package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
)

// Chats of text agents are started here and held in converse.go. Only the deployed dialect has
// them: the documented API names none of these paths, and a server that has nothing else answers
// each with a 404 page, an *Error that is KindNotFound and Unsent. A successful start therefore
// shows the dialect.
//
// Each request is sent at most once, even if it was refused or no connection was made, because a
// second one costs calls or destroys one (chat.md 0). Before sending it again the caller has to
// look: nothing was done if the error is Unsent, and probably nothing if it is Refused, where
// RetryAfter says how long to wait; after any other error it may have been carried out.

// ErrNoSubsets is the cause of a StartSubset error if the server can only start all scenarios of
// a run test. Nothing was started.
var ErrNoSubsets = errors.New("this server cannot start chats for only some of a run test's scenarios")

// Hints for a path that the server does not have.
const (
	noChats   = "this server may not support chats: it is too old, or base-url is not the address of the API server"
	noPrompts = "this server may not support prompts: it is too old, or base-url is not the address of the API server"
)

// placeTimeout is for a request that creates calls. The server makes several queries for each,
// and the runner endpoint can create all of an execution at once (chat.md 8).
const placeTimeout = 2 * time.Minute

// runnerPath is the prefix of the endpoints for the vendor's own runner, which are in the
// server's source since 2026-08-05 (chat.md 8).
const runnerPath = "/simulate/api/alk-simulate/"

// sendOnce returns a chat request, which is never sent again.
func sendOnce(op, method, path string, body any) request {
	r := postOnce(op, path, body, runTestInputs)
	r.method, r.tries, r.absent, r.quotes = method, 1, noChats, true
	return r
}

// ChatExecute starts a chat execution of all scenarios of a run test. It creates no calls:
// [Client.PlaceRows] does. The server accepts run tests of voice agents and prompts too, so check
// the agent type first (chat.md 2). A response without an execution id is an error that is not
// Unsent.
func (c *Client) ChatExecute(ctx context.Context, runTestID uuid.UUID) (calls.Started, error) {
	// The server rejects a body with any key.
	r := sendOnce("start chats", http.MethodPost, "/simulate/run-tests/"+runTestID.String()+"/chat-execute/", struct{}{})
	return c.start(ctx, r, runTestID)
}

// StartSubset is like [Client.ChatExecute] for some of the run test's scenarios. If the server
// does not have the endpoint, errors.Is(err, ErrNoSubsets). Such an execution only ends if calls
// are closed through the runner endpoint, as [Client.CloseChat] does (chat.md 8).
func (c *Client) StartSubset(ctx context.Context, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error) {
	r := sendOnce("start chats of some scenarios", http.MethodPost, runnerPath+"run-tests/"+runTestID.String()+"/test-executions/",
		map[string]any{"scenario_ids": scenarioIDs})
	r.inputs += " and scenario-ids"
	if len(scenarioIDs) == 0 {
		f := r.failure(KindRejected) // the server would start all of them
		f.Unsent, f.Err = true, errors.New("there are no scenarios to start")
		return calls.Started{}, f
	}
	started, err := c.start(ctx, r, runTestID)
	if failure, ok := errors.AsType[*Error](err); ok && failure.noRoute {
		failure.Err, failure.Hint = ErrNoSubsets, ""
	}
	return started, err
}

// ExecutePrompt starts a run test whose source is a prompt, with all scenarios if no ids are
// given. The server holds both sides of the conversations. Calls is the real number here: 0 means
// that there will be none, because the ids are unknown or the scenarios have no dataset. For an
// unknown run test or prompt the server's 500 is the same as for any failure (chat.md 9).
func (c *Client) ExecutePrompt(ctx context.Context, templateID, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error) {
	fields := map[string]any{}
	if len(scenarioIDs) > 0 {
		fields["scenario_ids"] = scenarioIDs
		fields["select_all"] = false // true would exclude these
	}
	r := sendOnce("execute prompt", http.MethodPost,
		"/simulate/prompt-templates/"+templateID.String()+"/simulations/"+runTestID.String()+"/execute/", fields)
	r.inputs += " and scenario-ids"
	r.timeout = max(placeTimeout, c.timeout)
	r.absent = noPrompts
	return c.start(ctx, r, runTestID)
}

// start sends r, which starts an execution.
func (c *Client) start(ctx context.Context, r request, runTestID uuid.UUID) (calls.Started, error) {
	started, err := fetch(ctx, c, r, c.answers.Started)
	if err == nil {
		c.memory.learn(calls.DialectDeployed)
		c.memory.rememberExecution(started.ExecutionID, runTestID)
	}
	return started, err
}

// opPlace is the request that creates exactly as many calls as it asks for.
const opPlace = "place chats"

// PlaceRows creates up to count of an execution's missing calls and returns their ids. Repeat
// until Done, never two at once. If the very first request is Done, there is nothing to run or
// the execution belongs to another workspace (chat.md 3).
//
// A server without the runner endpoints ignores count and creates up to 10; two requests at once
// would create calls twice. After an error that is not Unsent, list the execution's calls: later
// responses do not name what an earlier request created.
func (c *Client) PlaceRows(ctx context.Context, executionID uuid.UUID, count int) (calls.PlacedRows, error) {
	if !c.memory.lacks(opPlace) {
		r := sendOnce(opPlace, http.MethodPost, runnerPath+"test-executions/"+executionID.String()+"/batch/",
			map[string]int{"count": count})
		placed, err := c.place(ctx, r)
		if failure, ok := errors.AsType[*Error](err); !ok || !failure.noRoute {
			return placed, err
		}
		c.memory.drop(opPlace)
	}
	// The server rejects a body with any key.
	return c.place(ctx, sendOnce("place some chats", http.MethodPost,
		"/simulate/test-executions/"+executionID.String()+"/chat/call-executions/batch/", struct{}{}))
}

// place sends r, which creates calls.
func (c *Client) place(ctx context.Context, r request) (calls.PlacedRows, error) {
	r.timeout = max(placeTimeout, c.timeout)
	placed, err := fetch(ctx, c, r, c.answers.PlacedRows)
	failure, ok := errors.AsType[*Error](err)
	if ok && failure.Status == http.StatusBadRequest && dialect.IsNoneLeft(failure.Message.Raw()) {
		return calls.PlacedRows{Done: true}, nil
	}
	return placed, err
}
