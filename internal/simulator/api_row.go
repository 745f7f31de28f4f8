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
func (h *Handler) deployedRow(c *call, now time.Time, detail bool) object {
	e := c.exec
	var d deployedRow
	if h.w.opts.Text {
		h.fillText(c, &d, now)
	} else {
		h.fillVoice(c, &d, now)
	}
	d.transcript, d.snapshots = []object{}, []object{}
	if detail {
		h.fillDetail(c, &d, now)
	} else {
		d.snapshots = h.snapshots(c)
	}
	outputs, metrics := evalOutputs(c, now)
	score, text := c.score(now), h.w.opts.Text
	skipped, skipReason := c.skipped(now)
	kind := h.agentType()
	if h.w.nativeText() {
		kind = "voice" // the voice workflow made the row
	}
	var start *string
	if c.now.connected(now) {
		start = new(h.stamp(c.now.started))
	}
	o := make(object, 0, 64)
	o = append(o, object{
		{"id", c.id}, {"service_provider_call_id", h.providerID(c, now)}, {"session_id", nil}, {"timestamp", h.stamp(c.updated(now))},
		{"call_type", "Inbound"}, {"status", c.status(now)}, {"duration", d.duration}, {"duration_seconds", d.seconds}, {"start_time", start},
		{"transcript", d.transcript}, {"scenario", c.conversation().Title()}, {"overall_score", score},
		{"response_time", voice(d.m, text, func(m *measures) any { return float(m.response) / 1000 })},
		{"response_time_ms", voice(d.m, text, func(m *measures) any { return m.response })},
		{"audio_url", h.audio(c, now)}, {"customer_name", d.customer}, {"eval_outputs", outputs}, {"eval_metrics", metrics},
		{"scenario_columns", d.columns}, {"ended_reason", c.endedReason(now)},
	}...)
	if e.simulator != uuid.Nil {
		o = append(o, object{{"simulator_agent_name", simulatorName}, {"simulator_agent_id", e.simulator}}...)
	}
	if !h.opts.OmitRelations {
		o = append(o, object{{"agent_definition_used_name", agentName}, {"agent_definition_used_id", e.runTest.agent}}...)
	}
	o = append(o, object{
		{"call_summary", voice(d.m, text, func(*measures) any { return c.conversation().Summary() })}, {"recordings", d.recordings},
		{"test_execution_id", e.id}, {"scenario_id", c.scenario.ID}, {"scenario_graph", d.graph}, {"scenario_graph_id", d.graphID},
	}...)
	o = h.appendNumbers(c, o, d.m, text)
	var csat *float64
	if text {
		csat = score
	}
	cents := voice(d.m, text, func(*measures) any { return cost(c.now.talk) })
	if c.now.undone(now) {
		cents = 0
	}
	o = append(o, object{
		{"csat_score", csat}, {"processing_skipped", skipped}, {"processing_skip_reason", skipReason},
		{"rerun_snapshots", d.snapshots}, {"is_snapshot", false}, {"snapshot_timestamp", nil}, {"rerun_type", nil}, {"original_call_execution_id", nil},
		{"tool_outputs", h.toolOutputs(c, now)}, {"cost_cents", cents},
		{"customer_cost_cents", nil}, {"customer_cost_breakdown", nil}, {"customer_latency_metrics", nil},
		{"customer_call_id", h.providerID(c, now)}, {"simulation_call_type", kind}, {"provider", d.provider}, {"phone_number", d.phone},
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
func (h *Handler) appendNumbers(c *call, o object, m *measures, text bool) object {
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

func (h *Handler) fillVoice(c *call, d *deployedRow, now time.Time) {
	d.phone = phone(c)
	d.customer, d.provider = d.phone, h.provider()
	d.columns = scenarioCells(c)
	d.graph, d.graphID = h.graphs.of(c.scenario), c.scenario.graphID
	if !c.now.over(now) {
		return
	}
	d.seconds = new(int(c.now.talk.Seconds()))
	d.duration = d.seconds
	if m, has := c.measures(now); has && c.final(now) {
		d.m = &m
	}
}

// fillText is for a chat: no graph and no dataset cells (API samples, call-detail-text).
// The hosted runner stores all messages in one go, so that the time between the first
// and the last is none (real-server.md, row 3).
func (h *Handler) fillText(c *call, d *deployedRow, now time.Time) {
	d.graph, d.phone = json.RawMessage(`{}`), ""
	if h.w.nativeText() {
		d.phone = phone(c)
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
func (h *Handler) documentedRow(c *call, now time.Time) object {
	outputs, _ := evalOutputs(c, now)
	var duration *int
	if c.now.over(now) {
		duration = new(int(c.now.talk.Seconds()))
	}
	transcript := []object{}
	if c.status(now).Terminal() {
		transcript = h.spoken(c, c.heard(now))
	}
	return object{
		{"id", c.id}, {"status", c.status(now)}, {"duration", duration}, {"transcript", transcript}, {"overall_score", c.score(now)},
		{"eval_outputs", outputs}, {"scenario", c.conversation().Title()}, {"created_at", h.stamp(c.now.created)},
	}
}

// snapshots are the attempts before reruns, as list rows embed them: the keys of the
// server's table, with results in their stored form (real-server.md, row 15, and the
// recorded answer real-voice-after-rerun).
func (h *Handler) snapshots(c *call) []object {
	list := make([]object, 0, len(c.past))
	for i := range c.past {
		list = append(list, h.snapshot(c, i))
	}
	return list
}

func (h *Handler) snapshot(c *call, i int) object {
	then, p := c.then(i)
	m, talked := then.measures(p.at)
	count := func(v int) any {
		if !talked {
			return nil
		}
		return v
	}
	number := func(v float64) any {
		if !talked {
			return nil
		}
		return float(v)
	}
	var started, ended, combined, stereo *string
	var seconds, cents *int
	if then.now.connected(p.at) {
		started = new(h.stamp(then.now.started))
	}
	if then.now.over(p.at) {
		ended, combined, stereo = new(h.stamp(then.now.ended)), new(recording(then, "combined")), new(recording(then, "stereo"))
		seconds, cents = new(int(then.now.talk.Seconds())), new(cost(then.now.talk))
	}
	var summary *string
	if talked {
		summary = new(then.conversation().Summary())
	}
	heard := then.heard(p.at)
	return object{
		{"id", h.w.id(forSnapshot, fold(c.id), uint64(i))}, {"snapshot_timestamp", h.stamp(p.at)}, {"rerun_type", p.rerun},
		{"service_provider_call_id", h.providerID(then, p.at)}, {"status", p.status}, {"started_at", started}, {"completed_at", nil}, {"ended_at", ended},
		{"duration_seconds", seconds}, {"recording_url", combined}, {"stereo_recording_url", stereo},
		{"cost_cents", cents}, {"stt_cost_cents", nil}, {"llm_cost_cents", nil}, {"tts_cost_cents", nil},
		{"call_summary", summary}, {"ended_reason", then.endedReason(p.at)}, {"overall_score", then.score(p.at)},
		{"response_time_ms", count(m.response)}, {"assistant_id", "asst_acme_01"}, {"customer_number", phone(c)}, {"call_type", "outbound"},
		{"message_count", len(heard)}, {"transcript_available", len(heard) > 0}, {"recording_available", combined != nil},
		{"eval_outputs", storedEvals(then, p.at)}, {"transcripts", []object{}}, {"analysis_data", nil}, {"evaluation_data", nil}, {"provider_call_data", nil},
		{"avg_agent_latency_ms", count(m.latency)}, {"user_interruption_count", count(m.interruptions)},
		{"user_interruption_rate", number(m.interruptionRate(then.now.talk))}, {"user_wpm", number(m.userWPM)}, {"bot_wpm", number(m.botWPM)},
		{"talk_ratio", number(m.talkRatio)}, {"ai_interruption_count", count(0)}, {"ai_interruption_rate", number(0)},
		{"avg_stop_time_after_interruption_ms", count(m.stop)}, {"conversation_metrics_data", nil},
	}
}
