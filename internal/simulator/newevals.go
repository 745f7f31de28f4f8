package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// runNewEvals is POST run-tests/{id}/run-new-evals/ (contract, section 3.11).
func (s *Server) runNewEvals(id uuid.UUID, b body, now time.Time) answer {
	f := &form{body: b}
	executionIDs := f.ids("test_execution_ids", false, true)
	all, _ := f.boolean("select_all")
	configIDs := f.ids("eval_config_ids", true, true)
	tools, setTools := f.boolean("enable_tool_evaluation")
	if a, bad := s.check(f, false); bad {
		return a
	}
	if !all && len(executionIDs) == 0 {
		return s.invalid(fieldErrors{{nonField, "invalid", "Either 'select_all' must be True or 'test_execution_ids' must be provided"}})
	}
	if len(configIDs) == 0 {
		return s.invalid(fieldErrors{{nonField, "invalid", "eval_config_ids cannot be empty"}})
	}
	rt, found := s.runTestBy[id]
	if !found {
		return s.missing("RunTest", "Run test not found")
	}
	if setTools {
		rt.tools = tools // kept even if what follows is refused
	}
	executions, a, bad := s.eligible(rt, executionIDs, all, now)
	if bad {
		return a
	}
	configs, a, bad := s.attachedEvals(rt, configIDs)
	if bad {
		return a
	}
	count, failed := 0, false
	for _, e := range executions {
		count += len(e.calls)
		failed = failed || e.plan.NewEvalsDispatchFails
	}
	if count == 0 {
		for _, e := range executions {
			e.enter(phase{kind: phaseEvals, began: now}) // the server's bug: for ever
		}
		return s.problem(http.StatusBadRequest, "No call executions found in the selected test executions.")
	}
	for _, e := range executions {
		e.rerunSerial++
		if failed {
			e.mark(configs, now, time.Time{})
		} else {
			e.judgeAnew(configs, now)
		}
		s.ledger.EvalRuns = append(s.ledger.EvalRuns, EvalRun{
			ExecutionID: e.id, EvalConfigIDs: evalIDs(configs), Calls: len(e.calls), DispatchFailed: failed, At: now,
		})
	}
	message := "Evaluations started successfully"
	switch {
	case failed && s.deployed():
		message = "New evaluations marked pending; async dispatch failed and can be retried."
	case s.deployed():
		message = "New evaluations dispatched successfully. Individual tasks will run in parallel."
	}
	return ok(object{{"message", message}, {"run_test_id", rt.id}, {"call_execution_count", count}})
}

// eligible are the executions that new evals run on. select_all means all completed
// ones in the documented dialect, and all but the ids in the deployed one, which then
// must all be completed.
func (s *Server) eligible(rt *runTest, ids []uuid.UUID, all bool, now time.Time) ([]*execution, answer, bool) {
	var found []*execution
	for _, e := range rt.executions {
		e.advance(now)
		named := slices.Contains(ids, e.id)
		switch {
		case !all && !named, all && s.deployed() && named:
			continue
		case all && !s.deployed() && e.status(now) != StatusCompleted:
			continue
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, s.problem(http.StatusBadRequest, "No test executions found to run evaluations on."), true
	}
	for _, e := range found {
		if e.status(now) != StatusCompleted {
			return nil, s.problem(http.StatusBadRequest, "Only test executions with COMPLETED status can have new evaluations run on them."), true
		}
	}
	return found, answer{}, false
}

// attachedEvals finds configs of the run test; each must be found, and only once.
func (s *Server) attachedEvals(rt *runTest, ids []uuid.UUID) ([]*evalConfig, answer, bool) {
	var configs []*evalConfig
	for _, id := range ids {
		i := slices.IndexFunc(rt.evals, func(c *evalConfig) bool { return c.id == id })
		if i < 0 && s.opts.AcceptUnknown && !s.elsewhere(id) && !s.ofAnother(rt, id) {
			i = len(rt.evals)
			rt.evals = append(rt.evals, s.madeUpEval(id))
			rt.evals[i].onRequest = true
		}
		if i < 0 || slices.Contains(configs, rt.evals[i]) {
			return nil, s.problem(http.StatusBadRequest, "One or more eval configs not found or do not belong to this run test."), true
		}
		configs = append(configs, rt.evals[i])
	}
	return configs, answer{}, false
}

// ofAnother reports whether an eval config belongs to another run test.
func (s *Server) ofAnother(rt *runTest, id uuid.UUID) bool {
	return slices.ContainsFunc(s.runTests, func(other *runTest) bool {
		return other != rt && slices.ContainsFunc(other.evals, func(c *evalConfig) bool { return c.id == id })
	})
}

// addEvalConfigs is POST run-tests/{id}/eval-configs/ (contract, section 3.11).
func (s *Server) addEvalConfigs(id uuid.UUID, b body, now time.Time) answer {
	f := &form{body: b}
	items, _ := f.list("evaluations_config", true, false)
	configs := s.inlineEvals(f, items)
	if a, bad := s.check(f, false); bad {
		return a
	}
	rt := s.findRunTest(id, now)
	if rt == nil {
		return s.missing("RunTest", "Run test not found")
	}
	for _, cfg := range configs {
		if slices.ContainsFunc(rt.evals, func(c *evalConfig) bool { return c.name == cfg.name }) {
			return s.problem(http.StatusBadRequest, fmt.Sprintf("An evaluation config with the name '%s' already exists in this run test. Please use a different name.", cfg.name))
		}
	}
	made := make([]object, len(configs))
	for i, cfg := range configs {
		rt.evals = append(rt.evals, cfg)
		made[i] = s.evalDetail(cfg)
	}
	return created(object{{"message", "Evaluation configs added successfully"}, {"created_eval_configs", made}, {"run_test_id", rt.id}})
}
