package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// showExecution is GET test-executions/{id}/ (contract, section 3.7).
func (h *Handler) showExecution(r *Request, id uuid.UUID, q url.Values, now time.Time) Answer {
	if h.deployed() {
		if errs := checkQuery(q, "search", "page", "limit", "filters", "row_groups", "group_keys"); len(errs) > 0 {
			return h.invalid(errs)
		}
	} else if h.opts.RefuseLimit && q.Has("limit") {
		return h.Problem(http.StatusBadRequest, "limit: "+unknownField)
	}
	e, found := h.w.FindExecution(id, now)
	if !found {
		if h.deployed() {
			return h.Problem(http.StatusInternalServerError, "Failed to retrieve test execution: No TestExecution matches the given query.")
		}
		return h.missing("TestExecution", "")
	}
	notes, a, bad := h.filterNotes(q.Get("filters"))
	if bad {
		return a
	}
	e.NoteRead(now)
	rows := h.matching(strings.ToLower(q.Get("search")), e.Ordered(now), now)
	if h.deployed() {
		return h.deployedPage(e, r, q, rows, notes, now)
	}
	return h.documentedPage(e, q, rows, now)
}

// filterNotes checks the filters and returns error_messages. The simulator does not
// filter: it answers like a server that is given values it cannot use.
func (h *Handler) filterNotes(filters string) ([]string, Answer, bool) {
	notes := []string{}
	if filters == "" {
		return notes, Answer{}, false
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(filters), &items); err != nil {
		return nil, h.invalid(fieldErrors{{"filters", "invalid", "Value must be valid JSON."}}), true
	}
	for i, item := range items {
		_, column := item["column_id"]
		_, config := item["filter_config"]
		if h.deployed() && !(column && config) {
			return nil, h.invalid(fieldErrors{{"filters", "invalid", fmt.Sprintf("%d: Missing filter item keys: column_id, filter_config", i)}}), true
		}
		notes = append(notes, "Filters are not supported by the simulator.")
	}
	return notes, Answer{}, false
}

// matching returns the calls that the search finds. Only the documented API searches
// statuses (contract, section 3.7).
func (h *Handler) matching(search string, calls []*world.Call, now time.Time) []*world.Call {
	if search == "" {
		return calls
	}
	var found []*world.Call
	for _, c := range calls {
		text := c.Conversation().ScenarioName() + "\n" + phone(c)
		if !h.deployed() {
			text += "\n" + string(c.Status(now))
		}
		if strings.Contains(strings.ToLower(text), search) {
			found = append(found, c)
		}
	}
	return found
}

// deployedPage returns a page of the deployed server. A page out of range has no rows and
// fewer keys (contract, section 3.7).
func (h *Handler) deployedPage(e *world.Execution, r *Request, q url.Values, calls []*world.Call, notes []string, now time.Time) Answer {
	p := paging{page: number(q, "page", 1), limit: number(q, "limit", h.opts.PageSize), count: len(calls)}
	if e.Plan.Hostile {
		notes = append(notes, "Invalid filter: "+story.HostileTexts()[0], story.HostileTexts()[9])
	}
	status := e.Shown(now)
	if p.outside() {
		if !q.Has("limit") {
			p.limit = 30 // total_pages of this answer is computed with the serializer's default
		}
		return ok(object{
			{"count", p.count}, {"next", nil}, {"previous", nil}, {"results", []int{}}, {"total_pages", p.pages()}, {"current_page", p.page},
			{"column_order", h.columns(e)}, {"error_messages", notes}, {"status", status},
		})
	}
	from, to := p.bounds()
	to = min(to, max(len(calls)-e.Plan.MissingRows, from))
	rows := make([]object, 0, to-from)
	for _, c := range e.Shuffled(calls, p.page, p.limit, now)[from:to] {
		rows = append(rows, h.deployedRow(c, now, false))
	}
	a := ok(append(p.envelope(r, rows), object{
		{"column_order", h.columns(e)}, {"error_messages", notes}, {"status", status},
		{"provider", h.provider()}, {"agent_type", h.agentType()},
	}...))
	a.size = rowSize * (len(rows) + 1)
	return a
}

// documentedPage returns the flat object of get-test-execution.txt, which has no page
// information. limit is ignored.
func (h *Handler) documentedPage(e *world.Execution, q url.Values, calls []*world.Call, now time.Time) Answer {
	p := paging{page: number(q, "page", 1), limit: h.opts.PageSize, count: len(calls)}
	from, to := p.bounds()
	to = min(to, max(len(calls)-e.Plan.MissingRows, from))
	rows := make([]object, 0, to-from)
	for _, c := range calls[from:to] {
		rows = append(rows, h.documentedRow(c, now))
	}
	o := h.documentedExecution(e, now)
	at := slices.IndexFunc(o, func(m member) bool { return m.key == "success_rate" }) + 1
	a := ok(slices.Insert(o, at, member{"calls", rows}))
	a.size = rowSize * (len(rows) + 1) / 2
	return a
}

// documentedExecution returns the execution object of get-test-execution.txt, without its
// calls.
func (h *Handler) documentedExecution(e *world.Execution, now time.Time) object {
	t := e.Tally(now)
	var rate *float
	var duration *int
	if at, ended := e.CompletedAt(now); ended {
		rate = new(float(story.Round(percent(t.Completed, t.Total), 2)))
		duration = new(int(e.Since(at).Seconds()))
	}
	simulator := h.simulatorID(e)
	return object{
		{"id", e.ID}, {"run_test", e.RunTest.ID}, {"run_test_name", e.RunTest.Name}, {"agent_definition_name", agentName},
		{"status", e.Shown(now)}, {"error_reason", e.ErrorReason(now)},
		{"started_at", h.stamp(e.Began)}, {"completed_at", h.end(e, now)},
		{"total_scenarios", len(e.Scenarios)}, {"total_calls", t.Total}, {"completed_calls", t.Completed}, {"failed_calls", t.Failed},
		{"execution_metadata", object{}}, {"duration_seconds", duration}, {"success_rate", rate},
		{"created_at", h.stamp(e.Began)}, {"scenario_ids", scenarioIDs(e.Scenarios)},
		{"simulator_agent_name", simulatorName}, {"simulator_agent_id", simulator},
		{"agent_definition_used_name", agentName}, {"agent_definition_used_id", e.RunTest.Agent},
		{"calls_attempted", t.Attempted}, {"calls_connected_percentage", float(story.Round(percent(t.Connected, t.Attempted), 2))},
	}
}

// rowSize is the estimated size of an encoded row, in bytes.
const rowSize = 8 << 10

const simulatorName = "Default Simulator"

func (h *Handler) simulatorID(e *world.Execution) uuid.UUID {
	if e.Simulator != uuid.Nil {
		return e.Simulator
	}
	return h.w.ID(story.ForSimulator)
}
