package simulator

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// deployedRow is what of a deployed row depends on more than its call record.
type deployedRow struct {
	duration, graph, graphID, customer, provider any
	phone                                        string
	columns, attributes                          object
	recordings                                   object
	transcript, snapshots                        []object
	seconds                                      *int
	m                                            *measures // of the conversation, once it is processed
}

// deployedRow shows the call as the deployed server does: 63 fields in its order
// (contract, section 9), of which those with a dotted source can be missing: 61 where
// execute named no simulator agent. Only detail, GET call-executions/{id}/, has
// transcript, recordings and attributes, and it has no snapshots.
func (c *call) deployedRow(now time.Time, detail bool) object {
	e, s := c.exec, c.exec.s
	var d deployedRow
	if s.opts.Agent == Text {
		c.fillText(&d, now)
	} else {
		c.fillVoice(&d, now)
	}
	d.transcript, d.snapshots = []object{}, []object{}
	if detail {
		c.fillDetail(&d, now)
	} else {
		d.snapshots = c.snapshots()
	}
	outputs, metrics := c.evalOutputs(now)
	score, text := c.score(now), s.opts.Agent == Text
	skipped, skipReason := c.skipped(now)
	kind := s.opts.Agent
	if s.nativeText() {
		kind = Voice // the voice workflow made the row
	}
	var start *string
	if c.now.connected(now) {
		start = new(s.stamp(c.now.started))
	}
	o := make(object, 0, 64)
	o = append(o, object{
		{"id", c.id}, {"service_provider_call_id", c.providerID(now)}, {"session_id", nil}, {"timestamp", s.stamp(c.updated(now))},
		{"call_type", "Inbound"}, {"status", c.status(now)}, {"duration", d.duration}, {"duration_seconds", d.seconds}, {"start_time", start},
		{"transcript", d.transcript}, {"scenario", c.title()}, {"overall_score", score},
		{"response_time", voice(d.m, text, func(m *measures) any { return float(m.response) / 1000 })},
		{"response_time_ms", voice(d.m, text, func(m *measures) any { return m.response })},
		{"audio_url", c.audio(now)}, {"customer_name", d.customer}, {"eval_outputs", outputs}, {"eval_metrics", metrics},
		{"scenario_columns", d.columns}, {"ended_reason", c.endedReason(now)},
	}...)
	if e.simulator != uuid.Nil {
		o = append(o, object{{"simulator_agent_name", simulatorName}, {"simulator_agent_id", e.simulator}}...)
	}
	if !s.opts.OmitRelations {
		o = append(o, object{{"agent_definition_used_name", agentName}, {"agent_definition_used_id", e.runTest.agent}}...)
	}
	o = append(o, object{
		{"call_summary", voice(d.m, text, func(*measures) any { return c.summary() })}, {"recordings", d.recordings},
		{"test_execution_id", e.id}, {"scenario_id", c.scenario.id}, {"scenario_graph", d.graph}, {"scenario_graph_id", d.graphID},
	}...)
	o = c.appendNumbers(o, d.m, text)
	var csat *float
	if text {
		csat = score
	}
	cents := voice(d.m, text, func(*measures) any { return cost(c.now.talk) })
	if reached(c.now.overruled, now) {
		cents = 0
	}
	o = append(o, object{
		{"csat_score", csat}, {"processing_skipped", skipped}, {"processing_skip_reason", skipReason},
		{"rerun_snapshots", d.snapshots}, {"is_snapshot", false}, {"snapshot_timestamp", nil}, {"rerun_type", nil}, {"original_call_execution_id", nil},
		{"tool_outputs", c.toolOutputs(now)}, {"cost_cents", cents},
		{"customer_cost_cents", nil}, {"customer_cost_breakdown", nil}, {"customer_latency_metrics", nil},
		{"customer_call_id", c.providerID(now)}, {"simulation_call_type", kind}, {"provider", d.provider}, {"phone_number", d.phone},
	}...)
	if d.attributes != nil {
		o = append(o, member{"attributes", d.attributes})
	}
	return o
}

// voice is a value of a processed voice call, null otherwise.
func voice(m *measures, text bool, value func(*measures) any) any {
	if m == nil || text {
		return nil
	}
	return value(m)
}

// appendNumbers appends the fields from avg_agent_latency to agent_talk_percentage.
// Voice calls have latencies and interruptions, chats have tokens.
func (c *call) appendNumbers(o object, m *measures, text bool) object {
	spoken := func(value func(*measures) any) any { return voice(m, text, value) }
	typed := func(value func(*measures) any) any { return voice(m, !text, value) }
	latency := spoken(func(m *measures) any { return m.latency })
	var turns any
	if m != nil {
		turns = m.turns
	}
	return append(o, object{
		{"avg_agent_latency", latency}, {"avg_agent_latency_ms", latency},
		{"user_interruption_count", spoken(func(m *measures) any { return m.interruptions })},
		{"user_interruption_rate", spoken(func(m *measures) any { return float(m.interruptionRate(c.now.talk)) })},
		{"user_wpm", spoken(func(m *measures) any { return float(m.userWPM) })},
		{"bot_wpm", spoken(func(m *measures) any { return float(m.botWPM) })},
		{"talk_ratio", spoken(func(m *measures) any { return float(m.talkRatio) })},
		{"ai_interruption_count", spoken(func(*measures) any { return 0 })},
		{"ai_interruption_rate", spoken(func(*measures) any { return float(0) })},
		{"avg_stop_time_after_interruption", spoken(func(m *measures) any { return m.stop })},
		{"total_tokens", typed(func(m *measures) any { return m.tokensIn + m.tokensOut })},
		{"input_tokens", typed(func(m *measures) any { return m.tokensIn })},
		{"output_tokens", typed(func(m *measures) any { return m.tokensOut })},
		{"avg_latency_ms", typed(func(m *measures) any { return m.latency * 3 })},
		{"turn_count", turns},
		{"agent_talk_percentage", spoken(func(m *measures) any { return float(m.agentTalk) })},
	}...)
}

func (c *call) fillVoice(d *deployedRow, now time.Time) {
	d.phone = c.phone()
	d.customer, d.provider = d.phone, c.exec.s.provider()
	d.columns = c.scenarioColumns()
	d.graph, d.graphID = c.exec.s.graphs.of(c.scenario), c.scenario.graphID
	if !reached(c.now.ended, now) {
		return
	}
	d.seconds = new(int(c.now.talk.Seconds()))
	d.duration = d.seconds
	if m, has := c.measures(now); has && c.final(now) {
		d.m = &m
	}
}

// provider is that of the agent; the server knows none of a chat agent.
func (s *Server) provider() any {
	if s.opts.Agent == Text {
		return nil
	}
	return "vapi"
}

// fillText is for a chat: no graph and no dataset cells (API samples, call-detail-text).
// The hosted runner stores all messages in one go, so that the time between the first
// and the last is none (real-server.md, row 3).
func (c *call) fillText(d *deployedRow, now time.Time) {
	d.graph, d.phone = json.RawMessage(`{}`), ""
	if c.exec.s.nativeText() {
		d.phone = c.phone()
	}
	m, has := c.measures(now)
	if !has {
		return
	}
	d.duration = float(0)
	d.seconds = new(int(c.now.talk.Seconds()))
	if c.final(now) {
		d.m = &m
	}
}

// documentedRow shows the call with the eight fields of get-test-execution.txt.
func (c *call) documentedRow(now time.Time) object {
	outputs, _ := c.evalOutputs(now)
	var duration *int
	if reached(c.now.ended, now) {
		duration = new(int(c.now.talk.Seconds()))
	}
	transcript := []object{}
	if c.status(now).Terminal() {
		transcript = c.spoken(c.heard(now))
	}
	return object{
		{"id", c.id}, {"status", c.status(now)}, {"duration", duration}, {"transcript", transcript}, {"overall_score", c.score(now)},
		{"eval_outputs", outputs}, {"scenario", c.title()}, {"created_at", c.exec.s.stamp(c.now.created)},
	}
}
