package talk

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// noneLeft is the end of all batches, and what a key of another workspace is told
// (chat.md 3).
const noneLeft = "No remaining call executions to create. All scenarios and rows have been processed."

type started struct {
	Message     string      `json:"message"`
	ExecutionID uuid.UUID   `json:"execution_id"`
	RunTestID   uuid.UUID   `json:"run_test_id"`
	Status      string      `json:"status"`
	Scenarios   []uuid.UUID `json:"total_scenarios"`
}

// start is POST run-tests/{id}/chat-execute/: all scenarios, no body, not idempotent. The
// type of the agent is not looked at (chat.md 2).
func (h *Handler) start(id uuid.UUID, other bool, b map[string]json.RawMessage, now time.Time) api.Answer {
	if a, refused := h.RefuseAny(b); refused {
		return a
	}
	rt := h.w.FindRunTest(id, now)
	if rt == nil || other {
		return h.Problem(http.StatusNotFound, "Run test not found.")
	}
	if a, bad := h.Unready(rt.Scenarios); bad {
		return a
	}
	e := h.w.StartChats(chat.Plain, rt, rt.Scenarios, uuid.Nil, now)
	if e.Plan.ExecuteError != "" {
		return h.Problem(http.StatusInternalServerError, "Failed to execute test")
	}
	return api.Enveloped(http.StatusOK, started{"Test execution started successfully", e.ID, rt.ID, "pending", idsOf(rt.Scenarios)})
}

func idsOf(scenarios []*world.Scenario) []uuid.UUID {
	ids := make([]uuid.UUID, len(scenarios))
	for i, sc := range scenarios {
		ids[i] = sc.ID
	}
	return ids
}

type batch struct {
	Calls     []uuid.UUID `json:"call_execution_ids"`
	More      bool        `json:"has_more"`
	Scenarios []uuid.UUID `json:"batched_scenarios"`
}

// rows is POST test-executions/{id}/chat/call-executions/batch/ (chat.md 3).
func (h *Handler) rows(id uuid.UUID, other bool, b map[string]json.RawMessage, now time.Time) api.Answer {
	if a, refused := h.RefuseAny(b); refused {
		return a
	}
	e, a, bad := h.executionOf(id, now)
	if bad {
		return a
	}
	if other {
		return h.Problem(http.StatusBadRequest, noneLeft)
	}
	if e.RunTest.Prompt != nil {
		return h.batched(e, chat.Batch{}, chat.ErrPrompt)
	}
	made, err := e.Chat.BatchOpen(now)
	return h.batched(e, made, err)
}

// executionOf finds an execution that rows can be made for. One of calls that the server
// places has none left.
func (h *Handler) executionOf(id uuid.UUID, now time.Time) (*world.Execution, api.Answer, bool) {
	e, found := h.w.FindExecution(id, now)
	switch {
	case !found:
		return nil, h.Problem(http.StatusBadRequest, "Test execution not found"), true
	case e.Chat == nil && e.RunTest.Prompt == nil:
		return nil, h.Problem(http.StatusBadRequest, noneLeft), true
	}
	return e, api.Answer{}, false
}

// batched tells what a batch made.
func (h *Handler) batched(e *world.Execution, made chat.Batch, err error) api.Answer {
	switch {
	case errors.Is(err, chat.ErrPrompt), errors.Is(err, chat.ErrNoRows):
		return h.Problem(http.StatusInternalServerError, "Failed to fetch scenarios batch for chat execution")
	case err != nil:
		return h.Problem(http.StatusBadRequest, noneLeft)
	}
	e.Taken(made.Calls)
	out := batch{More: made.More, Scenarios: made.Scenarios}
	for _, c := range made.Calls {
		out.Calls = append(out.Calls, c.ID)
	}
	return api.Enveloped(http.StatusOK, out).Taking(made.Takes)
}
