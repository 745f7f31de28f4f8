package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// deployedRow holds the parts of a row that differ between voice and text, or between list
// and detail.
type deployedRow struct {
	duration, graph, graphID, customer, provider any
	phone                                        string
	columns, attributes                          object
	recordings                                   object
	transcript, snapshots                        []object
	seconds                                      *int
	m                                            *story.Measures // nil until the conversation is processed
}

// deployedRow returns the call as the deployed server shows it: 63 fields in the server's
// order (contract, section 9), without those of relations that are null: 61 if execute
// named no simulator agent. Only the detail, GET call-executions/{id}/, has transcript,
// recordings and attributes; only list rows have snapshots.
func (h *Handler) deployedRow(c *world.Call, now time.Time, detail bool) object {
	e := c.Execution
	var d deployedRow
	switch {
	case c.Chat != nil:
		h.fillChat(c, &d, now)
	case h.w.Options.Text:
		h.fillText(c, &d, now)
	default:
		h.fillVoice(c, &d, now)
	}
	d.transcript, d.snapshots = []object{}, []object{}
	if detail {
		h.fillDetail(c, &d, now)
	} else {
		d.snapshots = h.snapshots(c)
	}
	outputs, metrics := evalOutputs(c, now)
	score, text := c.Score(now), h.w.Options.Text || c.Chat != nil
	skipped, skipReason := c.Skipped(now)
	kind := h.agentType()
	var tools any = h.toolOutputs(c, now)
	switch {
	case c.Chat != nil:
		kind, tools = "text", nil
	case h.w.NativeText():
		kind = "voice" // the voice workflow creates the row
	}
	var start *string
	if at, begun := c.StartedAt(now); begun {
		start = new(h.stamp(at))
	}
	o := make(object, 0, 64)
	o = append(o, object{
		{"id", c.ID}, {"service_provider_call_id", h.providerID(c, now)}, {"session_id", nil}, {"timestamp", h.stamp(c.Updated(now))},
		{"call_type", "Inbound"}, {"status", c.Status(now)}, {"duration", d.duration}, {"duration_seconds", d.seconds}, {"start_time", start},
		{"transcript", d.transcript}, {"scenario", c.Conversation().ScenarioName()}, {"overall_score", score},
		{"response_time", voice(d.m, text, func(m *story.Measures) any { return float(m.Response) / 1000 })},
		{"response_time_ms", voice(d.m, text, func(m *story.Measures) any { return m.Response })},
		{"audio_url", h.audio(c, now)}, {"customer_name", d.customer}, {"eval_outputs", outputs}, {"eval_metrics", metrics},
		{"scenario_columns", d.columns}, {"ended_reason", c.EndedReason(now)},
	}...)
	if e.Simulator != uuid.Nil {
		o = append(o, object{{"simulator_agent_name", simulatorName}, {"simulator_agent_id", e.Simulator}}...)
	}
	if !h.opts.OmitRelations && e.RunTest.Prompt == nil {
		o = append(o, object{{"agent_definition_used_name", agentName}, {"agent_definition_used_id", e.RunTest.Agent}}...)
	}
	o = append(o, object{
		{"call_summary", voice(d.m, text, func(*story.Measures) any { return c.Conversation().Summary() })}, {"recordings", d.recordings},
		{"test_execution_id", e.ID}, {"scenario_id", c.Scenario.ID}, {"scenario_graph", d.graph}, {"scenario_graph_id", d.graphID},
	}...)
	o = h.appendNumbers(c, o, d.m, text)
	var csat *float64
	if text {
		csat = score
	}
	cents := voice(d.m, text, func(*story.Measures) any { return c.Outcome.Cost(c.Attempt.Talk) })
	if c.Attempt.FailedAfterCancel(now) {
		cents = 0
	}
	o = append(o, object{
		{"csat_score", csat}, {"processing_skipped", skipped}, {"processing_skip_reason", skipReason},
		{"rerun_snapshots", d.snapshots}, {"is_snapshot", false}, {"snapshot_timestamp", nil}, {"rerun_type", nil}, {"original_call_execution_id", nil},
		{"tool_outputs", tools}, {"cost_cents", cents},
		{"customer_cost_cents", nil}, {"customer_cost_breakdown", nil}, {"customer_latency_metrics", nil},
		{"customer_call_id", h.providerID(c, now)}, {"simulation_call_type", kind}, {"provider", d.provider}, {"phone_number", d.phone},
	}...)
	if d.attributes != nil {
		o = append(o, member{"attributes", d.attributes})
	}
	return o
}

// voice returns a value of a processed voice call, nil for any other call.
func voice(m *story.Measures, text bool, value func(*story.Measures) any) any {
	if m == nil || text {
		return nil
	}
	return value(m)
}

// appendNumbers appends the fields from avg_agent_latency to agent_talk_percentage. Voice
// calls have latencies and interruptions, chats have tokens.
func (h *Handler) appendNumbers(c *world.Call, o object, m *story.Measures, text bool) object {
	spoken := func(value func(*story.Measures) any) any { return voice(m, text, value) }
	typed := func(value func(*story.Measures) any) any { return voice(m, !text, value) }
	latency := spoken(func(m *story.Measures) any { return m.Latency })
	var turns any
	if m != nil {
		turns = m.Turns
	}
	return append(o, object{
		{"avg_agent_latency", latency}, {"avg_agent_latency_ms", latency},
		{"user_interruption_count", spoken(func(m *story.Measures) any { return m.Interruptions })},
		{"user_interruption_rate", spoken(func(m *story.Measures) any { return float(m.InterruptionRate(c.Attempt.Talk)) })},
		{"user_wpm", spoken(func(m *story.Measures) any { return float(m.UserWPM) })},
		{"bot_wpm", spoken(func(m *story.Measures) any { return float(m.BotWPM) })},
		{"talk_ratio", spoken(func(m *story.Measures) any { return float(m.TalkRatio) })},
		{"ai_interruption_count", spoken(func(*story.Measures) any { return 0 })},
		{"ai_interruption_rate", spoken(func(*story.Measures) any { return float(0) })},
		{"avg_stop_time_after_interruption", spoken(func(m *story.Measures) any { return m.Stop })},
		{"total_tokens", typed(func(m *story.Measures) any { return m.TokensIn + m.TokensOut })},
		{"input_tokens", typed(func(m *story.Measures) any { return m.TokensIn })},
		{"output_tokens", typed(func(m *story.Measures) any { return m.TokensOut })},
		{"avg_latency_ms", typed(latencyOf)},
		{"turn_count", turns},
		{"agent_talk_percentage", spoken(func(m *story.Measures) any { return float(m.AgentTalk) })},
	}...)
}

// fillVoice sets the parts of a voice call.
func (h *Handler) fillVoice(c *world.Call, d *deployedRow, now time.Time) {
	d.phone = phone(c)
	d.customer, d.provider = d.phone, h.provider()
	d.columns = h.scenarioCells(c)
	d.graph, d.graphID = h.graphs.of(c.Scenario), c.Scenario.GraphID
	if !c.Attempt.Over(now) {
		return
	}
	d.seconds = new(int(c.Attempt.Talk.Seconds()))
	d.duration = d.seconds
	if m, has := c.Measures(now); has && c.Final(now) {
		d.m = &m
	}
}

// fillText sets the parts of a chat, which has no graph and no dataset cells (API samples,
// call-detail-text). The hosted runner stores all messages together, so duration, the time
// from the first to the last, is 0.0 (real-server.md, row 3).
func (h *Handler) fillText(c *world.Call, d *deployedRow, now time.Time) {
	d.graph, d.phone = json.RawMessage(`{}`), ""
	if h.w.NativeText() {
		d.phone = phone(c)
	}
	m, has := c.Measures(now)
	if !has {
		return
	}
	d.duration = float(0)
	d.seconds = new(int(c.Attempt.Talk.Seconds()))
	if c.Final(now) {
		d.m = &m
	}
}

// latencyOf is avg_latency_ms, null where nobody told any.
func latencyOf(m *story.Measures) any {
	if m.ChatLatency == 0 {
		return nil
	}
	return m.ChatLatency
}

// fillChat is for a chat that a client, or a prompt, held (chat.md 7).
func (h *Handler) fillChat(c *world.Call, d *deployedRow, now time.Time) {
	d.graph, d.phone, d.columns = json.RawMessage(`{}`), "", h.scenarioCells(c)
	if length, stored := c.Chat.Duration(now); stored {
		d.duration = float(story.Round(length.Seconds()*h.w.Options.Speed, 2))
	}
	d.seconds = c.Chat.Seconds()
	if m, has := c.Measures(now); has {
		d.m = &m
	}
}

// documentedRow returns the call with the eight fields of get-test-execution.txt.
func (h *Handler) documentedRow(c *world.Call, now time.Time) object {
	outputs, _ := evalOutputs(c, now)
	var duration *int
	if c.Attempt.Over(now) {
		duration = new(int(c.Attempt.Talk.Seconds()))
	}
	transcript := []object{}
	if c.Status(now).Terminal() {
		transcript = h.spoken(c, c.Transcript(now))
	}
	return object{
		{"id", c.ID}, {"status", c.Status(now)}, {"duration", duration}, {"transcript", transcript}, {"overall_score", c.Score(now)},
		{"eval_outputs", outputs}, {"scenario", c.Conversation().ScenarioName()}, {"created_at", h.stamp(c.Attempt.Created)},
	}
}

// snapshots returns rerun_snapshots, the attempts before reruns: the columns of the
// server's table, with results in their stored form (real-server.md, row 15, and the
// recorded answer real-voice-after-rerun).
func (h *Handler) snapshots(c *world.Call) []object {
	list := make([]object, 0, len(c.Past))
	for i := range c.Past {
		list = append(list, h.snapshot(c, i))
	}
	return list
}

func (h *Handler) snapshot(c *world.Call, i int) object {
	then, p := c.AtRerun(i)
	m, talked := then.Measures(p.At)
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
	if then.Attempt.Connected(p.At) {
		started = new(h.stamp(then.Attempt.Started))
	}
	if then.Attempt.Over(p.At) {
		ended, combined, stereo = new(h.stamp(then.Attempt.Ended)), new(recording(then, "combined")), new(recording(then, "stereo"))
		seconds, cents = new(int(then.Attempt.Talk.Seconds())), new(then.Outcome.Cost(then.Attempt.Talk))
	}
	var summary *string
	if talked {
		summary = new(then.Conversation().Summary())
	}
	heard := then.Transcript(p.At)
	return object{
		{"id", h.w.ID(story.ForSnapshot, story.Fold(c.ID), uint64(i))}, {"snapshot_timestamp", h.stamp(p.At)}, {"rerun_type", p.Rerun},
		{"service_provider_call_id", h.providerID(then, p.At)}, {"status", p.Status}, {"started_at", started}, {"completed_at", nil}, {"ended_at", ended},
		{"duration_seconds", seconds}, {"recording_url", combined}, {"stereo_recording_url", stereo},
		{"cost_cents", cents}, {"stt_cost_cents", nil}, {"llm_cost_cents", nil}, {"tts_cost_cents", nil},
		{"call_summary", summary}, {"ended_reason", then.EndedReason(p.At)}, {"overall_score", then.Score(p.At)},
		{"response_time_ms", count(m.Response)}, {"assistant_id", "asst_acme_01"}, {"customer_number", phone(c)}, {"call_type", "outbound"},
		{"message_count", len(heard)}, {"transcript_available", len(heard) > 0}, {"recording_available", combined != nil},
		{"eval_outputs", storedEvals(then, p.At)}, {"transcripts", []object{}}, {"analysis_data", nil}, {"evaluation_data", nil}, {"provider_call_data", nil},
		{"avg_agent_latency_ms", count(m.Latency)}, {"user_interruption_count", count(m.Interruptions)},
		{"user_interruption_rate", number(m.InterruptionRate(then.Attempt.Talk))}, {"user_wpm", number(m.UserWPM)}, {"bot_wpm", number(m.BotWPM)},
		{"talk_ratio", number(m.TalkRatio)}, {"ai_interruption_count", count(0)}, {"ai_interruption_rate", number(0)},
		{"avg_stop_time_after_interruption_ms", count(m.Stop)}, {"conversation_metrics_data", nil},
	}
}

// providerID returns the provider's id of a voice call, nil until it has ended.
func (h *Handler) providerID(c *world.Call, now time.Time) *string {
	if h.w.Options.Text || !c.Attempt.Over(now) {
		return nil
	}
	return new("call_" + c.ID.String()[:8])
}

// audio returns the URL of a voice call's recording, nil until it has ended.
func (h *Handler) audio(c *world.Call, now time.Time) *string {
	if h.providerID(c, now) == nil {
		return nil
	}
	return new(recording(c, "combined"))
}

func recording(c *world.Call, track string) string {
	return "https://recordings.example.com/" + c.ID.String() + "/" + track + ".wav"
}

// phone returns the simulated customer's number, in the range reserved for fiction.
func phone(c *world.Call) string { return fmt.Sprintf("+1415555%04d", (100+c.Index)%10000) }

// providerOf is what the page of an execution calls its provider.
func (h *Handler) providerOf(e *world.Execution) any {
	if e.RunTest.Prompt != nil {
		return "prompt"
	}
	return h.provider()
}

// typeOf is the type of the agent of a run test; a prompt makes a chat agent.
func (h *Handler) typeOf(rt *world.RunTest) string {
	if rt.Prompt != nil {
		return "text"
	}
	return h.agentType()
}

// provider returns the agent's provider, nil for a chat agent.
func (h *Handler) provider() any {
	if h.w.Options.Text {
		return nil
	}
	return "vapi"
}
