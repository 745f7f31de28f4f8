package api

import (
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

// listExecutions is GET run-tests/{id}/executions/, newest first. The deployed server
// shows statuses in Title Case and filters by lower case; the public docs have upper case
// for both (contract, section 3.5).
func (h *Handler) listExecutions(r *Request, id uuid.UUID, q url.Values, now time.Time) Answer {
	rt, known := h.w.KnownRunTest(id)
	if !known {
		return h.missing("RunTest", "Run test not found.")
	}
	var found []*world.Execution
	want, search := q.Get("status"), strings.ToLower(q.Get("search"))
	for _, e := range slices.Backward(rt.History(now)) {
		if r.omits(e.Began, now) {
			continue
		}
		st := string(e.Shown(now))
		if !h.deployed() {
			st = strings.ToUpper(st)
		}
		if want == "" || want == st {
			if strings.Contains(strings.ToLower(scenarioNames(e)), search) {
				found = append(found, e)
			}
		}
	}
	p := paging{page: 1, limit: number(q, "limit", h.opts.PageSize), count: len(found)}
	if q.Has("page") {
		p.page = number(q, "page", 0)
	}
	if p.outside() {
		return h.Problem(http.StatusInternalServerError, "Failed to retrieve test executions: Invalid page.")
	}
	from, to := p.bounds()
	items := make([]object, 0, to-from)
	for _, e := range found[from:to] {
		e.NoteRead(now)
		if h.deployed() {
			items = append(items, h.listItem(e, now))
		} else {
			items = append(items, h.documentedListItem(e, now))
		}
	}
	return ok(p.envelope(r, items))
}

func scenarioNames(e *world.Execution) string {
	if len(e.Scenarios) == 0 && e.Chat != nil {
		return "No scenarios"
	}
	names := make([]string, len(e.Scenarios))
	for i, sc := range e.Scenarios {
		names[i] = sc.Name
	}
	return strings.Join(names, ", ")
}

// titleCase returns a status as the deployed list shows it.
func titleCase(st story.Status) string {
	if st == "" {
		return ""
	}
	return strings.ToUpper(string(st[:1])) + string(st[1:])
}

// listItem returns an execution as the deployed list shows it. calls is a stored column, 0
// until the end; the other numbers are live counts (contract, section 3.5).
func (h *Handler) listItem(e *world.Execution, now time.Time) object {
	t := e.Tally(now)
	var talk time.Duration
	var response float64
	n := 0
	for _, c := range e.Visible(now) {
		if m, has := c.Measures(now); has {
			talk += c.Talked()
			response += float64(m.Response)
			n++
		}
	}
	calls := 0
	if st := e.Status(now); st == story.StatusCompleted || st == story.StatusFailed {
		calls = t.Total
	}
	chats := 0
	if h.w.Options.Text || e.Chat != nil {
		chats = t.Total
	}
	said := 0
	for _, c := range e.Visible(now) {
		if c.Chat != nil {
			said += c.Chat.Counts(now).Customer
		}
	}
	version, agent, typ, source := e.AgentVersion, agentName, h.agentType(), "agent_definition"
	if p := e.RunTest.Prompt; p != nil {
		version, agent, typ, source = p.VersionName, PromptName, "TEXT", "prompt"
	}
	return object{
		{"id", e.ID}, {"status", titleCase(e.Shown(now))}, {"scenarios", scenarioNames(e)}, {"start_time", isoformat(e.Began.Add(h.opts.Skew))},
		{"duration", int(talk.Seconds())}, {"error_reason", e.ErrorReason(now)},
		{"success_rate", float(story.Round(percent(t.Completed, t.Total), 1))}, {"avg_response_time", float(story.Round(ratio(response, n)/1000, 3))},
		{"calls", calls}, {"calls_attempted", t.Attempted}, {"connected_calls", t.Connected},
		{"agent_version", version}, {"agent_definition", agent},
		{"calls_connected_percentage", float(story.Round(percent(t.Connected, t.Attempted), 2))}, {"total_chats", chats},
		{"agent_type", typ}, {"total_number_of_fagi_agent_turns", said}, {"source_type", source},
	}
}

// documentedListItem returns an execution as the public docs list it, without its calls.
func (h *Handler) documentedListItem(e *world.Execution, now time.Time) object {
	o := h.documentedExecution(e, now)
	for i := range o {
		if o[i].key == "status" {
			o[i].value = strings.ToUpper(string(e.Shown(now)))
		}
	}
	return o
}

// latestStatus is GET run-tests/{id}/status/, of the newest execution only (contract,
// section 3.6).
func (h *Handler) latestStatus(id uuid.UUID, now time.Time) Answer {
	rt := h.w.FindRunTest(id, now)
	if rt == nil {
		return h.missing("RunTest", "Run test not found")
	}
	history := rt.History(now)
	if len(history) == 0 {
		return ok(object{{"run_test_id", rt.ID}, {"status", "not_found"}, {"error", "Test execution not found in database"}})
	}
	e := history[len(history)-1]
	e.NoteRead(now)
	t := e.Tally(now)
	st := e.Shown(now)
	end := h.end(e, now)
	return ok(object{
		{"run_test_id", rt.ID}, {"execution_id", e.ID}, {"status", st}, {"total_scenarios", len(e.Scenarios)},
		{"total_calls", t.Total}, {"completed_calls", t.Completed + t.Analyzing}, {"failed_calls", t.Failed},
		{"success_rate", float(percent(t.Completed, t.Total))}, {"start_time", h.stamp(e.Began)}, {"end_time", end},
		{"message", fmt.Sprintf("Test execution %s with %d successful and %d failed calls", st, t.Completed, t.Failed)},
	})
}

// end returns completed_at, nil until the execution has ended. On the deployed server it
// stays set during a rerun (real-server.md, additions).
func (h *Handler) end(e *world.Execution, now time.Time) *string {
	at, ended := e.CompletedAt(now)
	switch {
	case ended:
		return new(h.stamp(at))
	case h.deployed() && !e.Finished.IsZero():
		return new(h.stamp(e.Finished))
	}
	return nil
}
