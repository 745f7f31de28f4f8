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

// The chats of text agents are started here and held in converse.go. They are part of the
// deployed dialect alone: the four documents name none of these paths, and a server that has
// nothing but the documented API answers each with a page that says 404, which is an *Error of
// KindNotFound that is Unsent. An answer therefore settles the dialect.
//
// Each request is sent at most once, even when it was refused or never left: a twin of any of
// them costs calls or destroys one (chat.md 0). Whoever sends it looks before sending it again:
// when it is Unsent nothing was done, when it is Refused probably nothing, after RetryAfter;
// after anything else it may have been carried out.

// ErrNoSubsets is in the error of StartSubset when the server starts chats of all the scenarios
// of a run test only. Nothing was done then.
var ErrNoSubsets = errors.New("this server cannot start chats of only some of a run test's scenarios")

// Why a path may be absent.
const (
	noChats   = "this server may hold no chats: it is too old, or base-url is not the address of the API server"
	noPrompts = "this server may not run prompts: it is too old, or base-url is not the address of the API server"
)

// placeTimeout bounds a request that makes calls: the server reads several rows for each, and
// the vendor's runner makes them all in one (chat.md 8).
const placeTimeout = 2 * time.Minute

// runnerPath is the beginning of the endpoints that the vendor made for its own runner, in its
// source since 2026-08-05 (chat.md 8).
const runnerPath = "/simulate/api/alk-simulate/"

// sendOnce is a chat request: sent at most once, whatever becomes of it.
func sendOnce(op, method, path string, body any) request {
	r := postOnce(op, path, body, runTestInputs)
	r.method, r.tries, r.absent, r.quotes = method, 1, noChats, true
	return r
}

// ChatExecute starts an execution of all scenarios of a run test whose conversations are ours to
// hold. It makes no calls yet: see [Client.PlaceRows]. It is sent once. The server takes a run
// test of any kind, also of voice agents and prompts: look at it first (chat.md 2). An answer
// without an execution id is a failure that is not Unsent.
func (c *Client) ChatExecute(ctx context.Context, runTestID uuid.UUID) (calls.Started, error) {
	// The server refuses a body with anything in it.
	r := sendOnce("start chats", http.MethodPost, "/simulate/run-tests/"+runTestID.String()+"/chat-execute/", struct{}{})
	return c.start(ctx, r, runTestID)
}

// StartSubset is a ChatExecute of some of the run test's scenarios. When the server has no such
// request, errors.Is(err, ErrNoSubsets). Its executions end only with calls that are closed by
// the runner's own endpoint, as [Client.CloseChat] does (chat.md 8).
func (c *Client) StartSubset(ctx context.Context, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error) {
	r := sendOnce("start chats of some scenarios", http.MethodPost, runnerPath+"run-tests/"+runTestID.String()+"/test-executions/",
		map[string]any{"scenario_ids": scenarioIDs})
	r.inputs += " and scenario-ids"
	if len(scenarioIDs) == 0 {
		f := r.failure(KindRejected) // the server would start all
		f.Unsent, f.Err = true, errors.New("there are no scenarios to start")
		return calls.Started{}, f
	}
	started, err := c.start(ctx, r, runTestID)
	if failure, ok := errors.AsType[*Error](err); ok && failure.noRoute {
		failure.Err, failure.Hint = ErrNoSubsets, ""
	}
	return started, err
}

// ExecutePrompt starts a run test whose source is a prompt; no ids: all its scenarios. The
// server holds both sides of its conversations. It is sent once. No Calls in the answer means
// that there will be none: the ids are unknown, or the scenarios have no dataset. The server
// answers an unknown run test or prompt with a 500 like any other (chat.md 9).
func (c *Client) ExecutePrompt(ctx context.Context, templateID, runTestID uuid.UUID, scenarioIDs []uuid.UUID) (calls.Started, error) {
	fields := map[string]any{}
	if len(scenarioIDs) > 0 {
		fields["scenario_ids"] = scenarioIDs
		fields["select_all"] = false // with it, all but these
	}
	r := sendOnce("execute prompt", http.MethodPost,
		"/simulate/prompt-templates/"+templateID.String()+"/simulations/"+runTestID.String()+"/execute/", fields)
	r.inputs += " and scenario-ids"
	r.timeout = max(placeTimeout, c.timeout)
	r.absent = noPrompts
	return c.start(ctx, r, runTestID)
}

// start sends r, which starts an execution of a run test.
func (c *Client) start(ctx context.Context, r request, runTestID uuid.UUID) (calls.Started, error) {
	started, err := fetch(ctx, c, r, c.answers.Started)
	if err == nil {
		c.memory.learn(calls.DialectDeployed)
		c.memory.rememberExecution(started.ExecutionID, runTestID)
	}
	return started, err
}

// opPlace is the request that makes exactly as many calls as it is asked for.
const opPlace = "place chats"

// PlaceRows makes at most count of the calls of a chat execution that are still missing, and
// tells which. Ask until Done, one request at a time. Done at the first request says that there
// was nothing to make, or that the execution belongs to another workspace (chat.md 3). A server
// without the vendor's runner endpoints makes as many as it likes, up to 10, and two requests at
// once then make calls twice. A request that may have been carried out made calls that no later
// answer names: list the execution's calls.
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
	// The server refuses a body with anything in it.
	return c.place(ctx, sendOnce("place some chats", http.MethodPost,
		"/simulate/test-executions/"+executionID.String()+"/chat/call-executions/batch/", struct{}{}))
}

// place sends r, which makes calls.
func (c *Client) place(ctx context.Context, r request) (calls.PlacedRows, error) {
	r.timeout = max(placeTimeout, c.timeout)
	placed, err := fetch(ctx, c, r, c.answers.PlacedRows)
	failure, ok := errors.AsType[*Error](err)
	if ok && failure.Status == http.StatusBadRequest && dialect.IsNoneLeft(failure.Message.Raw()) {
		return calls.PlacedRows{Done: true}, nil
	}
	return placed, err
}
