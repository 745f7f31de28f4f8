package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// The ways of a rerun.
const (
	callAndEval = "call_and_eval"
	evalOnly    = "eval_only"
)

// rerunCalls is POST test-executions/{id}/rerun-calls/ (contract, section 3.9). The
// documented dialect wants and gives camelCase, the deployed one snake_case.
func (s *Server) rerunCalls(id uuid.UUID, b body, now time.Time) answer {
	typeKey, idsKey, allKey := "rerun_type", "call_execution_ids", "select_all"
	if !s.deployed() {
		typeKey, idsKey, allKey = "rerunType", "callExecutionIds", "selectAll"
	}
	f := &form{body: b}
	typ := f.choice(typeKey, evalOnly, callAndEval)
	ids := f.ids(idsKey, false, true)
	all, _ := f.boolean(allKey)
	if a, bad := s.check(f, false); bad {
		return a
	}
	if !all && len(ids) == 0 {
		return s.invalid(fieldErrors{{nonField, "invalid", fmt.Sprintf("Either '%s' must be True or '%s' must be provided", allKey, idsKey)}})
	}
	e, found := s.execBy[id]
	if !found {
		return s.missing("TestExecution", "Test execution not found")
	}
	e.advance(now)
	if typ == callAndEval {
		if a, refused := s.gated(); refused {
			return a
		}
		if s.opts.Agent == Text {
			return s.problem(http.StatusBadRequest, "Text/Chat agents only support 'eval_only' rerun type.")
		}
	}
	// The deployed server lets running and evaluating executions be rerun; the
	// documented API wants a terminal one.
	status := e.status(now)
	active := status == StatusPending || status == StatusCancelling
	if !s.deployed() {
		active = !status.Terminal()
	}
	if active {
		return s.problem(http.StatusBadRequest, fmt.Sprintf("Cannot rerun calls while test execution is in '%s' status. Wait for it to complete or cancel it first.", status))
	}
	calls, failed := e.chosen(ids, all)
	if len(calls) == 0 && s.deployed() {
		return s.problem(http.StatusBadRequest, "No call executions found that can be rerun.")
	}
	return e.rerun(typ, calls, failed, status, now)
}

// refusedRerun is a call that a rerun turned down.
type refusedRerun struct {
	id   string
	text string
}

// chosen are the calls that a rerun means. With select_all the ids are ignored in the
// documented dialect and excluded in the deployed one; unknown ids are reported in the
// documented dialect and dropped in the deployed one (contract, facts 16 and 17).
func (e *execution) chosen(ids []uuid.UUID, all bool) (calls []*call, refused []refusedRerun) {
	if all {
		for _, c := range e.calls {
			if !e.s.deployed() || !slices.Contains(ids, c.id) {
				calls = append(calls, c)
			}
		}
		return e.rejects(calls, nil)
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		c, found := e.s.callBy[id]
		switch {
		case seen[id]:
		case found && c.exec == e:
			calls = append(calls, c)
		case !e.s.deployed():
			refused = append(refused, refusedRerun{id.String(), "Call execution not found in this test execution"})
		}
		seen[id] = true
	}
	return e.rejects(calls, refused)
}

// rejects takes out the calls that the plan wants turned down.
func (e *execution) rejects(calls []*call, refused []refusedRerun) ([]*call, []refusedRerun) {
	var kept []*call
	for _, c := range calls {
		if text, no := e.plan.RerunRejects[c.index]; no {
			refused = append(refused, refusedRerun{c.id.String(), text})
		} else {
			kept = append(kept, c)
		}
	}
	return kept, refused
}

// rerun does it and answers.
func (e *execution) rerun(typ string, calls []*call, refused []refusedRerun, was Status, now time.Time) answer {
	s := e.s
	total := len(calls) + len(refused)
	entry := Rerun{ExecutionID: e.id, Type: typ, Was: was, At: now, CallIDs: callIDs(calls)}
	dispatch := e.plan.RerunDispatchError
	switch {
	case len(calls) == 0:
	case dispatch != "":
		entry.DispatchFailed = true
		for _, c := range calls {
			refused = append(refused, refusedRerun{c.id.String(), "Async dispatch failed: " + dispatch})
		}
		e.dispatchFailed(typ, calls, dispatch, now)
		calls = nil
	default:
		if typ == callAndEval {
			for _, c := range calls {
				if c.serial > e.readSerial {
					entry.Duplicates++
				}
			}
		}
		e.rerunSerial++
		for _, c := range calls {
			c.serial = e.rerunSerial
		}
		if typ == callAndEval {
			e.callAgain(calls, now)
		} else {
			e.judgeAgain(calls, now)
		}
	}
	s.ledger.Reruns = append(s.ledger.Reruns, entry)
	return e.rerunAnswer(typ, total, calls, refused, dispatch)
}

// dispatchFailed is what a rerun leaves behind that could not be dispatched: an
// eval_only one nothing, a call_and_eval one wiped, failed calls and a failed execution
// (contract, section 3.9; real-server.md, row 10).
func (e *execution) dispatchFailed(typ string, calls []*call, reason string, now time.Time) {
	if typ == evalOnly || !e.s.deployed() {
		return
	}
	for _, c := range calls {
		c.remember(now, callAndEval)
		c.now = attempt{
			n: c.now.n, created: c.now.created, asked: now, // of all at once: they tie
			stopped: now, stoppedAs: StatusFailed, stoppedFor: "Rerun dispatch failed: " + reason,
		}
	}
	e.enter(phase{kind: phaseCalls, began: now, ends: now, final: StatusFailed})
	e.order.quiet = e.lastChange()
}

func (e *execution) rerunAnswer(typ string, total int, calls []*call, refused []refusedRerun, dispatch string) answer {
	idKey := "call_execution_id"
	if !e.s.deployed() {
		idKey = "callExecutionId"
	}
	done := make([]string, len(calls))
	for i, c := range calls {
		done[i] = c.id.String()
	}
	failed := make([]object, len(refused))
	for i, r := range refused {
		failed[i] = object{{idKey, r.id}, {"error", r.text}}
	}
	if !e.s.deployed() {
		return ok(object{
			{"message", "Rerun initiated successfully"}, {"testExecutionId", e.id}, {"rerunType", typ}, {"totalProcessed", total},
			{"successfulReruns", done}, {"failedReruns", failed}, {"successCount", len(done)}, {"failureCount", len(failed)},
		})
	}
	message := "Bulk call execution rerun prepared and initiated successfully (" + typ + ")"
	var dispatchError *string
	if dispatch != "" {
		message = "Bulk call execution rerun prepared; async dispatch failed and can be retried (" + typ + ")"
		dispatchError = &dispatch
	}
	return ok(object{
		{"message", message}, {"test_execution_id", e.id}, {"rerun_type", typ}, {"total_processed", total},
		{"successful_reruns", done}, {"failed_reruns", failed}, {"success_count", len(done)}, {"failure_count", len(failed)},
		{"dispatch_error", dispatchError},
	})
}

func callIDs(calls []*call) []uuid.UUID {
	ids := make([]uuid.UUID, len(calls))
	for i, c := range calls {
		ids[i] = c.id
	}
	return ids
}
