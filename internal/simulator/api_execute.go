package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// execute starts an execution (contract, section 3.2). It is not idempotent.
func (h *Handler) execute(id uuid.UUID, b body, now time.Time) answer {
	f := &form{body: b}
	scenarioIDs := f.ids("scenario_ids", false, true)
	simulator := f.id("simulator_id", false)
	f.boolean("select_all") // read and ignored, as on the server
	if a, bad := h.check(f, true); bad {
		return a
	}
	rt := h.w.findRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	if a, refused := h.gated(); refused {
		return a
	}
	scenarios := rt.scenarios
	if len(scenarioIDs) > 0 {
		scenarios = nil
		for _, id := range scenarioIDs {
			if sc := h.w.findScenario(id); sc != nil {
				scenarios = append(scenarios, sc)
			}
		}
	}
	if len(scenarios) == 0 {
		return h.problem(http.StatusBadRequest, "At least one scenario is required to execute the test.")
	}
	if a, bad := h.unready(scenarios); bad {
		return a
	}
	e := h.w.start(rt, scenarios, simulator, now)
	if reason := e.plan.ExecuteError; reason != "" {
		return h.problem(http.StatusBadRequest, "Failed to start test execution: "+reason)
	}
	ids := make([]string, len(scenarios))
	for i, sc := range scenarios {
		ids[i] = sc.ID.String()
	}
	status, total := "started", 0
	switch {
	case !h.deployed():
		status, total = "PENDING", e.announced
	case h.w.opts.Text && h.w.opts.HostedText:
		total = len(e.calls)
	}
	return ok(object{
		{"message", "Test execution started successfully"}, {"execution_id", e.id}, {"run_test_id", rt.id},
		{"status", status}, {"total_scenarios", len(scenarios)}, {"total_calls", total}, {"scenario_ids", ids},
	})
}

// unready refuses scenarios that are not completed. In the deployed dialect the key
// result is an object then (contract, section 2).
func (h *Handler) unready(scenarios []*scenario) (answer, bool) {
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
		return answer{}, false
	}
	text := fmt.Sprintf("%d scenario(s) are not completed. Wait for them to finish or remove them from the selection.", len(list))
	if !h.deployed() {
		return h.problem(http.StatusBadRequest, text), true
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

// listExecutions is GET run-tests/{id}/executions/, newest first. The deployed server
// prints statuses in Title Case and filters on lower case; the public docs have upper
// case both times (contract, section 3.5).
func (h *Handler) listExecutions(r *request, id uuid.UUID, q url.Values, now time.Time) answer {
	rt, known := h.w.runTestBy[id] // a list makes nothing up
	if !known {
		return h.missing("RunTest", "Run test not found.")
	}
	var found []*execution
	want, search := q.Get("status"), strings.ToLower(q.Get("search"))
	for i := len(rt.executions) - 1; i >= 0; i-- {
		e := rt.executions[i]
		if r.lags(e.began, now) {
			continue
		}
		e.advance(now)
		st := string(e.shown(now))
		if !h.deployed() {
			st = strings.ToUpper(st)
		}
		if want == "" || want == st {
			if strings.Contains(strings.ToLower(h.scenarioNames(e)), search) {
				found = append(found, e)
			}
		}
	}
	p := paging{page: 1, limit: number(q, "limit", h.opts.PageSize), count: len(found)}
	if q.Has("page") {
		p.page = number(q, "page", 0)
	}
	if p.outside() {
		return h.problem(http.StatusInternalServerError, "Failed to retrieve test executions: Invalid page.")
	}
	from, to := p.bounds()
	items := make([]object, 0, to-from)
	for _, e := range found[from:to] {
		e.noteRead(now)
		if h.deployed() {
			items = append(items, h.listed(e, now))
		} else {
			items = append(items, h.listedDocumented(e, now))
		}
	}
	return ok(p.envelope(r, items))
}

func (h *Handler) scenarioNames(e *execution) string {
	names := make([]string, len(e.scenarios))
	for i, sc := range e.scenarios {
		names[i] = sc.Name
	}
	return strings.Join(names, ", ")
}

// titleCase is how the deployed list prints a status.
func titleCase(st Status) string {
	if st == "" {
		return ""
	}
	return strings.ToUpper(string(st[:1])) + string(st[1:])
}

// listed is an execution as the deployed list shows it. calls is the stored column,
// 0 until the end; the others are counted.
func (h *Handler) listed(e *execution, now time.Time) object {
	t := e.tally(now)
	var talk time.Duration
	var response float64
	n := 0
	for _, c := range e.visible(now) {
		if m, has := c.measures(now); has {
			talk += c.now.talk
			response += float64(m.response)
			n++
		}
	}
	calls := 0
	if st := e.status(now); st == StatusCompleted || st == StatusFailed {
		calls = t.total
	}
	chats := 0
	if h.w.opts.Text {
		chats = t.total
	}
	return object{
		{"id", e.id}, {"status", titleCase(e.shown(now))}, {"scenarios", h.scenarioNames(e)}, {"start_time", isoformat(e.began.Add(h.opts.Skew))},
		{"duration", int(talk.Seconds())}, {"error_reason", e.errorReason(now)},
		{"success_rate", float(round(percent(t.completed, t.total), 1))}, {"avg_response_time", float(round(ratio(response, n)/1000, 3))},
		{"calls", calls}, {"calls_attempted", t.attempted}, {"connected_calls", t.connected},
		{"agent_version", versionName}, {"agent_definition", agentName},
		{"calls_connected_percentage", float(round(percent(t.connected, t.attempted), 2))}, {"total_chats", chats},
		{"agent_type", h.agentType()}, {"total_number_of_fagi_agent_turns", 0}, {"source_type", "agent_definition"},
	}
}

// listedDocumented is an execution as the public docs list it, without its calls.
func (h *Handler) listedDocumented(e *execution, now time.Time) object {
	o := h.head(e, now)
	for i := range o {
		if o[i].key == "status" {
			o[i].value = strings.ToUpper(string(e.shown(now)))
		}
	}
	return o
}

// latestStatus is GET run-tests/{id}/status/: of the newest execution only (contract,
// section 3.6).
func (h *Handler) latestStatus(id uuid.UUID, now time.Time) answer {
	rt := h.w.findRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	if len(rt.executions) == 0 {
		return ok(object{{"run_test_id", rt.id}, {"status", "not_found"}, {"error", "Test execution not found in database"}})
	}
	e := rt.executions[len(rt.executions)-1]
	e.advance(now)
	e.noteRead(now)
	t := e.tally(now)
	st := e.shown(now)
	end := h.end(e, now)
	return ok(object{
		{"run_test_id", rt.id}, {"execution_id", e.id}, {"status", st}, {"total_scenarios", len(e.scenarios)},
		{"total_calls", t.total}, {"completed_calls", t.completed + t.analyzing}, {"failed_calls", t.failed},
		{"success_rate", float(percent(t.completed, t.total))}, {"start_time", h.stamp(e.began)}, {"end_time", end},
		{"message", fmt.Sprintf("Test execution %s with %d successful and %d failed calls", st, t.completed, t.failed)},
	})
}

// end is completed_at: null until the execution has ended. On the deployed server it
// stays set during a rerun (real-server.md, additions).
func (h *Handler) end(e *execution, now time.Time) *string {
	at, ended := e.completedAt(now)
	switch {
	case ended:
		return new(h.stamp(at))
	case h.deployed() && !e.finished.IsZero():
		return new(h.stamp(e.finished))
	}
	return nil
}
