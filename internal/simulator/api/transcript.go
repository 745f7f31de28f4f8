package api

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// showCall is GET call-executions/{id}/ (contract, section 3.8).
func (h *Handler) showCall(id uuid.UUID, now time.Time) Answer {
	c, found := h.w.FindCall(id, now)
	if !found {
		return h.missing("CallExecution", "Call execution not found")
	}
	if !h.deployed() {
		return ok(h.documentedRow(c, now))
	}
	return ok(h.deployedRow(c, now, true))
}

// fillDetail sets what only the detail has: transcript, recordings and the provider's
// payload.
func (h *Handler) fillDetail(c *world.Call, d *deployedRow, now time.Time) {
	if !c.Attempt.Over(now) || c.Attempt.Fails && !c.Outcome.Connects {
		return
	}
	lines := c.Transcript(now)
	if h.w.Options.Text {
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
	callID, reason := h.providerID(c, now), c.EndedReason(now)
	d.attributes = object{
		{"gen_ai.span.kind", "conversation"},
		{"raw_log", object{{"id", callID}, {"type", "inboundPhoneCall"}, {"status", "ended"}, {"endedReason", reason}, {"startedAt", h.stamp(c.Attempt.Started)}}},
		{"vapi.call_id", callID}, {"gen_ai.request.model", "gpt-4o"}, {"gen_ai.provider.name", "openai"},
		{"ended_reason", reason}, {"call.total_turns", len(lines)}, {"call.duration", d.seconds},
		{"call.participant_phone_number", phone(c)}, {"call.status", "ended"},
	}
	m, has := c.Measures(now)
	if !has {
		return
	}
	d.attributes = append(d.attributes, object{
		{"gen_ai.usage.input_tokens", m.TokensIn}, {"gen_ai.usage.output_tokens", m.TokensOut}, {"gen_ai.usage.total_tokens", m.TokensIn + m.TokensOut},
		{"call.user_wpm", float(m.UserWPM)}, {"call.bot_wpm", float(m.BotWPM)}, {"provider_transcript", h.spoken(c, lines)},
	}...)
}

// spoken returns what was said in the turns, without the tool calls.
func (h *Handler) spoken(c *world.Call, lines []story.Turn) []object {
	list := []object{}
	for _, t := range lines {
		if t.Role != story.RoleTool {
			list = append(list, object{{"role", t.Role}, {"content", c.Conversation().Say(t.Text)}})
		}
	}
	return list
}

// speech returns the transcript of a voice call. The simulated customer is user, the agent
// under test is assistant; tool turns have no end (contract, section 3.8).
func (h *Handler) speech(c *world.Call, lines []story.Turn) []object {
	made := h.stamp(c.Attempt.Ended)
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
		if t.Role == story.RoleTool {
			add("tool_calls", fmt.Sprintf(`[{"name": %q, "arguments": {"number": "%d"}}]`, t.Text, 4400+c.Row), 0)
			add("tool_call_result", c.Scenario.Script.ToolResult, 0)
			continue
		}
		text := c.Conversation().Say(t.Text)
		add(t.Role, text, 1000+60*len(text))
	}
	return list
}

// chat returns the transcript of a text call.
func (h *Handler) chat(c *world.Call, lines []story.Turn) []object {
	session := h.w.ID(story.ForTurn, story.Fold(c.ID))
	at := c.Attempt.Started
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
		at = at.Add(h.w.Span(2412 * time.Millisecond))
	}
	for _, t := range lines {
		if t.Role != story.RoleTool {
			add(t.Role, c.Conversation().Say(t.Text), nil)
			continue
		}
		arguments := fmt.Sprintf(`{"number": %d}`, 4400+c.Row)
		add(story.RoleAgent, "Let me check that.", []object{{
			{"id", "call_" + t.Text}, {"type", "function"}, {"function", object{{"name", t.Text}, {"arguments", arguments}}},
		}})
		add("tool", c.Scenario.Script.ToolResult, nil)
	}
	return list
}

func (h *Handler) turnID(c *world.Call, i int) uuid.UUID {
	return h.w.ID(story.ForTurn, story.Fold(c.ID), uint64(i)+1)
}
