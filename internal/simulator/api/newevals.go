package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// runNewEvals is POST run-tests/{id}/run-new-evals/ (contract, section 3.11).
func (h *Handler) runNewEvals(id uuid.UUID, b body, now time.Time) Answer {
	f := &form{body: b}
	executionIDs := f.ids("test_execution_ids", false, true)
	all, _ := f.boolean("select_all")
	configIDs := f.ids("eval_config_ids", true, true)
	tools, setTools := f.boolean("enable_tool_evaluation")
	if a, bad := h.check(f, false); bad {
		return a
	}
	if !all && len(executionIDs) == 0 {
		return h.invalid(fieldErrors{{nonField, "invalid", "Either 'select_all' must be True or 'test_execution_ids' must be provided"}})
	}
	if len(configIDs) == 0 {
		return h.invalid(fieldErrors{{nonField, "invalid", "eval_config_ids cannot be empty"}})
	}
	rt, found := h.w.KnownRunTest(id)
	if !found {
		return h.missing("RunTest", "Run test not found")
	}
	if setTools {
		rt.Tools = tools // saved even if the request is refused later
	}
	executions, a, bad := h.eligible(rt, executionIDs, all, now)
	if bad {
		return a
	}
	configs, attached := h.w.Attached(rt, configIDs)
	if !attached {
		return h.Problem(http.StatusBadRequest, "One or more eval configs not found or do not belong to this run test.")
	}
	count, failed := h.w.RunNewEvals(executions, configs, now)
	if count == 0 {
		return h.Problem(http.StatusBadRequest, "No call executions found in the selected test executions.")
	}
	message := "Evaluations started successfully"
	switch {
	case failed && h.deployed():
		message = "New evaluations marked pending; async dispatch failed and can be retried."
	case h.deployed():
		message = "New evaluations dispatched successfully. Individual tasks will run in parallel."
	}
	return ok(object{{"message", message}, {"run_test_id", rt.ID}, {"call_execution_count", count}})
}

// eligible returns the executions that new evals run on. select_all (all) selects the
// completed ones in the documented dialect. In the deployed one it selects all but the
// ids, and one that is not completed is an error.
func (h *Handler) eligible(rt *world.RunTest, ids []uuid.UUID, all bool, now time.Time) ([]*world.Execution, Answer, bool) {
	var found []*world.Execution
	for _, e := range rt.History(now) {
		named := slices.Contains(ids, e.ID)
		switch {
		case !all && !named, all && h.deployed() && named:
			continue
		case all && !h.deployed() && e.Status(now) != story.StatusCompleted:
			continue
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, h.Problem(http.StatusBadRequest, "No test executions found to run evaluations on."), true
	}
	for _, e := range found {
		if e.Status(now) != story.StatusCompleted {
			return nil, h.Problem(http.StatusBadRequest, "Only test executions with COMPLETED status can have new evaluations run on them."), true
		}
	}
	return found, Answer{}, false
}

// addEvalConfigs is POST run-tests/{id}/eval-configs/ (contract, section 3.11).
func (h *Handler) addEvalConfigs(id uuid.UUID, b body, now time.Time) Answer {
	f := &form{body: b}
	items, _ := f.list("evaluations_config", true, false)
	configs := h.inlineEvals(f, items)
	if a, bad := h.check(f, false); bad {
		return a
	}
	rt := h.w.FindRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	for _, cfg := range configs {
		if slices.ContainsFunc(rt.Evals, func(c *world.EvalConfig) bool { return c.Name == cfg.Name }) {
			return h.Problem(http.StatusBadRequest, fmt.Sprintf("An evaluation config with the name '%s' already exists in this run test. Please use a different name.", cfg.Name))
		}
	}
	made := make([]object, len(configs))
	for i, cfg := range configs {
		rt.Evals = append(rt.Evals, cfg)
		made[i] = h.evalDetail(cfg)
	}
	return created(object{{"message", "Evaluation configs added successfully"}, {"created_eval_configs", made}, {"run_test_id", rt.ID}})
}
