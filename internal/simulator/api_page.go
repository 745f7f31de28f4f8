package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// showExecution is GET test-executions/{id}/ (contract, section 3.7).
func (h *Handler) showExecution(r *request, id uuid.UUID, q url.Values, now time.Time) answer {
	if h.deployed() {
		if errs := checkQuery(q, "search", "page", "limit", "filters", "row_groups", "group_keys"); len(errs) > 0 {
			return h.invalid(errs)
		}
	} else if h.opts.RefuseLimit && q.Has("limit") {
		return h.problem(http.StatusBadRequest, "limit: "+unknownField)
	}
	e, found := h.w.findExecution(id, now)
	if !found {
		if h.deployed() {
			return h.problem(http.StatusInternalServerError, "Failed to retrieve test execution: No TestExecution matches the given query.")
		}
		return h.missing("TestExecution", "")
	}
	notes, a, bad := h.filterNotes(q.Get("filters"))
	if bad {
		return a
	}
	e.noteRead(now)
	rows := h.matching(e, strings.ToLower(q.Get("search")), e.ordered(now), now)
	if h.deployed() {
		return h.showDeployed(e, r, q, rows, notes, now)
	}
	return h.showDocumented(e, q, rows, now)
}

// filterNotes checks the filters. The simulator does not filter; like a server that is
// given values it cannot use, it says so in error_messages.
func (h *Handler) filterNotes(filters string) ([]string, answer, bool) {
	notes := []string{}
	if filters == "" {
		return notes, answer{}, false
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
	return notes, answer{}, false
}

// matching keeps the calls that the search finds; the deployed server does not search
// statuses, the documented API does.
func (h *Handler) matching(e *execution, search string, calls []*call, now time.Time) []*call {
	if search == "" {
		return calls
	}
	var found []*call
	for _, c := range calls {
		text := c.conversation().Title() + "\n" + phone(c)
		if !h.deployed() {
			text += "\n" + string(c.status(now))
		}
		if strings.Contains(strings.ToLower(text), search) {
			found = append(found, c)
		}
	}
	return found
}

// showDeployed is the page envelope of the deployed server. A page out of range has
// no rows and fewer keys.
func (h *Handler) showDeployed(e *execution, r *request, q url.Values, calls []*call, notes []string, now time.Time) answer {
	p := paging{page: number(q, "page", 1), limit: number(q, "limit", h.opts.PageSize), count: len(calls)}
	if e.plan.Hostile {
		notes = append(notes, "Invalid filter: "+HostileTexts()[0], HostileTexts()[9])
	}
	status := e.shown(now)
	if p.outside() {
		if !q.Has("limit") {
			p.limit = 30 // the server computes the pages of this answer with 30
		}
		return ok(object{
			{"count", p.count}, {"next", nil}, {"previous", nil}, {"results", []int{}}, {"total_pages", p.pages()}, {"current_page", p.page},
			{"column_order", h.columns(e)}, {"error_messages", notes}, {"status", status},
		})
	}
	from, to := p.bounds()
	to = min(to, max(len(calls)-e.plan.MissingRows, from))
	rows := make([]object, 0, to-from)
	for _, c := range e.shuffled(calls, p.page, p.limit, now)[from:to] {
		rows = append(rows, h.deployedRow(c, now, false))
	}
	a := ok(append(p.envelope(r, rows), object{
		{"column_order", h.columns(e)}, {"error_messages", notes}, {"status", status},
		{"provider", h.provider()}, {"agent_type", h.agentType()},
	}...))
	a.size = rowSize * (len(rows) + 1)
	return a
}

// showDocumented is the flat object of get-test-execution.txt. Its pages say nothing
// about themselves; limit is not known and does nothing.
func (h *Handler) showDocumented(e *execution, q url.Values, calls []*call, now time.Time) answer {
	p := paging{page: number(q, "page", 1), limit: h.opts.PageSize, count: len(calls)}
	from, to := p.bounds()
	to = min(to, max(len(calls)-e.plan.MissingRows, from))
	rows := make([]object, 0, to-from)
	for _, c := range calls[from:to] {
		rows = append(rows, h.documentedRow(c, now))
	}
	o := h.head(e, now)
	at := slices.IndexFunc(o, func(m member) bool { return m.key == "success_rate" }) + 1
	a := ok(slices.Insert(o, at, member{"calls", rows}))
	a.size = rowSize * (len(rows) + 1) / 2
	return a
}

// head is the documented execution without its calls.
func (h *Handler) head(e *execution, now time.Time) object {
	t := e.tally(now)
	ids := make([]string, len(e.scenarios))
	for i, sc := range e.scenarios {
		ids[i] = sc.ID.String()
	}
	var rate *float
	var duration *int
	if at, ended := e.completedAt(now); ended {
		rate = new(float(round(percent(t.completed, t.total), 2)))
		duration = new(int(e.since(at).Seconds()))
	}
	simulator := h.simulatorID(e)
	return object{
		{"id", e.id}, {"run_test", e.runTest.id}, {"run_test_name", e.runTest.name}, {"agent_definition_name", agentName},
		{"status", e.shown(now)}, {"error_reason", e.errorReason(now)},
		{"started_at", h.stamp(e.began)}, {"completed_at", h.end(e, now)},
		{"total_scenarios", len(e.scenarios)}, {"total_calls", t.total}, {"completed_calls", t.completed}, {"failed_calls", t.failed},
		{"execution_metadata", object{}}, {"duration_seconds", duration}, {"success_rate", rate},
		{"created_at", h.stamp(e.began)}, {"scenario_ids", ids},
		{"simulator_agent_name", simulatorName}, {"simulator_agent_id", simulator},
		{"agent_definition_used_name", agentName}, {"agent_definition_used_id", e.runTest.agent},
		{"calls_attempted", t.attempted}, {"calls_connected_percentage", float(round(percent(t.connected, t.attempted), 2))},
	}
}

// rowSize is about how long an encoded row is, in bytes.
const rowSize = 8 << 10

const simulatorName = "Default Simulator"

func (h *Handler) simulatorID(e *execution) uuid.UUID {
	if e.simulator != uuid.Nil {
		return e.simulator
	}
	return h.w.id(forSimulator)
}
