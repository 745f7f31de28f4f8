package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// execute is POST run-tests/{id}/execute/ (contract, section 3.2). It is not idempotent.
func (h *Handler) execute(id uuid.UUID, b body, now time.Time) Answer {
	f := &form{body: b}
	chosen := f.ids("scenario_ids", false, true)
	simulator := f.id("simulator_id", false)
	f.boolean("select_all") // ignored, as on the server
	if a, bad := h.check(f, true); bad {
		return a
	}
	rt := h.w.FindRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	if a, refused := h.voiceGated(); refused {
		return a
	}
	scenarios := rt.Scenarios
	if len(chosen) > 0 {
		scenarios = nil
		for _, id := range chosen {
			if sc := h.w.FindScenario(id); sc != nil {
				scenarios = append(scenarios, sc)
			}
		}
	}
	if len(scenarios) == 0 {
		return h.Problem(http.StatusBadRequest, "At least one scenario is required to execute the test.")
	}
	if a, bad := h.unready(scenarios); bad {
		return a
	}
	e := h.w.Start(rt, scenarios, simulator, now)
	if reason := e.Plan.ExecuteError; reason != "" {
		return h.Problem(http.StatusBadRequest, "Failed to start test execution: "+reason)
	}
	status, total := "started", 0
	switch {
	case !h.deployed():
		status, total = "PENDING", e.Planned
	case h.w.Options.Text && h.w.Options.HostedText:
		total = len(e.Calls)
	}
	return ok(object{
		{"message", "Test execution started successfully"}, {"execution_id", e.ID}, {"run_test_id", rt.ID},
		{"status", status}, {"total_scenarios", len(scenarios)}, {"total_calls", total}, {"scenario_ids", scenarioIDs(scenarios)},
	})
}

// unready refuses scenarios that are not completed. In the deployed dialect result is then
// an object (contract, section 2).
func (h *Handler) unready(scenarios []*world.Scenario) (Answer, bool) {
	var list []object
	var lines []string
	for _, sc := range scenarios {
		if sc.Status == "Completed" {
			continue
		}
		list = append(list, object{{"id", sc.ID}, {"name", sc.Name}, {"status", sc.Status}})
		lines = append(lines, fmt.Sprintf("id: %s; name: %s; status: %s", sc.ID, sc.Name, sc.Status))
	}
	if len(list) == 0 {
		return Answer{}, false
	}
	text := fmt.Sprintf("%d scenario(s) are not completed. Wait for them to finish or remove them from the selection.", len(list))
	if !h.deployed() {
		return h.Problem(http.StatusBadRequest, text), true
	}
	a := envelope(http.StatusBadRequest, "", text,
		member{"attr", "scenarios"},
		member{"details", object{{"error", []string{"Scenarios incomplete"}}, {"detail", []string{text}}, {"scenarios", lines}}})
	o := a.body.(object)
	for i := range o {
		if o[i].key == "result" {
			o[i].value = object{{"error", "Scenarios incomplete"}, {"detail", text}, {"scenarios", list}}
		}
	}
	return a, true
}
