package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// listExecutions is GET run-tests/{id}/executions/, newest first. The deployed server
// prints statuses in Title Case and filters on lower case; the public docs have upper
// case both times (contract, section 3.5).
func (h *Handler) listExecutions(r *request, id uuid.UUID, q url.Values, now time.Time) answer {
	rt, known := h.w.knownRunTest(id) // a list makes nothing up
	if !known {
		return h.missing("RunTest", "Run test not found.")
	}
	var found []*execution
	want, search := q.Get("status"), strings.ToLower(q.Get("search"))
	for _, e := range slices.Backward(rt.history(now)) {
		if r.lags(e.began, now) {
			continue
		}
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
	history := rt.history(now)
	if len(history) == 0 {
		return ok(object{{"run_test_id", rt.id}, {"status", "not_found"}, {"error", "Test execution not found in database"}})
	}
	e := history[len(history)-1]
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
