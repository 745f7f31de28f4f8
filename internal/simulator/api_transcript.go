package simulator

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// showCall is GET call-executions/{id}/ (contract, section 3.8).
func (h *Handler) showCall(id uuid.UUID, now time.Time) answer {
	c, found := h.w.findCall(id, now)
	if !found {
		return h.missing("CallExecution", "Call execution not found")
	}
	if !h.deployed() {
		return ok(h.documentedRow(c, now))
	}
	return ok(h.deployedRow(c, now, true))
}

// fillDetail adds what only the detail has: transcript, recordings and the provider's
// payload.
func (h *Handler) fillDetail(c *call, d *deployedRow, now time.Time) {
	if !c.now.over(now) || c.now.fails && !c.out.Connects {
		return
	}
	lines := c.heard(now)
	if h.w.opts.Text {
		if len(lines) > 0 {
			d.transcript = h.chat(c, lines)
		}
		return
	}
	for _, track := range []string{"combined", "stereo", "customer", "assistant"} {
		d.recordings = append(d.recordings, member{track, recording(c, track)})
	}
	if len(lines) > 0 {
		d.transcript = h.speech(c, lines)
	}
	callID, reason := h.providerID(c, now), c.endedReason(now)
	d.attributes = object{
		{"gen_ai.span.kind", "conversation"},
		{"raw_log", object{{"id", callID}, {"type", "inboundPhoneCall"}, {"status", "ended"}, {"endedReason", reason}, {"startedAt", h.stamp(c.now.started)}}},
		{"vapi.call_id", callID}, {"gen_ai.request.model", "gpt-4o"}, {"gen_ai.provider.name", "openai"},
		{"ended_reason", reason}, {"call.total_turns", len(lines)}, {"call.duration", d.seconds},
		{"call.participant_phone_number", phone(c)}, {"call.status", "ended"},
	}
	m, has := c.measures(now)
	if !has {
		return
	}
	d.attributes = append(d.attributes, object{
		{"gen_ai.usage.input_tokens", m.tokensIn}, {"gen_ai.usage.output_tokens", m.tokensOut}, {"gen_ai.usage.total_tokens", m.tokensIn + m.tokensOut},
		{"call.user_wpm", float(m.userWPM)}, {"call.bot_wpm", float(m.botWPM)}, {"provider_transcript", h.spoken(c, lines)},
	}...)
}

// spoken is what was said in the given turns, without the tools.
func (h *Handler) spoken(c *call, lines []turn) []object {
	list := []object{}
	for _, t := range lines {
		if t.role != roleTool {
			list = append(list, object{{"role", t.role}, {"content", c.conversation().Say(t.text)}})
		}
	}
	return list
}

// speech is a voice transcript. The simulated customer is user, the agent under test
// is assistant; tool turns have no end.
func (h *Handler) speech(c *call, lines []turn) []object {
	made := h.stamp(c.now.ended)
	at := 640
	var list []object
	add := func(role, text string, length int) {
		end, endSeconds := 0, (*float)(nil)
		if length > 0 {
			end, endSeconds = at+length, new(float(at+length)/1000)
		}
		list = append(list, object{
			{"id", h.turnID(c, len(list))}, {"speaker_role", role}, {"content", text},
			{"start_time_ms", at}, {"start_time_seconds", float(at) / 1000}, {"end_time_ms", end}, {"end_time_seconds", endSeconds},
			{"confidence_score", float(1)}, {"created_at", made},
		})
		at += max(length, 50) + 350
	}
	for _, t := range lines {
		if t.role == roleTool {
			add("tool_calls", fmt.Sprintf(`[{"name": %q, "arguments": {"number": "%d"}}]`, t.text, 4400+c.row), 0)
			add("tool_call_result", c.scenario.script.toolResult, 0)
			continue
		}
		text := c.conversation().Say(t.text)
		add(t.role, text, 1000+60*len(text))
	}
	return list
}

// chat is the transcript of a text call.
func (h *Handler) chat(c *call, lines []turn) []object {
	session := h.w.id(forTurn, fold(c.id))
	at := c.now.started
	var list []object
	add := func(role, text string, calls []object) {
		content := object{{"role", role}, {"content", text}}
		if len(calls) > 0 {
			content = append(content, member{"tool_calls", calls})
		} else {
			calls = []object{}
		}
		list = append(list, object{
			{"id", h.turnID(c, len(list))}, {"role", role}, {"messages", []string{text}}, {"content", []object{content}},
			{"session_id", session}, {"tool_calls", calls}, {"created_at", h.stamp(at)},
		})
		at = at.Add(h.w.span(2412 * time.Millisecond))
	}
	for _, t := range lines {
		if t.role != roleTool {
			add(t.role, c.conversation().Say(t.text), nil)
			continue
		}
		arguments := fmt.Sprintf(`{"number": %d}`, 4400+c.row)
		add(roleAgent, "Let me check that.", []object{{
			{"id", "call_" + t.text}, {"type", "function"}, {"function", object{{"name", t.text}, {"arguments", arguments}}},
		}})
		add("tool", c.scenario.script.toolResult, nil)
	}
	return list
}

func (h *Handler) turnID(c *call, i int) uuid.UUID { return h.w.id(forTurn, fold(c.id), uint64(i)+1) }
