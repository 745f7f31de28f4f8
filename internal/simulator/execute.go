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
func (s *Server) execute(id uuid.UUID, b body, now time.Time) answer {
	f := &form{body: b}
	scenarioIDs := f.ids("scenario_ids", false, true)
	simulator := f.id("simulator_id", false)
	f.boolean("select_all") // read and ignored, as on the server
	if a, bad := s.check(f, true); bad {
		return a
	}
	rt := s.findRunTest(id, now)
	if rt == nil {
		return s.missing("RunTest", "Run test not found")
	}
	if a, refused := s.gated(); refused {
		return a
	}
	scenarios := rt.scenarios
	if len(scenarioIDs) > 0 {
		scenarios = nil
		for _, id := range scenarioIDs {
			if sc := s.findScenario(id); sc != nil {
				scenarios = append(scenarios, sc)
			}
		}
	}
	if len(scenarios) == 0 {
		return s.problem(http.StatusBadRequest, "At least one scenario is required to execute the test.")
	}
	if a, bad := s.unready(scenarios); bad {
		return a
	}
	e := s.start(rt, scenarios, simulator, now)
	if reason := e.plan.ExecuteError; reason != "" {
		return s.problem(http.StatusBadRequest, "Failed to start test execution: "+reason)
	}
	ids := make([]string, len(scenarios))
	for i, sc := range scenarios {
		ids[i] = sc.id.String()
	}
	status, total := "started", 0
	switch {
	case !s.deployed():
		status, total = "PENDING", e.announced
	case s.opts.Agent == Text && s.opts.HostedText:
		total = len(e.calls)
	}
	return ok(object{
		{"message", "Test execution started successfully"}, {"execution_id", e.id}, {"run_test_id", rt.id},
		{"status", status}, {"total_scenarios", len(scenarios)}, {"total_calls", total}, {"scenario_ids", ids},
	})
}

// unready refuses scenarios that are not completed. In the deployed dialect the key
// result is an object then (contract, section 2).
func (s *Server) unready(scenarios []*scenario) (answer, bool) {
	var list []object
	var lines []string
	for _, sc := range scenarios {
		if sc.status == "Completed" {
			continue
		}
		list = append(list, object{{"id", sc.id}, {"name", sc.name}, {"status", sc.status}})
		lines = append(lines, fmt.Sprintf("id: %s; name: %s; status: %s", sc.id, sc.name, sc.status))
	}
	if len(list) == 0 {
		return answer{}, false
	}
	text := fmt.Sprintf("%d scenario(s) are not completed. Wait for them to finish or remove them from the selection.", len(list))
	if !s.deployed() {
		return s.problem(http.StatusBadRequest, text), true
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
func (s *Server) listExecutions(r *request, id uuid.UUID, q url.Values, now time.Time) answer {
	rt, known := s.runTestBy[id] // a list makes nothing up
	if !known {
		return s.missing("RunTest", "Run test not found.")
	}
	var found []*execution
	want, search := q.Get("status"), strings.ToLower(q.Get("search"))
	for i := len(rt.executions) - 1; i >= 0; i-- {
		e := rt.executions[i]
		if s.lags(e.began, now) {
			continue
		}
		e.advance(now)
		st := string(e.shown(now))
		if !s.deployed() {
			st = strings.ToUpper(st)
		}
		if want == "" || want == st {
			if strings.Contains(strings.ToLower(e.scenarioNames()), search) {
				found = append(found, e)
			}
		}
	}
	p := paging{page: 1, limit: number(q, "limit", s.opts.PageSize), count: len(found)}
	if q.Has("page") {
		p.page = number(q, "page", 0)
	}
	if p.outside() {
		return s.problem(http.StatusInternalServerError, "Failed to retrieve test executions: Invalid page.")
	}
	from, to := p.bounds()
	items := make([]object, 0, to-from)
	for _, e := range found[from:to] {
		e.noteRead(now)
		if s.deployed() {
			items = append(items, e.listed(now))
		} else {
			items = append(items, e.listedDocumented(now))
		}
	}
	return ok(p.envelope(r, items))
}

func (e *execution) scenarioNames() string {
	names := make([]string, len(e.scenarios))
	for i, sc := range e.scenarios {
		names[i] = sc.name
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
func (e *execution) listed(now time.Time) object {
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
	if e.s.opts.Agent == Text {
		chats = t.total
	}
	return object{
		{"id", e.id}, {"status", titleCase(e.shown(now))}, {"scenarios", e.scenarioNames()}, {"start_time", isoformat(e.began.Add(e.s.opts.Skew))},
		{"duration", int(talk.Seconds())}, {"error_reason", e.errorReason(now)},
		{"success_rate", float(round(percent(t.completed, t.total), 1))}, {"avg_response_time", float(round(ratio(response, n)/1000, 3))},
		{"calls", calls}, {"calls_attempted", t.attempted}, {"connected_calls", t.connected},
		{"agent_version", versionName}, {"agent_definition", agentName},
		{"calls_connected_percentage", float(round(percent(t.connected, t.attempted), 2))}, {"total_chats", chats},
		{"agent_type", e.s.opts.Agent}, {"total_number_of_fagi_agent_turns", 0}, {"source_type", "agent_definition"},
	}
}

// listedDocumented is an execution as the public docs list it, without its calls.
func (e *execution) listedDocumented(now time.Time) object {
	o := e.head(now)
	for i := range o {
		if o[i].key == "status" {
			o[i].value = strings.ToUpper(string(e.shown(now)))
		}
	}
	return o
}

// errorReason is why the execution failed, or null.
func (e *execution) errorReason(now time.Time) *string {
	if e.reason == "" || e.status(now) != StatusFailed {
		return nil
	}
	return new(e.reason)
}

// latestStatus is GET run-tests/{id}/status/: of the newest execution only (contract,
// section 3.6).
func (s *Server) latestStatus(id uuid.UUID, now time.Time) answer {
	rt := s.findRunTest(id, now)
	if rt == nil {
		return s.missing("RunTest", "Run test not found")
	}
	if len(rt.executions) == 0 {
		return ok(object{{"run_test_id", rt.id}, {"status", "not_found"}, {"error", "Test execution not found in database"}})
	}
	e := rt.executions[len(rt.executions)-1]
	e.advance(now)
	e.noteRead(now)
	t := e.tally(now)
	st := e.shown(now)
	end := s.end(e, now)
	return ok(object{
		{"run_test_id", rt.id}, {"execution_id", e.id}, {"status", st}, {"total_scenarios", len(e.scenarios)},
		{"total_calls", t.total}, {"completed_calls", t.completed + t.analyzing}, {"failed_calls", t.failed},
		{"success_rate", float(percent(t.completed, t.total))}, {"start_time", s.stamp(e.began)}, {"end_time", end},
		{"message", fmt.Sprintf("Test execution %s with %d successful and %d failed calls", st, t.completed, t.failed)},
	})
}

// end is completed_at: null until the execution has ended. On the deployed server it
// stays set during a rerun (real-server.md, additions).
func (s *Server) end(e *execution, now time.Time) *string {
	at, ended := e.completedAt(now)
	switch {
	case ended:
		return new(s.stamp(at))
	case s.deployed() && !e.finished.IsZero():
		return new(s.stamp(e.finished))
	}
	return nil
}

// noteRead notes that somebody saw the execution ended, so that a later rerun of its
// calls is a decision and no blind repetition.
func (e *execution) noteRead(now time.Time) {
	if e.status(now).Terminal() {
		e.readSerial = e.rerunSerial
	}
}
