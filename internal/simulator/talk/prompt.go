package talk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/chat"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

type promptStarted struct {
	Message     string      `json:"message"`
	ExecutionID uuid.UUID   `json:"execution_id"`
	RunTestID   uuid.UUID   `json:"run_test_id"`
	Status      string      `json:"status"`
	Scenarios   int         `json:"total_scenarios"`
	Calls       int         `json:"total_calls"`
	ScenarioIDs []uuid.UUID `json:"scenario_ids"`
}

// executePrompt is POST prompt-templates/{t}/simulations/{id}/execute/. What it does not
// know is an internal error, and a scenario that it does not know makes no call
// (chat.md 9).
func (h *Handler) executePrompt(template, id uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	ids := f.IDs("scenario_ids", false)
	all := f.Truth("select_all")
	if a, bad := h.Refuse(f); bad {
		return a
	}
	rt, known := h.w.KnownRunTest(id)
	if !known || rt.Prompt == nil || rt.Prompt.Template != template {
		return h.Problem(http.StatusInternalServerError, "Failed to execute simulation")
	}
	var scenarios []*world.Scenario
	var asked []uuid.UUID
	for _, sc := range rt.Scenarios {
		if named := slices.Contains(ids, sc.ID); len(ids) == 0 || named != all {
			scenarios = append(scenarios, sc)
		}
	}
	if asked = ids; len(ids) == 0 || all {
		asked = idsOf(scenarios)
	}
	if a, bad := h.Unready(scenarios); bad {
		return a
	}
	e := h.w.StartChats(chat.Prompt, rt, scenarios, uuid.Nil, now)
	return api.Enveloped(http.StatusOK, promptStarted{
		"Simulation execution started successfully", e.ID, rt.ID, "started", len(asked), len(e.Calls), asked,
	})
}

// createPrompt is POST prompt-templates/{t}/simulations/.
func (h *Handler) createPrompt(template uuid.UUID, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	rt := &world.RunTest{Created: now, Name: f.Text("name", true, 255)}
	version := f.Text("prompt_version_id", true, 0)
	ids := f.IDs("scenario_ids", true)
	rt.Description = f.Text("description", false, 0)
	for _, id := range f.IDs("dataset_row_ids", false) {
		rt.RowIDs = append(rt.RowIDs, id.String())
	}
	rt.Evals = h.Evals(f)
	rt.Tools = f.Truth("enable_tool_evaluation")
	p := h.w.Prompt()
	if f.Clean() && version != p.VersionName && version != p.Version.String() {
		f.Wrong("prompt_version_id", "invalid", fmt.Sprintf("Prompt version '%s' not found for this template.", version))
	}
	if a, bad := h.Refuse(f); bad {
		return a
	}
	if template != p.Template {
		return h.Problem(http.StatusNotFound, "Prompt template not found")
	}
	for _, id := range ids {
		if sc := h.w.FindScenario(id); sc != nil {
			rt.Scenarios = append(rt.Scenarios, sc)
		}
	}
	rt.Prompt = &p
	h.w.Create(rt)
	return api.Enveloped(http.StatusCreated, h.Shown(rt))
}

// ofTemplate are the run tests of a prompt, newest first.
func (h *Handler) ofTemplate(template uuid.UUID) []*world.RunTest {
	var found []*world.RunTest
	for _, rt := range slices.Backward(h.w.RunTests) {
		if rt.Prompt != nil && rt.Prompt.Template == template {
			found = append(found, rt)
		}
	}
	return found
}

type promptList struct {
	Count    int     `json:"count"`
	Page     int     `json:"page"`
	Limit    int     `json:"limit"`
	Results  []any   `json:"results"`
	Template subject `json:"prompt_template"`
}

type subject struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// listPrompts is GET prompt-templates/{t}/simulations/.
func (h *Handler) listPrompts(template uuid.UUID, r *api.Request) api.Answer {
	number := func(key string, otherwise int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(key)); err == nil && n > 0 {
			return n
		}
		return otherwise
	}
	found := h.ofTemplate(template)
	list := promptList{Count: len(found), Page: number("page", 1), Limit: number("limit", 10), Results: []any{}, Template: subject{template, api.PromptName}}
	from := min((list.Page-1)*list.Limit, len(found))
	for _, rt := range found[from:min(from+list.Limit, len(found))] {
		list.Results = append(list.Results, h.Shown(rt))
	}
	return api.Enveloped(http.StatusOK, list)
}

// showPrompt is GET prompt-templates/{t}/simulations/{id}/.
func (h *Handler) showPrompt(template, id uuid.UUID) api.Answer {
	for _, rt := range h.ofTemplate(template) {
		if rt.ID == id {
			return api.Enveloped(http.StatusOK, h.Shown(rt))
		}
	}
	return h.Problem(http.StatusNotFound, "Simulation not found")
}
