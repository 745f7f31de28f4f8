package talk

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

type provisioned struct {
	RunTestID   uuid.UUID   `json:"run_test_id"`
	ScenarioIDs []uuid.UUID `json:"scenario_ids"`
	Agent       uuid.UUID   `json:"agent_definition_id"`
}

// provision is POST alk-simulate/run-tests/provision/: a run test of scenarios that are
// there, or of one made for each persona (chat.md 8).
func (h *Handler) provision(b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	rt := &world.RunTest{Created: now, Name: f.Text("name", true, 255), Description: f.Text("description", false, 0)}
	rt.Agent = f.ID("agent_definition_id", false)
	f.Text("agent_name", false, 255)
	ids := f.IDs("scenario_ids", false)
	raw, given := f.Raw("personas")
	var personas []persona
	if given && json.Unmarshal(raw, &personas) != nil {
		f.Wrong("personas", "invalid", "Expected a list of personas.")
	}
	if f.Clean() && (len(ids) > 0) == (len(personas) > 0) {
		f.Wrong("", "invalid", "provide exactly one of 'scenario_ids' (reuse existing scenarios) or 'personas' (fabricate a scenario per persona)")
	}
	if a, bad := h.Refuse(f); bad {
		return a
	}
	if rt.Agent == uuid.Nil {
		rt.Agent = h.w.MakeAgent()
	} else if !h.w.KnowsAgent(rt.Agent) {
		return h.Problem(http.StatusNotFound, "Agent definition not found.")
	}
	for _, id := range ids {
		sc := h.w.FindScenario(id)
		if sc == nil {
			return h.Problem(http.StatusNotFound, "Scenario not found.")
		}
		rt.Scenarios = append(rt.Scenarios, sc)
	}
	for _, p := range personas {
		rt.Scenarios = append(rt.Scenarios, h.w.MakeScenario(rt.Name, story.Persona{Name: p.Name, Role: p.Role, Situation: p.Situation, Outcome: p.Outcome}))
	}
	h.Attach(rt)
	h.w.Create(rt)
	return api.Enveloped(http.StatusOK, provisioned{rt.ID, idsOf(rt.Scenarios), rt.Agent})
}

// persona is one of the body. What else it says of the person has no effect.
type persona struct {
	Name      string          `json:"name"`
	Role      string          `json:"role"`
	Situation string          `json:"situation"`
	Outcome   string          `json:"outcome"`
	Persona   json.RawMessage `json:"persona"`
}

type subset struct {
	ExecutionID uuid.UUID   `json:"test_execution_id"`
	RunTestID   uuid.UUID   `json:"run_test_id"`
	ScenarioIDs []uuid.UUID `json:"scenario_ids"`
	Scenarios   int         `json:"total_scenarios"`
	Status      string      `json:"status"`
}

// subset is POST alk-simulate/run-tests/{id}/test-executions/: all scenarios of the run
// test, or some.
func (h *Handler) subset(id uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	ids := f.IDs("scenario_ids", false)
	simulator := f.ID("simulator_agent_id", false)
	if a, bad := h.Refuse(f); bad {
		return a
	}
	rt := h.w.FindRunTest(id, now)
	if rt == nil {
		return h.Problem(http.StatusNotFound, "Run test not found.")
	}
	scenarios := rt.Scenarios
	if len(ids) > 0 {
		scenarios = nil
		for _, sc := range rt.Scenarios {
			if slices.Contains(ids, sc.ID) {
				scenarios = append(scenarios, sc)
			}
		}
		if len(scenarios) < len(ids) {
			return h.Problem(http.StatusBadRequest, "Some scenario_ids do not belong to this run test.")
		}
	}
	if a, bad := h.Unready(scenarios); bad {
		return a
	}
	e := h.w.StartChats(chat.Hosted, rt, scenarios, simulator, now)
	return api.Enveloped(http.StatusOK, subset{e.ID, rt.ID, idsOf(scenarios), len(scenarios), "pending"})
}

// lockedRows is POST alk-simulate/test-executions/{id}/batch/, also for executions that
// chat-execute started.
func (h *Handler) lockedRows(id uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	count := 10
	if raw, given := f.Raw("count"); given {
		switch {
		case json.Unmarshal(raw, &count) != nil:
			f.Wrong("count", "invalid", "A valid integer is required.")
		case count < 1:
			f.Wrong("count", "min_value", "Ensure this value is greater than or equal to 1.")
		}
	}
	if a, bad := h.Refuse(f); bad {
		return a
	}
	e, a, bad := h.executionOf(id, now)
	if bad {
		return a
	}
	if e.Chat == nil || e.Chat.Kind == chat.Prompt {
		return h.batched(e, chat.Batch{}, chat.ErrPrompt)
	}
	made, err := e.Chat.BatchLocked(count, now)
	return h.batched(e, made, err)
}

type ingested struct {
	CallID     uuid.UUID `json:"call_execution_id"`
	Status     string    `json:"status"`
	Dispatched *bool     `json:"eval_dispatched,omitempty"`
}

// result is PATCH alk-simulate/call-executions/{id}/result/. The transcript that may come
// along replaces nothing.
func (h *Handler) result(id uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	status := f.Choice("status", "completed", "failed", "cancelled")
	reason := f.Text("ended_reason", false, 10_000)
	f.Raw("transcript")
	var seconds *int
	if raw, given := f.Raw("duration_seconds"); given {
		var number float64
		if json.Unmarshal(raw, &number) != nil {
			f.Wrong("duration_seconds", "invalid", "A valid number is required.")
		}
		seconds = new(int(number))
	}
	if a, bad := h.Refuse(f); bad {
		return a
	}
	c, found := h.w.FindCall(id, now)
	if !found || c.Chat == nil {
		return h.Problem(http.StatusNotFound, "Call execution not found")
	}
	dispatched, takes := c.Chat.Result(story.Status(status), reason, seconds, now)
	return api.Enveloped(http.StatusOK, ingested{c.ID, "ingested", &dispatched}).Taking(takes)
}

// mark is PATCH alk-simulate/call-executions/{id}/status/.
func (h *Handler) mark(id uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	status := f.Choice("status", "pending", "queued", "ongoing", "analyzing", "completed", "failed", "cancelled")
	if a, bad := h.Refuse(f); bad {
		return a
	}
	c, found := h.w.FindCall(id, now)
	if !found || c.Chat == nil {
		return h.Problem(http.StatusNotFound, "Call execution not found")
	}
	c.Chat.Mark(story.Status(status), now)
	return api.Enveloped(http.StatusOK, ingested{CallID: c.ID, Status: status})
}
